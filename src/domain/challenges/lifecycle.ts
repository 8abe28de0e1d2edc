import { AppError } from "../../protocol/errors.ts";
import { addDays, endOfDay } from "../calendar.ts";
import type { MemberContext } from "../context.ts";
import { notify } from "../inbox/notify.ts";
import { requireMove } from "../transitions.ts";
import { audience, countsForCouple, jointVisibility } from "../visibility.ts";
import {
  challengeAbandoned,
  challengeCompleted,
  challengePaused,
  challengeResumed,
  challengeStarted,
} from "./events.ts";
import { requireChallenge } from "./progress.ts";
import { PARTICIPATION_MOVES, requireStartDate, shiftedTarget } from "./rules.ts";
import type { ParticipationStatus } from "./schema.ts";
import {
  findLiveParticipation,
  findParticipation,
  insertParticipation,
  pausesOf,
  saveParticipation,
  type ParticipationRow,
} from "./store.ts";

/** The job that reminds at the end of a challenge's target date; its key is the participation's id. */
export const CHALLENGE_DUE = "challenge.due";

/** @throws AppError `not_found`, also for another person's private one */
export function requireParticipation(ctx: MemberContext, id: string): ParticipationRow {
  const row = findParticipation(ctx.sql, id, ctx.me.userId);
  if (row === null) throw new AppError("not_found", "No such challenge participation");
  return row;
}

function scheduleDue(ctx: MemberContext, row: ParticipationRow): void {
  ctx.schedule(CHALLENGE_DUE, row.id, endOfDay(row.targetDate, ctx.relationship.homeTimezone));
}

function save(
  ctx: MemberContext,
  before: ParticipationRow,
  to: ParticipationStatus,
  change: Partial<ParticipationRow>,
): ParticipationRow {
  requireMove(PARTICIPATION_MOVES, before.status, to);
  const row = saveParticipation(ctx.sql, { ...before, ...change, status: to }, ctx.now);
  // What is not asked for any more can make a day perfect.
  if (countsForCouple(ctx, row)) ctx.touch("perfect_days");
  return row;
}

/** Starts a challenge for whoever is here. @throws AppError `already_exists` while it runs or pauses */
export function begin(
  ctx: MemberContext,
  challengeId: string,
  date: string | undefined,
  restartOf: string | null,
): ParticipationRow {
  const challenge = requireChallenge(challengeId);
  const startDate = requireStartDate(date, ctx.today);
  if (findLiveParticipation(ctx.sql, challengeId, ctx.solo ? ctx.me.userId : null) !== null) {
    throw new AppError("already_exists", "This challenge is under way");
  }
  const row: ParticipationRow = {
    id: ctx.newId("participation"),
    challengeId,
    status: "active",
    startDate,
    targetDate: addDays(startDate, challenge.days),
    endDate: null,
    pausedDate: null,
    pauses: "[]",
    progress: 0,
    notes: null,
    authorId: ctx.me.userId,
    visibility: jointVisibility(ctx),
    version: 1,
    createdAt: ctx.now,
    updatedAt: ctx.now,
  };
  insertParticipation(ctx.sql, row);
  scheduleDue(ctx, row);
  ctx.emit(challengeStarted, { challengeId, startDate, targetDate: row.targetDate, restartOf }, audience(row, row.id));
  ctx.touch("challenges_started");
  if (ctx.partner !== null) {
    notify(ctx, {
      userId: ctx.partner.userId,
      type: "partner_activity",
      title: "A challenge begins",
      message: "Your partner started a challenge for the two of you.",
      actionUrl: `/challenges/${row.id}`,
      subjectId: row.id,
    });
  }
  return row;
}

export function pause(ctx: MemberContext, before: ParticipationRow): ParticipationRow {
  const row = save(ctx, before, "paused", { pausedDate: ctx.today });
  ctx.unschedule(CHALLENGE_DUE, row.id);
  ctx.emit(challengePaused, { pausedDate: ctx.today }, audience(row, row.id));
  return row;
}

/** Goes on, with the target date moved by the days of the pause. */
export function resume(ctx: MemberContext, before: ParticipationRow): ParticipationRow {
  const pausedDate = before.pausedDate ?? ctx.today;
  const row = save(ctx, before, "active", {
    pausedDate: null,
    pauses: JSON.stringify([...pausesOf(before.pauses), [pausedDate, ctx.today]]),
    targetDate: shiftedTarget(before.targetDate, pausedDate, ctx.today),
  });
  scheduleDue(ctx, row);
  ctx.emit(challengeResumed, { targetDate: row.targetDate }, audience(row, row.id));
  return row;
}

export function abandon(ctx: MemberContext, before: ParticipationRow): ParticipationRow {
  const row = save(ctx, before, "abandoned", { endDate: ctx.today });
  ctx.unschedule(CHALLENGE_DUE, row.id);
  ctx.emit(challengeAbandoned, { progress: row.progress }, audience(row, row.id));
  return row;
}

/** Ends it as done. Whether it is done is for the caller to know. */
export function complete(ctx: MemberContext, before: ParticipationRow, notes: string | null): ParticipationRow {
  const row = save(ctx, before, "completed", { endDate: ctx.today, progress: 100, notes: notes ?? before.notes });
  ctx.unschedule(CHALLENGE_DUE, row.id);
  ctx.emit(challengeCompleted, { challengeId: row.challengeId, endDate: ctx.today }, audience(row, row.id));
  if (countsForCouple(ctx, row)) ctx.touch("challenges_completed");
  return row;
}
