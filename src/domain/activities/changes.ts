import type * as z from "zod";
import type { MemberContext } from "../context.ts";
import { editTexts } from "../edits.ts";
import { jointVisibility } from "../visibility.ts";
import { currencyOf, requireDoneDate } from "./rules.ts";
import { TEXT_LIMITS, type ActivityUpdate, type completeInput, type planInput } from "./schema.ts";
import { toActivity, type ActivityRow } from "./store.ts";

/** An activity that is planned now. */
export function newActivity(ctx: MemberContext, input: z.output<typeof planInput>): ActivityRow {
  return {
    id: ctx.newId("activity"),
    name: input.name,
    type: input.type,
    status: "planned",
    plannedDate: input.plannedDate ?? null,
    completedDate: null,
    description: input.description ?? null,
    location: input.location ?? null,
    durationMinutes: input.durationMinutes ?? null,
    costCents: input.costCents ?? null,
    currency: currencyOf(input.costCents ?? null, input.currency ?? null),
    notes: null,
    ratingSlot1: null,
    ratingSlot2: null,
    authorId: ctx.me.userId,
    formerAuthor: 0,
    visibility: jointVisibility(ctx, input.private),
    version: 1,
    textVersions: "{}",
    createdAt: ctx.now,
    updatedAt: ctx.now,
  };
}

/** `row` with the acting member's rating; the partner's stays as it is. */
export function withMyRating(ctx: MemberContext, row: ActivityRow, rating: number | undefined): ActivityRow {
  if (rating === undefined) return row;
  return ctx.me.slot === 1 ? { ...row, ratingSlot1: rating } : { ...row, ratingSlot2: rating };
}

type Done = Omit<z.output<typeof completeInput>, "id">;

/**
 * `row` as done. Notes that somebody wrote before stay beside the new ones.
 * @throws AppError `invalid_input` for a date after the member's own today, or notes that are too long together
 */
export function completed(ctx: MemberContext, row: ActivityRow, done: Done): ActivityRow {
  const costCents = done.costCents ?? row.costCents;
  // Whoever completes did not say from which notes they began, so that nothing is taken for replaced.
  const began = row.notes === null || row.notes === "" ? row.version : 0;
  const shown = () => toActivity(row, ctx.members);
  const texts = editTexts(
    row,
    { version: began, keepBoth: true, notes: done.notes },
    { notes: TEXT_LIMITS.notes },
    shown,
  );
  const changed: ActivityRow = {
    ...row,
    ...texts,
    status: "completed",
    completedDate: requireDoneDate(done.completedDate, ctx.today, "completedDate"),
    durationMinutes: done.durationMinutes ?? row.durationMinutes,
    costCents,
    currency: currencyOf(costCents, done.currency ?? row.currency),
  };
  return withMyRating(ctx, changed, done.rating);
}

/**
 * `row` with the fields that `input` names.
 * @throws AppError `edit_conflict`, or `invalid_input` when two texts are too long together
 */
export function updated(ctx: MemberContext, row: ActivityRow, input: ActivityUpdate): ActivityRow {
  const texts = editTexts(row, input, TEXT_LIMITS, () => toActivity(row, ctx.members));
  const costCents = input.costCents === undefined ? row.costCents : input.costCents;
  return {
    ...row,
    ...texts,
    name: texts.name ?? row.name,
    type: input.type ?? row.type,
    plannedDate: input.plannedDate === undefined ? row.plannedDate : input.plannedDate,
    durationMinutes: input.durationMinutes === undefined ? row.durationMinutes : input.durationMinutes,
    costCents,
    currency: currencyOf(costCents, input.currency === undefined ? row.currency : input.currency),
  };
}
