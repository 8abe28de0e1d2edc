import * as z from "zod";
import { AppError } from "../../protocol/errors.ts";
import { defineCommand, defineQuery } from "../command.ts";
import type { MemberContext } from "../context.ts";
import { defineEvent } from "../events.ts";
import { notificationCreated, notify } from "../inbox/notify.ts";
import { decodeCursor, page } from "../paging.ts";
import { requireMove } from "../transitions.ts";
import { audience, countsForCouple, jointVisibility } from "../visibility.ts";
import { GOAL_MOVES, progressed, requireOrder } from "./rules.ts";
import {
  addProgressInput,
  createInput,
  goalPage,
  goalSchema,
  goalStatusSchema,
  goalTypeSchema,
  listInput,
  updateStatusInput,
} from "./schema.ts";
import { findGoal, insertGoal, listGoals, saveGoal, toGoal, type GoalRow } from "./store.ts";

const goalCreated = defineEvent(
  "goal.created",
  "A member set a goal",
  z.strictObject({ type: goalTypeSchema, targetCount: z.int() }),
);
const goalStatusChanged = defineEvent(
  "goal.status_changed",
  "A goal was paused, taken up again, reopened or cancelled",
  z.strictObject({ from: goalStatusSchema, to: goalStatusSchema }),
);
const goalProgressed = defineEvent(
  "goal.progressed",
  "A member moved a goal forward or back",
  z.strictObject({ delta: z.int(), progress: z.int() }),
);
const goalCompleted = defineEvent("goal.completed", "A goal was reached", z.strictObject({ progress: z.int() }));

function requireGoal(ctx: MemberContext, id: string): GoalRow {
  const row = findGoal(ctx.sql, id, ctx.me.userId);
  if (row === null) throw new AppError("not_found", "No such goal");
  return row;
}

function newGoal(ctx: MemberContext, input: z.output<typeof createInput>): GoalRow {
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
    visibility: jointVisibility(ctx),
    version: 1,
    createdAt: ctx.now,
    updatedAt: ctx.now,
  };
}

function announceCompleted(ctx: MemberContext, row: GoalRow): void {
  ctx.emit(goalCompleted, { progress: row.progress }, audience(row, row.id));
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

const goalCreate = defineCommand({
  name: "goals.create",
  summary: "Set a goal for the two of us",
  input: createInput,
  output: goalSchema,
  events: [goalCreated],
  run(ctx, input) {
    const row = newGoal(ctx, input);
    insertGoal(ctx.sql, row);
    ctx.emit(goalCreated, { type: row.type, targetCount: row.targetCount }, audience(row, row.id));
    ctx.touch("goals_created");
    return toGoal(row);
  },
});

const goalUpdateStatus = defineCommand({
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
    else ctx.emit(goalStatusChanged, { from: before.status, to: row.status }, audience(row, row.id));
    return toGoal(row);
  },
});

const goalAddProgress = defineCommand({
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
    return toGoal(row);
  },
});

const goalList = defineQuery({
  name: "goals.list",
  summary: "Our goals, newest first",
  input: listInput,
  output: goalPage,
  run(ctx, input) {
    const key = decodeCursor(input.cursor, ["string"]);
    const rows = listGoals(ctx.sql, {
      viewerId: ctx.me.userId,
      status: input.status ?? null,
      beforeId: key === null ? null : String(key[0]),
      limit: input.limit + 1,
    });
    return page(rows, input.limit, (row) => [row.id], toGoal);
  },
});

export const operations = [goalCreate, goalUpdateStatus, goalAddProgress, goalList];
