import {
  addDays,
  closedSpans,
  daysBetween,
  daysOutside,
  endOfDay,
  firstFreeDay,
  localDate,
  type Days,
} from "../calendar.ts";
import { CHALLENGE_DUE } from "../challenges/lifecycle.ts";
import { pausesOf } from "../challenges/store.ts";
import type { Context } from "../context.ts";
import {
  closePause,
  deletePause,
  findRunningPause,
  insertPause,
  listChallengeDeadlines,
  listGoalDeadlines,
  moveChallengeDeadline,
  moveGoalDeadline,
} from "./pause-store.ts";

/**
 * Time stands still from the couple's today on, by the calendar of their home zone: streaks pass over the days, nothing
 * falls due. A pause that runs already goes on.
 * @param userId who wanted it; null when both were parted
 */
export function beginPause(ctx: Context, userId: string | null): void {
  if (findRunningPause(ctx.sql) === null) {
    const fromDate = firstFreeDay(homeToday(ctx), closedSpans(ctx.pauses));
    insertPause(ctx.sql, { id: ctx.newId("pause"), fromDate, toDate: null, pausedBy: userId }, ctx.now);
  }
  for (const { id } of listChallengeDeadlines(ctx.sql)) ctx.unschedule(CHALLENGE_DUE, id);
  ctx.relationshipChanged();
}

/**
 * Time goes on: the day of resuming counts again, and what was to be reached by a date gets as many days more as were
 * paused.
 * @returns how many days were paused
 */
export function endPause(ctx: Context): number {
  const pause = findRunningPause(ctx.sql);
  if (pause === null) return 0;
  const today = homeToday(ctx);
  const days = Math.max(0, daysBetween(pause.fromDate, today));
  if (days === 0) deletePause(ctx.sql, pause.id);
  else closePause(ctx.sql, pause.id, addDays(today, -1));
  for (const goal of listGoalDeadlines(ctx.sql, pause.fromDate)) {
    const targetDate = movedTarget(goal, [], pause.fromDate, today);
    if (targetDate !== goal.targetDate) moveGoalDeadline(ctx.sql, goal.id, targetDate, ctx.now);
  }
  for (const challenge of listChallengeDeadlines(ctx.sql)) {
    const running: Days[] = challenge.pausedDate === null ? [] : [[challenge.pausedDate, today]];
    const own = pausesOf(challenge.pauses);
    const targetDate = movedTarget(challenge, own, pause.fromDate, today, running);
    if (targetDate !== challenge.targetDate) moveChallengeDeadline(ctx.sql, challenge.id, targetDate, ctx.now);
    if (challenge.pausedDate !== null) continue;
    ctx.schedule(CHALLENGE_DUE, challenge.id, endOfDay(targetDate, ctx.relationship.homeTimezone));
  }
  ctx.relationshipChanged();
  return days;
}

/**
 * The target date after a pause of the relationship from `fromDate` until before `resumedDate`: each day on which it
 * stood still moves it once. Days before it began do not count, nor days of its own pauses: those that are over have
 * moved it already, and a running one will when it ends. What was overdue before the pause stays.
 * @param running its own pause that is not over yet, if any
 */
export function movedTarget(
  { startDate, targetDate }: { startDate: string; targetDate: string },
  ownPauses: readonly Days[],
  fromDate: string,
  resumedDate: string,
  running: readonly Days[] = [],
): string {
  const movedSince = ownPauses.reduce((sum, [first, end]) => {
    return sum + Math.max(0, daysBetween(first > fromDate ? first : fromDate, end));
  }, 0);
  if (addDays(targetDate, -movedSince) < fromDate) return targetDate;
  const from = startDate > fromDate ? startDate : fromDate;
  return addDays(targetDate, daysOutside([from, resumedDate], [...ownPauses, ...running]));
}

function homeToday(ctx: Context): string {
  return localDate(ctx.now, ctx.relationship.homeTimezone);
}
