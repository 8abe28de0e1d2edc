import type * as z from "zod";
import { requireTextsKept } from "../blind-edits.ts";
import type { MemberContext } from "../context.ts";
import { editTexts } from "../edits.ts";
import { illegalTransition } from "../transitions.ts";
import { findEntry, insertEntry, saveEntry, toEntry, type EntryRow } from "./entry-store.ts";
import { TEXT_LIMITS, type logEntryInput } from "./schema.ts";
import type { ParticipationRow } from "./store.ts";

/** A paused challenge takes what belongs to the days before its pause; one that is over takes nothing. */
export function requireOpenFor(row: ParticipationRow, date: string): void {
  if (row.status === "active") return;
  if (row.status === "paused" && row.pausedDate !== null && date < row.pausedDate) return;
  throw illegalTransition(row.status);
}

/**
 * Writes my entry of a date, or edits it; a row that is new has version 1.
 * @throws AppError `edit_conflict` when it is no longer what the edit began from, or a text would be lost unseen
 */
export function writeEntry(
  ctx: MemberContext,
  participation: ParticipationRow,
  input: z.output<typeof logEntryInput>,
): EntryRow {
  const before = findEntry(ctx.sql, participation.id, ctx.me.userId, input.date);
  const completed = input.completed ? 1 : 0;
  if (before !== null) {
    if (input.version === undefined) requireTextsKept(before, input, ["content", "reflection"], () => toEntry(before));
    const texts = editTexts(before, input, TEXT_LIMITS, () => toEntry(before));
    return saveEntry(ctx.sql, { ...before, ...texts, completed }, ctx.now);
  }
  const row: EntryRow = {
    id: ctx.newId("entry"),
    participationId: participation.id,
    userId: ctx.me.userId,
    date: input.date,
    completed,
    content: input.content ?? null,
    reflection: input.reflection ?? null,
    version: 1,
    textVersions: "{}",
    createdAt: ctx.now,
    updatedAt: ctx.now,
  };
  insertEntry(ctx.sql, row, participation.visibility === "private" ? "private" : "shared");
  return row;
}
