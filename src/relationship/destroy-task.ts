import { scrubRelationshipStatements } from "../db/ended-relationships.ts";
import { listCountedHours } from "../domain/parting/page-store.ts";
import { isNeededByNobody } from "../domain/parting/pages.ts";
import { DAY_MS } from "../protocol/limits.ts";
import type { TaskParts } from "./tasks.ts";

const FILES_PER_PAGE = 1_000;

/**
 * The end of an object: once every part of it was taken, declined or deleted, its files go, then what the directory knows
 * of it, then the object itself. Looked at daily until then. The job stays planned to the last, so that whatever is cut
 * off is repeated.
 */
export async function destroyTask(parts: TaskParts, _key: string, now: number): Promise<number | null> {
  const { couple, env } = parts;
  const { id, status } = couple.relationship;
  if (status !== "ended") return null;
  if (!isNeededByNobody(couple)) return now + DAY_MS;
  const hoursAt = listCountedHours(couple.sql);
  await deleteFiles(env.FILES, `relationships/${id}/`);
  await env.DB.batch(scrubRelationshipStatements(env.DB, id, hoursAt, now));
  parts.vanish();
  return now + DAY_MS;
}

async function deleteFiles(files: R2Bucket, prefix: string): Promise<void> {
  for (;;) {
    const { objects } = await files.list({ prefix, limit: FILES_PER_PAGE });
    if (objects.length === 0) return;
    await files.delete(objects.map(({ key }) => key));
  }
}
