import type * as z from "zod";
import type { MemberContext } from "../context.ts";
import { editTexts } from "../edits.ts";
import { illegalTransition } from "../transitions.ts";
import { jointVisibility } from "../visibility.ts";
import { reachedByEdit, requireOrder } from "./rules.ts";
import { TEXT_LIMITS, type createInput, type GoalUpdate } from "./schema.ts";
import { toGoal, type GoalRow } from "./store.ts";

/** A goal that is set now. @throws AppError `invalid_input` when it would end before it starts */
export function newGoal(ctx: MemberContext, input: z.output<typeof createInput>): GoalRow {
  const startDate = input.startDate ?? ctx.today;
  const targetDate = input.targetDate ?? null;
  requireOrder(startDate, targetDate);
  return {
    id: ctx.newId("goal"),
    name: input.name,
    description: input.description ?? null,
    type: input.type,
    targetCount: input.targetCount,
    progress: 0,
    status: "active",
    startDate,
    targetDate,
    completionDate: null,
    authorId: ctx.me.userId,
    formerAuthor: 0,
    visibility: jointVisibility(ctx, input.private),
    version: 1,
    textVersions: "{}",
    createdAt: ctx.now,
    updatedAt: ctx.now,
  };
}

/**
 * `row` with the fields that `input` names; a target that is lowered to what is done already completes it.
 * @throws AppError `edit_conflict`, `invalid_input`, or `illegal_transition` for a cancelled goal and for another
 *   target of a completed one, which has to be reopened first
 */
export function updated(ctx: MemberContext, row: GoalRow, input: GoalUpdate): GoalRow {
  const texts = editTexts(row, input, TEXT_LIMITS, () => toGoal(row, ctx.members));
  const targetCount = input.targetCount ?? row.targetCount;
  const movesTarget = targetCount !== row.targetCount;
  if (row.status === "cancelled" || (row.status === "completed" && movesTarget)) throw illegalTransition(row.status);
  const startDate = input.startDate ?? row.startDate;
  const targetDate = input.targetDate === undefined ? row.targetDate : input.targetDate;
  requireOrder(startDate, targetDate);
  const changed: GoalRow = {
    ...row,
    ...texts,
    name: texts.name ?? row.name,
    type: input.type ?? row.type,
    targetCount,
    startDate,
    targetDate,
  };
  if (!reachedByEdit(row, targetCount)) return changed;
  return { ...changed, status: "completed", completionDate: ctx.today };
}
