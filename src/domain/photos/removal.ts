import type { Context } from "../context.ts";
import { audience } from "../visibility.ts";
import { insertFileDeletion, nextFileDeletionAt, type FileDeletionRow } from "./deletion-store.ts";
import { photoDeleted } from "./events.ts";
import { deletePhoto, type PhotoRow } from "./store.ts";
import { EXPIRE_JOB, UPLOAD_TTL_MS } from "./upload.ts";

/** The object's task that deletes bytes. */
export const FILES_TASK = "files";

/** Plans the deletion of bytes; the rows that named them go in the same transaction. */
export function planFileDeletions(ctx: Context, deletions: readonly FileDeletionRow[]): void {
  for (const deletion of deletions) insertFileDeletion(ctx.sql, deletion);
  const next = nextFileDeletionAt(ctx.sql);
  if (next !== null) ctx.schedule(FILES_TASK, "", next);
}

/** When the bytes of `row` can go: those of a place that waited may still be on their way. */
export function deletionOf(row: Pick<PhotoRow, "objectKey" | "status">, now: number): FileDeletionRow {
  return { objectKey: row.objectKey, dueAt: row.status === "stored" ? now : now + UPLOAD_TTL_MS };
}

/** Deletes the row and plans the deletion of its bytes. Whoever knew of it hears of it. */
export function removePhoto(ctx: Context, row: PhotoRow): void {
  planFileDeletions(ctx, [deletionOf(row, ctx.now)]);
  deletePhoto(ctx.sql, row.id);
  if (row.status === "stored") ctx.emit(photoDeleted, {}, audience(row, row.id));
  else ctx.unschedule(EXPIRE_JOB, row.id);
}
