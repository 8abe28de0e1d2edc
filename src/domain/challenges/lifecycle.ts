import { AppError } from "../../protocol/errors.ts";
import { addDays, closedSpans, endOfDay, firstFreeDay } from "../calendar.ts";
import type { MemberContext } from "../context.ts";
import { notify } from "../inbox/notify.ts";
import { illegalTransition, requireMove } from "../transitions.ts";
import { audience, countsForCouple, jointVisibility, requireShareable } from "../visibility.ts";
import { shareEntries } from "./entry-store.ts";
import {
  challengeAbandoned,
  challengeCompleted,
  challengePaused,
  challengeResumed,
  challengeStarted,
} from "./events.ts";
import { readProgress, requireChallenge } from "./progress.ts";
import { PARTICIPATION_MOVES, requireStartDate, shiftedTarget } from "./rules.ts";
import type { ParticipationStatus } from "./schema.ts";
import {
  findLiveParticipation,
  findParticipation,
  findStartedOn,
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

interface Beginning {
  date: string | undefined;
  isPrivate: boolean;
  /** The participation that is tried again, if whoever hears of this one may know that one. */
  restartOf: string | null;
}

/** Starts a challenge for whoever is here. @throws AppError `already_exists` while it runs or pauses */
export function begin(
  ctx: MemberContext,
  challengeId: string,
  { date, isPrivate, restartOf }: Beginning,
): ParticipationRow {
  const challenge = requireChallenge(challengeId);
  const startDate = requireStartDate(date, ctx.today);
  const visibility = jointVisibility(ctx, isPrivate);
  requireRoom(ctx, challengeId, startDate, visibility);
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
    formerAuthor: 0,
    visibility,
    version: 1,
    createdAt: ctx.now,
    updatedAt: ctx.now,
  };
  insertParticipation(ctx.sql, row);
  scheduleDue(ctx, row);
  announceBegin(ctx, row, restartOf);
  return row;
}

/** A challenge of one and the same start and class runs once. */
function requireRoom(
  ctx: MemberContext,
  challengeId: string,
  startDate: string,
  visibility: "private" | "joint",
): void {
  const owner = visibility === "private" ? ctx.me.userId : null;
  if (findLiveParticipation(ctx.sql, challengeId, owner) !== null) {
    throw new AppError("already_exists", "This challenge is under way");
  }
  if (findStartedOn(ctx.sql, challengeId, startDate, owner) !== null) {
    throw new AppError("already_exists", "This challenge was begun on that day and is done");
  }
}

function announceBegin(ctx: MemberContext, row: ParticipationRow, restartOf: string | null): void {
  const { challengeId, startDate, targetDate } = row;
  ctx.emit(challengeStarted, { challengeId, startDate, targetDate, restartOf }, audience(row, row.id));
  if (countsForCouple(ctx, row)) ctx.touch("challenges_started");
  if (ctx.partner === null || row.visibility === "private") return;
  notify(ctx, {
    userId: ctx.partner.userId,
    type: "partner_activity",
    title: "A challenge begins",
    message: "Your partner started a challenge for the two of you.",
    actionUrl: `/challenges/${row.id}`,
    subjectId: row.id,
  });
}

/**
 * Makes a private challenge that is still open the couple's, with the entries that its author has made: from now on
 * both take part.
 * @throws AppError as `requireShareable`, or `already_exists` when the couple has the same one
 */
export function share(ctx: MemberContext, before: ParticipationRow): ParticipationRow {
  if (before.status !== "active" && before.status !== "paused") throw illegalTransition(before.status);
  requireShareable(ctx, before);
  requireRoom(ctx, before.challengeId, before.startDate, "joint");
  shareEntries(ctx.sql, before.id, ctx.now);
  const joint: ParticipationRow = { ...before, visibility: "joint" };
  const row = saveParticipation(ctx.sql, { ...joint, progress: readProgress(ctx, joint).couple }, ctx.now);
  announceBegin(ctx, row, null);
  ctx.touch("perfect_days");
  return row;
}

export function pause(ctx: MemberContext, before: ParticipationRow): ParticipationRow {
  // Of two zones the one is a day ahead of the other: no day moves the target date twice.
  const pausedDate = firstFreeDay(ctx.today, [...pausesOf(before.pauses), ...closedSpans(ctx.pauses)]);
  const row = save(ctx, before, "paused", { pausedDate });
  ctx.unschedule(CHALLENGE_DUE, row.id);
  ctx.emit(challengePaused, { pausedDate }, audience(row, row.id));
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
