import { findAbsorptionState, finishAbsorptionStatement, type AbsorptionRow } from "../db/absorptions.ts";
import { scrubRelationshipStatements } from "../db/ended-relationships.ts";
import { finish, parseAbsorbKey, takePage } from "../domain/parting/absorb.ts";
import { findAbsorption, type Absorption } from "../domain/parting/absorption-store.ts";
import { hasFileAt } from "../domain/parting/arrival-store.ts";
import { movedFileKey } from "../domain/parting/arrivals.ts";
import { partPage, releasePart, type PageRow, type PartPage } from "../domain/parting/pages.ts";
import type { Context } from "../domain/context.ts";
import { Scope } from "../domain/scope.ts";
import { log } from "../lib/log.ts";
import { AppError } from "../protocol/errors.ts";
import { callService } from "./stub.ts";
import type { TaskParts } from "./tasks.ts";

/** Others of this object's jobs get their turn in between. */
const PAGES_PER_RUN = 20;
/** How long to wait for a source that still receives; seconds, usually. */
const WAIT_MS = 30_000;

/**
 * Takes a person's part of another object into this one, page by page: the page, the bytes of its photos, its rows. Then
 * the source is told, which may destroy itself upon it, and then the directory. Whatever is cut off or repeated anywhere,
 * the same rows are here in the end.
 * @param key source and person, see `absorbKey`
 */
export async function absorbTask(parts: TaskParts, key: string, now: number): Promise<number | null> {
  const { couple, env } = parts;
  const { sourceId, userId } = parseAbsorbKey(key);
  const absorption = findAbsorption(couple.sql, sourceId, userId);
  if (absorption === null) return null;
  const names: AbsorptionRow = { source_id: sourceId, user_id: userId, target_id: couple.relationship.id };
  const state = await findAbsorptionState(env.DB, names);
  if (!state.isWaiting) {
    // Told already, or called off because the person's account is erased.
    if (absorption.finishedAt === null) inTransaction(parts, userId, now, (ctx) => finish(ctx, absorption));
    return null;
  }
  // The source has something to take itself first.
  if (!state.hasSourceEnded || state.isSourceReceiving) return now + WAIT_MS;
  if (absorption.finishedAt === null && !(await takePages(parts, absorption, now))) return now;
  const hasSource = await release(env, names, now);
  await env.DB.batch([
    finishAbsorptionStatement(env.DB, names),
    // Where there is no object, nobody else closes its file.
    ...(hasSource ? [] : scrubRelationshipStatements(env.DB, sourceId, [], now)),
  ]);
  return null;
}

/** @returns whether everything is here now */
async function takePages(parts: TaskParts, { sourceId, userId }: Absorption, now: number): Promise<boolean> {
  const { couple, env } = parts;
  const targetId = couple.relationship.id;
  for (let pages = 0; pages < PAGES_PER_RUN; pages++) {
    const asked = findAbsorption(couple.sql, sourceId, userId);
    if (asked === null || asked.finishedAt !== null) return true;
    const page = await readPage(env, asked, targetId, now);
    const { copied, missing } = await copyFiles(env.FILES, page?.rows ?? [], { sourceId, targetId });
    const isDone = inTransaction(parts, userId, now, (ctx) => {
      // What shows nothing stays behind.
      if (page !== null) return takePage(ctx, asked, { ...page, rows: page.rows.filter((row) => !missing.has(row)) });
      finish(ctx, asked);
      return true;
    });
    // It was called off meanwhile, so that nothing points at these bytes.
    const orphans = copied.filter((key) => !hasFileAt(couple.sql, key));
    if (orphans.length > 0) await env.FILES.delete(orphans);
    if (isDone) return true;
  }
  return false;
}

/** The next page, or null when there is no object: nothing was ever written there, or nobody keeps anything of it. */
async function readPage(env: Env, asked: Absorption, targetId: string, now: number): Promise<PartPage | null> {
  const { sourceId, userId, cursor } = asked;
  try {
    return await callService(env, sourceId, partPage, { userId, targetId, cursor }, now);
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

/** @returns whether there is an object to be released */
async function release(env: Env, { source_id, user_id, target_id }: AbsorptionRow, now: number): Promise<boolean> {
  try {
    await callService(env, source_id, releasePart, { userId: user_id, targetId: target_id }, now);
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof AppError && error.code === "not_found";
}

function inTransaction<T>(parts: TaskParts, userId: string, now: number, body: (ctx: Context) => T): T {
  const { couple } = parts;
  const scope = new Scope(couple, now, userId);
  try {
    const result = couple.sql.transaction(() => body(scope));
    parts.broadcast(scope.events);
    return result;
  } finally {
    couple.forget();
  }
}

/**
 * Bytes come before the row that names them, so that a row never points at nothing.
 * @returns the keys that were written, and the rows whose bytes are nowhere
 */
async function copyFiles(
  files: R2Bucket,
  rows: readonly PageRow[],
  move: { sourceId: string; targetId: string },
): Promise<{ copied: string[]; missing: ReadonlySet<PageRow> }> {
  const copied: string[] = [];
  const missing = new Set<PageRow>();
  for (const pageRow of rows) {
    const { table, row } = pageRow;
    if (table !== "photos") continue;
    const from = String(row["object_key"]);
    const to = movedFileKey(from, move);
    if (to === from || (await files.head(to))?.size === row["size_bytes"]) continue;
    const found = await files.get(from);
    if (found === null) {
      missing.add(pageRow);
      log.warn("absorb.file_missing", { relationshipId: move.targetId, kind: table });
      continue;
    }
    const { httpMetadata, customMetadata } = found;
    await files.put(to, found.body, {
      ...(httpMetadata !== undefined && { httpMetadata }),
      ...(customMetadata !== undefined && { customMetadata }),
    });
    copied.push(to);
  }
  return { copied, missing };
}
