import * as z from "zod";
import { AppError } from "../../protocol/errors.ts";
import { CONTENT, type ContentTable } from "../content.ts";
import { defineService, type ServiceContext } from "../service.ts";
import { hasUnfinished } from "./absorption-store.ts";
import {
  listPart,
  listPartOwners,
  markPartTaken,
  namesOf,
  sealStatus,
  type ContentRow,
  type PartOwner,
} from "./page-store.ts";
import { fateOf, keepsPart } from "./rules.ts";
import { DESTROY } from "./schedule-kinds.ts";

const ROWS_PER_PAGE = 500;
/** Each photo means a copy of bytes before its row can be taken. */
const PHOTOS_PER_PAGE = 20;
/** Of JSON, in UTF-16 units; the row that exceeds it still comes along, so that every page brings something. */
const PAGE_MAX_CHARS = 512 * 1024;

const cursorSchema = z.strictObject({ table: z.string(), after: z.string().nullable() });
type Cursor = z.output<typeof cursorSchema>;

export interface PageRow {
  table: string;
  row: ContentRow;
}

export interface PartPage {
  rows: PageRow[];
  /** The taker's slot here, to which ratings are bound. */
  slot: number;
  /** JSON; what the taker wants to be notified of, which holds where they have not said anything else yet. */
  preferences: string;
  /** Where the next page begins; null when this was the last one. */
  next: string | null;
}

const NOTHING: PartPage = { rows: [], slot: 1, preferences: "{}", next: null };

const partInput = z.strictObject({ userId: z.string(), targetId: z.string() });

/**
 * A page of one member's part of this object, on its way into `targetId`. The first one seals the object: what it has
 * acknowledged by then is in some page, and it acknowledges nothing more. Asking again gives the same rows.
 */
export const partPage = defineService({
  name: "parting.page",
  input: partInput.extend({ cursor: z.string().nullable() }),
  run(ctx, { userId, cursor }): PartPage {
    seal(ctx);
    const owner = requireOwner(ctx, userId);
    // Whoever had it deleted, or does not want it, leaves it to be destroyed.
    return keepsPart(owner) ? readPage(ctx, owner, parseCursor(cursor)) : NOTHING;
  },
});

/** The other object has everything of this member's part. Once nobody else's is waited for, this object is destroyed. */
export const releasePart = defineService({
  name: "parting.release",
  input: partInput,
  run(ctx, { userId }): { isOver: boolean } {
    if (ctx.relationship.status !== "ended") throw notSealed(ctx);
    requireOwner(ctx, userId);
    markPartTaken(ctx.sql, userId, ctx.now);
    const isOver = isNeededByNobody(ctx);
    if (isOver) ctx.schedule(DESTROY, "", ctx.now);
    return { isOver };
  },
});

export const services = [partPage, releasePart];

/** Whether every part of this object was taken, declined or deleted, and nothing is on its way into it. */
export function isNeededByNobody(ctx: Pick<ServiceContext, "sql" | "relationship">): boolean {
  if (ctx.relationship.status !== "ended" || hasUnfinished(ctx.sql)) return false;
  return listPartOwners(ctx.sql).every((owner) => owner.takenAt !== null || !keepsPart(owner));
}

function seal(ctx: ServiceContext): void {
  const { status } = ctx.relationship;
  // What is still on its way into this object moves on with the rest.
  if (hasUnfinished(ctx.sql)) {
    throw new AppError("unavailable", "This object has not taken everything itself yet", { retryAfterSeconds: 5 });
  }
  if (status === "ended") return;
  if (status !== "solo" && status !== "frozen") throw notSealed(ctx);
  sealStatus(ctx.sql);
  ctx.relationshipChanged();
  ctx.closeSockets();
}

function notSealed(ctx: ServiceContext): AppError {
  return new AppError("conflict", "Nobody's part moves out of a living relationship", {
    current: ctx.relationship.status,
  });
}

function requireOwner(ctx: ServiceContext, userId: string): PartOwner {
  const owner = listPartOwners(ctx.sql).find((other) => other.userId === userId);
  if (owner === undefined) throw new AppError("not_found", "No such member");
  return owner;
}

function parseCursor(cursor: string | null): Cursor | null {
  return cursor === null ? null : cursorSchema.parse(JSON.parse(cursor));
}

const TAKES_JOINT = fateOf("thirty_days", "joint", "theirs") === "taken_as_former_member";

function readPage(ctx: ServiceContext, owner: PartOwner, cursor: Cursor | null): PartPage {
  const page: PartPage = { rows: [], slot: owner.slot, preferences: owner.preferences, next: null };
  const first = cursor === null ? 0 : CONTENT.findIndex(({ table }) => table === cursor.table);
  let chars = 0;
  for (const table of CONTENT.slice(Math.max(0, first))) {
    const after = table.table === cursor?.table ? cursor.after : null;
    const room = Math.min(ROWS_PER_PAGE - page.rows.length, rowsOf(table));
    const { key } = namesOf(table);
    let last = after;
    // One more than there is room for says whether the table goes on.
    const found = listPart(ctx.sql, table, { userId: owner.userId, withJoint: TAKES_JOINT, after, limit: room + 1 });
    for (const [index, row] of found.entries()) {
      if (index >= room || chars >= PAGE_MAX_CHARS) {
        return { ...page, next: JSON.stringify({ table: table.table, after: last } satisfies Cursor) };
      }
      last = String(row[key]);
      // Bytes that have not come by now never will.
      if (table.table === "photos" && row["status"] === "reserved") continue;
      const sent = withOwnRating(row, owner.slot);
      page.rows.push({ table: table.table, row: sent });
      chars += JSON.stringify(sent).length;
    }
  }
  return page;
}

function rowsOf({ table }: ContentTable): number {
  return table === "photos" ? PHOTOS_PER_PAGE : ROWS_PER_PAGE;
}

/** What the other thought of an activity is theirs, and stays behind. */
function withOwnRating(row: ContentRow, slot: number): ContentRow {
  if (!("satisfaction_rating_user1" in row)) return row;
  return slot === 1 ? { ...row, satisfaction_rating_user2: null } : { ...row, satisfaction_rating_user1: null };
}
