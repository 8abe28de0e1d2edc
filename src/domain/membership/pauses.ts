import { addDays, daysBetween, endOfDay, localDate } from "../calendar.ts";
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
    const fromDate = homeToday(ctx);
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
    const targetDate = movedTarget(challenge, pausesOf(challenge.pauses), pause.fromDate, today);
    if (targetDate !== challenge.targetDate) moveChallengeDeadline(ctx.sql, challenge.id, targetDate, ctx.now);
    ctx.schedule(CHALLENGE_DUE, challenge.id, endOfDay(targetDate, ctx.relationship.homeTimezone));
  }
  ctx.relationshipChanged();
  return days;
}

/**
 * The target date after a pause of the relationship from `fromDate` until before `resumedDate`. Days before it began and
 * days of its own pauses, which moved it already, do not count again; what was overdue before the pause stays.
 */
export function movedTarget(
  deadline: { startDate: string; targetDate: string },
  ownPauses: readonly (readonly [string, string])[],
  fromDate: string,
  resumedDate: string,
): string {
  if (deadline.targetDate < fromDate) return deadline.targetDate;
  const from = deadline.startDate > fromDate ? deadline.startDate : fromDate;
  const moved = ownPauses.map(([first, end]) => overlapDays(first, end, from, resumedDate));
  const days = Math.max(0, daysBetween(from, resumedDate)) - moved.reduce((sum, part) => sum + part, 0);
  return addDays(deadline.targetDate, Math.max(0, days));
}

function overlapDays(from: string, end: string, otherFrom: string, otherEnd: string): number {
  const latestStart = from > otherFrom ? from : otherFrom;
  const earliestEnd = end < otherEnd ? end : otherEnd;
  return Math.max(0, daysBetween(latestStart, earliestEnd));
}

function homeToday(ctx: Context): string {
  return localDate(ctx.now, ctx.relationship.homeTimezone);
}
