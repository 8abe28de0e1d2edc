import { defineCommand } from "../command.ts";
import type { MemberContext } from "../context.ts";
import { editedFields } from "../edits.ts";
import { notificationCreated, notify } from "../inbox/notify.ts";
import { requireMove } from "../transitions.ts";
import { audience, countsForCouple, requireShareable } from "../visibility.ts";
import { newGoal, updated } from "./changes.ts";
import { goalCompleted, goalCreated, goalProgressed, goalStatusChanged, goalUpdated } from "./events.ts";
import { queries, requireGoal } from "./queries.ts";
import { GOAL_MOVES, progressed } from "./rules.ts";
import { addProgressInput, createInput, goalIdInput, goalSchema, updateInput, updateStatusInput } from "./schema.ts";
import { insertGoal, saveGoal, toGoal, type GoalRow } from "./store.ts";

function announceCreated(ctx: MemberContext, row: GoalRow): void {
  // A goal that is shared can have been reached long ago.
  const told = { type: row.type, targetCount: row.targetCount, since: row.completionDate };
  ctx.emit(goalCreated, told, audience(row, row.id));
  if (countsForCouple(ctx, row)) ctx.touch("goals_created");
}

function announceCompleted(ctx: MemberContext, row: GoalRow): void {
  ctx.emit(goalCompleted, { progress: row.progress, since: row.completionDate }, audience(row, row.id));
  if (countsForCouple(ctx, row)) ctx.touch("goals_completed");
  if (ctx.partner === null || row.visibility === "private") return;
  notify(ctx, {
    userId: ctx.partner.userId,
    type: "goal_progress",
    title: "A goal is reached",
    message: "One of your shared goals is complete.",
    actionUrl: `/goals/${row.id}`,
    subjectId: row.id,
  });
}

const create = defineCommand({
  name: "goals.create",
  summary: "Set a goal for the two of us, or for myself",
  input: createInput,
  output: goalSchema,
  events: [goalCreated],
  run(ctx, input) {
    const row = newGoal(ctx, input);
    insertGoal(ctx.sql, row);
    announceCreated(ctx, row);
    return toGoal(row, ctx.members);
  },
});

const update = defineCommand({
  name: "goals.update",
  summary: "Change a goal; a field that is absent stays, null clears it",
  input: updateInput,
  output: goalSchema,
  events: [goalUpdated, goalCompleted, notificationCreated],
  run(ctx, input) {
    const before = requireGoal(ctx, input.id);
    const row = saveGoal(ctx.sql, updated(ctx, before, input), ctx.now);
    const told = { fields: editedFields(input), version: row.version, dueBefore: before.targetDate };
    ctx.emit(goalUpdated, told, audience(row, row.id));
    if (row.status !== before.status) announceCompleted(ctx, row);
    return toGoal(row, ctx.members);
  },
});

const share = defineCommand({
  name: "goals.share",
  summary: "Make a goal that I set for myself one of ours; cannot be undone",
  input: goalIdInput,
  output: goalSchema,
  events: [goalCreated],
  run(ctx, input) {
    const before = requireGoal(ctx, input.id);
    requireShareable(ctx, before);
    const row = saveGoal(ctx.sql, { ...before, visibility: "joint" }, ctx.now);
    announceCreated(ctx, row);
    if (row.status === "completed") ctx.touch("goals_completed");
    return toGoal(row, ctx.members);
  },
});

const updateStatus = defineCommand({
  name: "goals.update_status",
  summary: "Pause, take up, complete, reopen or cancel a goal",
  input: updateStatusInput,
  output: goalSchema,
  events: [goalStatusChanged, goalCompleted, notificationCreated],
  run(ctx, input) {
    const before = requireGoal(ctx, input.id);
    requireMove(GOAL_MOVES, before.status, input.status);
    const completionDate = input.status === "completed" ? ctx.today : null;
    const row = saveGoal(ctx.sql, { ...before, status: input.status, completionDate }, ctx.now);
    if (row.status === "completed") announceCompleted(ctx, row);
    else {
      const told = { from: before.status, to: row.status, since: before.completionDate };
      ctx.emit(goalStatusChanged, told, audience(row, row.id));
    }
    return toGoal(row, ctx.members);
  },
});

const addProgress = defineCommand({
  name: "goals.add_progress",
  summary: "Add to a goal's count; it completes on reaching its target",
  input: addProgressInput,
  output: goalSchema,
  events: [goalProgressed, goalCompleted, notificationCreated],
  run(ctx, input) {
    const before = requireGoal(ctx, input.id);
    const { progress, completes } = progressed(before, input.delta);
    const changed: GoalRow = completes
      ? { ...before, progress, status: "completed", completionDate: ctx.today }
      : { ...before, progress };
    const row = saveGoal(ctx.sql, changed, ctx.now);
    ctx.emit(goalProgressed, { delta: input.delta, progress }, audience(row, row.id));
    if (completes) announceCompleted(ctx, row);
    return toGoal(row, ctx.members);
  },
});

export const operations = [create, update, share, updateStatus, addProgress, ...queries];
