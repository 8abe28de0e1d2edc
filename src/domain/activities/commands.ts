import { defineCommand } from "../command.ts";
import type { MemberContext } from "../context.ts";
import { editedFields } from "../edits.ts";
import { notificationCreated, notify } from "../inbox/notify.ts";
import { illegalTransition, requireMove } from "../transitions.ts";
import { audience, countsForCouple, requireShareable } from "../visibility.ts";
import { activityCancelled, activityCompleted, activityPlanned, activityRated, activityUpdated } from "./events.ts";
import { completed, newActivity, updated, withMyRating } from "./changes.ts";
import { queries, requireActivity, shown } from "./queries.ts";
import { ACTIVITY_MOVES } from "./rules.ts";
import {
  activityIdInput,
  activitySchema,
  completeInput,
  logInput,
  planInput,
  rateInput,
  updateInput,
} from "./schema.ts";
import { insertActivity, saveActivity, type ActivityRow } from "./store.ts";

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

function announcePlanned(ctx: MemberContext, row: ActivityRow): void {
  ctx.emit(activityPlanned, { type: row.type, plannedDate: row.plannedDate }, audience(row, row.id));
  tellPartner(ctx, row, "Something to look forward to", "Your partner planned an activity for the two of you.");
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
    summary: "Plan an activity for the two of us, or for myself",
    input: planInput,
    output: activitySchema,
    events: [activityPlanned, notificationCreated],
    run(ctx, input) {
      const row = newActivity(ctx, input);
      insertActivity(ctx.sql, row);
      announcePlanned(ctx, row);
      return shown(ctx, row);
    },
  }),
  defineCommand({
    name: "activities.share",
    summary: "Make an activity that I kept to myself one of ours; cannot be undone",
    input: activityIdInput,
    output: activitySchema,
    events: [activityPlanned, activityCompleted, notificationCreated],
    run(ctx, input) {
      const before = requireActivity(ctx, input.id);
      if (before.status === "cancelled") throw illegalTransition(before.status);
      requireShareable(ctx, before);
      const row = saveActivity(ctx.sql, { ...before, visibility: "joint" }, ctx.now);
      if (row.status === "completed") announceCompleted(ctx, row);
      else announcePlanned(ctx, row);
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
      const row = saveActivity(ctx.sql, updated(ctx, before, input), ctx.now);
      const told = { fields: editedFields(input), version: row.version, dueBefore: before.plannedDate };
      ctx.emit(activityUpdated, told, audience(row, row.id));
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

export const operations = [...commands, ...queries];
