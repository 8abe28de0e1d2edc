import { assert } from "../../lib/assert.ts";
import { endOfDay, localDate } from "../calendar.ts";
import { CHALLENGE_DUE } from "../challenges/lifecycle.ts";
import { CONTENT, type ContentTable } from "../content.ts";
import type { Context } from "../context.ts";
import type { SqlValue } from "../sql.ts";
import { keepBeside } from "./arrival-conflicts.ts";
import { findAuthorOf, insertArrival, isParticipationTaken } from "./arrival-store.ts";
import { derivedId } from "./derived-id.ts";
import { namesOf, type ContentRow } from "./page-store.ts";
import type { PageRow } from "./pages.ts";

/** Who takes rows along, from where, and in which slot they were there and are here. */
export interface Mover {
  userId: string;
  sourceId: string;
  targetId: string;
  sourceSlot: number;
  targetSlot: number;
}

const TABLES = new Map(CONTENT.map((table) => [table.table, table]));
/** What the subject of a photo is called, and where it is. */
const SUBJECTS: Readonly<Record<string, string>> = { activity: "activities", note: "notes", date: "important_dates" };

/**
 * Puts one row of another object among the rows of this one: private to its mover, whose former partner's name is gone
 * from it. A row that has arrived before changes nothing.
 * @returns whether the row is new here
 */
export function arrive(ctx: Context, mover: Mover, { table: name, row }: PageRow): boolean {
  const table = TABLES.get(name);
  // A table that this version of the code no longer knows.
  if (table === undefined) return false;
  const moved = asOwn(ctx, mover, table, row);
  const { key } = namesOf(table);
  const isKeyedById = key === "id";
  if (isKeyedById) {
    const id = freeId(ctx, mover, table, moved["id"] ?? null);
    if (id === null) return false;
    moved["id"] = id;
  }
  if (keepBeside(ctx, table, moved, mover.userId)) return false;
  insertArrival(ctx.sql, table, moved);
  if (name === "challenge_participation") planDue(ctx, moved);
  return true;
}

/** The key under which the bytes of a photo lie for the object that it moves to. */
export function movedFileKey(objectKey: string, mover: Pick<Mover, "sourceId" | "targetId">): string {
  return objectKey.replace(`relationships/${mover.sourceId}/`, `relationships/${mover.targetId}/`);
}

function asOwn(ctx: Context, mover: Mover, table: ContentTable, row: ContentRow): ContentRow {
  const { author } = namesOf(table);
  const moved: ContentRow = { ...row, visibility: "private" };
  if ("notes_visibility" in row) moved["notes_visibility"] = "private";
  // An import is undone where it was made.
  if ("import_id" in row) moved["import_id"] = null;
  if (row[author] !== mover.userId) {
    moved[author] = mover.userId;
    moved["former_author"] = 1;
  }
  switch (table.table) {
    case "activities":
      return withRatingInSlot(moved, mover);
    case "challenge_participation":
      return withoutRival(ctx, moved);
    case "challenge_entries":
      return { ...moved, participation_id: requireParticipation(ctx, mover, row["participation_id"] ?? null) };
    case "photos":
      return {
        ...moved,
        ...subjectOf(ctx, mover, row),
        object_key: movedFileKey(String(row["object_key"]), mover),
      };
    default:
      return moved;
  }
}

function withRatingInSlot(row: ContentRow, { sourceSlot, targetSlot }: Mover): ContentRow {
  const mine = row[`satisfaction_rating_user${sourceSlot}`] ?? null;
  return {
    ...row,
    satisfaction_rating_user1: null,
    satisfaction_rating_user2: null,
    [`satisfaction_rating_user${targetSlot}`]: mine,
  };
}

/** Of two tries of one challenge that cannot stand side by side, the one that is here goes on. */
function withoutRival(ctx: Context, row: ContentRow): ContentRow {
  if (findOwn(ctx, "challenge_participation", String(row["created_by_user_id"]), row["id"] ?? null) !== null)
    return row;
  if (!isParticipationTaken(ctx.sql, row)) return row;
  const today = localDate(ctx.now, ctx.relationship.homeTimezone);
  return { ...row, status: "abandoned", paused_date: null, actual_end_date: row["actual_end_date"] ?? today };
}

/** The id under which `id` arrives; null when it has arrived before. */
function freeId(ctx: Context, { userId }: Mover, table: ContentTable, id: SqlValue): string | null {
  for (const candidate of [String(id), derivedId(String(id), userId)]) {
    const holder = findAuthorOf(ctx.sql, table, candidate);
    if (holder === null) return candidate;
    if (holder === userId) return null;
    // Both of a former couple have come here, each with a copy of what they made together.
  }
  throw new Error("A derived id belongs to somebody else");
}

/** What `id` is called among the rows that are `userId`'s own; null when it is not there. */
function findOwn(ctx: Context, name: string, userId: string, id: SqlValue): string | null {
  const table = TABLES.get(name);
  assert(table !== undefined, "what rows refer to is content");
  const candidates = [String(id), derivedId(String(id), userId)];
  return candidates.find((candidate) => findAuthorOf(ctx.sql, table, candidate) === userId) ?? null;
}

function requireParticipation(ctx: Context, { userId }: Mover, id: SqlValue): string {
  const found = findOwn(ctx, "challenge_participation", userId, id);
  assert(found !== null, "a participation arrives before its entries");
  return found;
}

/** A photo keeps its subject if that came along; what belonged to the other stays behind. */
function subjectOf(ctx: Context, { userId }: Mover, row: ContentRow): ContentRow {
  const kind = row["subject_kind"] ?? null;
  const table = SUBJECTS[String(kind)];
  const id = table === undefined ? null : findOwn(ctx, table, userId, row["subject_id"] ?? null);
  return id === null ? { subject_kind: null, subject_id: null } : { subject_kind: kind, subject_id: id };
}

function planDue(ctx: Context, row: ContentRow): void {
  if (row["status"] !== "active") return;
  const dueAt = endOfDay(String(row["target_end_date"]), ctx.relationship.homeTimezone);
  // What was over before has reminded before.
  if (dueAt > ctx.now) ctx.schedule(CHALLENGE_DUE, String(row["id"]), dueAt);
}
