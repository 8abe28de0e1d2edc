import type * as z from "zod";
import type { MemberContext } from "../context.ts";
import { jointVisibility } from "../visibility.ts";
import { currencyOf, requireDoneDate } from "./rules.ts";
import type { ActivityUpdate, completeInput, planInput } from "./schema.ts";
import type { ActivityRow } from "./store.ts";

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
    visibility: jointVisibility(ctx),
    version: 1,
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

/** `row` as done. @throws AppError `invalid_input` for a date after the member's own today */
export function completed(ctx: MemberContext, row: ActivityRow, done: Done): ActivityRow {
  const costCents = done.costCents ?? row.costCents;
  const changed: ActivityRow = {
    ...row,
    status: "completed",
    completedDate: requireDoneDate(done.completedDate, ctx.today, "completedDate"),
    durationMinutes: done.durationMinutes ?? row.durationMinutes,
    costCents,
    currency: currencyOf(costCents, done.currency ?? row.currency),
    notes: done.notes ?? row.notes,
  };
  return withMyRating(ctx, changed, done.rating);
}

/** `row` with the fields that `input` names. */
export function updated(row: ActivityRow, input: ActivityUpdate): ActivityRow {
  const costCents = input.costCents === undefined ? row.costCents : input.costCents;
  return {
    ...row,
    name: input.name ?? row.name,
    type: input.type ?? row.type,
    plannedDate: input.plannedDate === undefined ? row.plannedDate : input.plannedDate,
    description: input.description === undefined ? row.description : input.description,
    location: input.location === undefined ? row.location : input.location,
    durationMinutes: input.durationMinutes === undefined ? row.durationMinutes : input.durationMinutes,
    costCents,
    currency: currencyOf(costCents, input.currency === undefined ? row.currency : input.currency),
    notes: input.notes === undefined ? row.notes : input.notes,
  };
}
