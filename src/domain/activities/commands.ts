import { AppError } from "../../protocol/errors.ts";
import { defineCommand, defineQuery } from "../command.ts";
import type { MemberContext } from "../context.ts";
import { notificationCreated, notify } from "../inbox/notify.ts";
import { decodeCursor, page } from "../paging.ts";
import { illegalTransition, requireMove } from "../transitions.ts";
import { audience, countsForCouple } from "../visibility.ts";
import { activityCancelled, activityCompleted, activityPlanned, activityRated, activityUpdated } from "./events.ts";
import { completed, newActivity, updated, withMyRating } from "./changes.ts";
import { ACTIVITY_MOVES } from "./rules.ts";
import {
  activityIdInput,
  activityPage,
  activitySchema,
  completeInput,
  listInput,
  logInput,
  planInput,
  rateInput,
  updateInput,
  type Activity,
} from "./schema.ts";
import { findActivity, insertActivity, listActivities, saveActivity, toActivity, type ActivityRow } from "./store.ts";

function requireActivity(ctx: MemberContext, id: string): ActivityRow {
  const row = findActivity(ctx.sql, id, ctx.me.userId);
  if (row === null) throw new AppError("not_found", "No such activity");
  return row;
}

function shown(ctx: MemberContext, row: ActivityRow): Activity {
  return toActivity(row, ctx.members);
}

function tellPartner(ctx: MemberContext, row: ActivityRow, title: string, message: string): void {
  if (ctx.partner === null || row.visibility === "private") return;
  const userId = ctx.partner.userId;
  notify(ctx, {
    userId,
    type: "partner_activity",
    title,
    message,
    actionUrl: `/activities/${row.id}`,
    subjectId: row.id,
  });
}

function touchCompleted(ctx: MemberContext, row: ActivityRow): void {
  if (!countsForCouple(ctx, row)) return;
  ctx.touch("date_nights_completed", "activity_types_completed", "anniversaries_celebrated");
}

function announceCompleted(ctx: MemberContext, row: ActivityRow): void {
  const completedDate = row.completedDate ?? ctx.today;
  ctx.emit(activityCompleted, { type: row.type, completedDate }, audience(row, row.id));
  tellPartner(ctx, row, "An activity is done", "Your partner marked something as done. How was it for you?");
  touchCompleted(ctx, row);
}

const commands = [
  defineCommand({
    name: "activities.plan",
    summary: "Plan an activity for the two of us",
    input: planInput,
    output: activitySchema,
    events: [activityPlanned, notificationCreated],
    run(ctx, input) {
      const row = newActivity(ctx, input);
      insertActivity(ctx.sql, row);
      ctx.emit(activityPlanned, { type: row.type, plannedDate: row.plannedDate }, audience(row, row.id));
      tellPartner(ctx, row, "Something to look forward to", "Your partner planned an activity for the two of you.");
      return shown(ctx, row);
    },
  }),
  defineCommand({
    name: "activities.update",
    summary: "Change an activity; a field that is absent stays, null clears it",
    input: updateInput,
    output: activitySchema,
    events: [activityUpdated],
    run(ctx, input) {
      const before = requireActivity(ctx, input.id);
      const movesPlan = input.plannedDate !== undefined && before.status !== "planned";
      if (before.status === "cancelled" || movesPlan) throw illegalTransition(before.status);
      const row = saveActivity(ctx.sql, updated(before, input), ctx.now);
      const fields = Object.keys(input).filter((field) => field !== "id");
      ctx.emit(activityUpdated, { fields, version: row.version }, audience(row, row.id));
      if (row.status === "completed" && row.type !== before.type) touchCompleted(ctx, row);
      return shown(ctx, row);
    },
  }),
  defineCommand({
    name: "activities.complete",
    summary: "Mark a planned activity as done, today or on an earlier date",
    input: completeInput,
    output: activitySchema,
    events: [activityCompleted, notificationCreated],
    run(ctx, { id, ...done }) {
      const before = requireActivity(ctx, id);
      requireMove(ACTIVITY_MOVES, before.status, "completed");
      const row = saveActivity(ctx.sql, completed(ctx, before, done), ctx.now);
      announceCompleted(ctx, row);
      return shown(ctx, row);
    },
  }),
  defineCommand({
    name: "activities.log",
    summary: "Record an activity that is already done",
    input: logInput,
    output: activitySchema,
    events: [activityCompleted, notificationCreated],
    run(ctx, { completedDate, notes, rating, ...about }) {
      const row = completed(ctx, newActivity(ctx, about), { completedDate, notes, rating });
      insertActivity(ctx.sql, row);
      announceCompleted(ctx, row);
      return shown(ctx, row);
    },
  }),
  defineCommand({
    name: "activities.cancel",
    summary: "Cancel a planned activity",
    input: activityIdInput,
    output: activitySchema,
    events: [activityCancelled],
    run(ctx, input) {
      const before = requireActivity(ctx, input.id);
      requireMove(ACTIVITY_MOVES, before.status, "cancelled");
      const row = saveActivity(ctx.sql, { ...before, status: "cancelled" }, ctx.now);
      ctx.emit(activityCancelled, { type: row.type }, audience(row, row.id));
      return shown(ctx, row);
    },
  }),
  defineCommand({
    name: "activities.rate",
    summary: "Rate a completed activity; each member's rating is their own",
    input: rateInput,
    output: activitySchema,
    events: [activityRated],
    run(ctx, input) {
      const before = requireActivity(ctx, input.id);
      if (before.status !== "completed") throw illegalTransition(before.status);
      const row = saveActivity(ctx.sql, withMyRating(ctx, before, input.rating), ctx.now);
      ctx.emit(activityRated, { rating: input.rating }, audience(row, row.id));
      return shown(ctx, row);
    },
  }),
];

const queries = [
  defineQuery({
    name: "activities.list",
    summary: "Our activities, newest first; exactly those of the asked status and type",
    input: listInput,
    output: activityPage,
    run(ctx, input) {
      const key = decodeCursor(input.cursor, ["string"]);
      const rows = listActivities(ctx.sql, {
        viewerId: ctx.me.userId,
        status: input.status ?? null,
        type: input.type ?? null,
        beforeId: key === null ? null : String(key[0]),
        limit: input.limit + 1,
      });
      return page(
        rows,
        input.limit,
        (row) => [row.id],
        (row) => shown(ctx, row),
      );
    },
  }),
  defineQuery({
    name: "activities.get",
    summary: "One activity",
    input: activityIdInput,
    output: activitySchema,
    run(ctx, input) {
      return shown(ctx, requireActivity(ctx, input.id));
    },
  }),
];

export const operations = [...commands, ...queries];
