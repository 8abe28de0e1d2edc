import { addDays, endOfDay } from "../calendar.ts";
import { coupleBasis } from "../checkins/couple-streaks.ts";
import { findFirstDate } from "../checkins/store.ts";
import { firstRunOf } from "../checkins/streaks.ts";
import type { Context } from "../context.ts";
import type { Achievement } from "./catalogue.ts";
import { listCelebrations } from "./celebrations.ts";
import { isTimedMetric, listMoments, newestCheckinAt, newestEntryAt, type Moment } from "./earned-at-store.ts";
import { readPerfectDays } from "./metrics.ts";
import { evidenceOf } from "./perfect-days.ts";

/**
 * When the rows that are there first carried `achievement` (epoch milliseconds): the moment of the write that brought
 * the metric to its threshold, or where a row does not tell, the beginning of that day in the home zone. Null where they
 * never did.
 */
export function readEarnedAt(ctx: Context, { rule: { metric, threshold } }: Achievement): number | null {
  if (isTimedMetric(metric)) return nthMoment(ctx, listMoments(ctx.sql, metric, ctx.solo), threshold);
  if (metric === "couple_streak") return streakReachedAt(ctx, threshold);
  if (metric === "anniversaries_celebrated") {
    const dates = listCelebrations(ctx, Number.MAX_SAFE_INTEGER).map(({ doneDate }) => doneDate);
    const date = dates.toSorted()[threshold - 1];
    return date === undefined ? null : startOfDay(ctx, date);
  }
  return perfectDaysReachedAt(ctx, threshold);
}

/** Of several rows of one key the first one counts. */
function nthMoment(ctx: Context, moments: readonly Moment[], n: number): number | null {
  const firsts = new Map<string, number>();
  for (const { key, createdAt, date } of moments) {
    const at = date === null ? createdAt : Math.max(createdAt, startOfDay(ctx, date));
    firsts.set(key, Math.min(at, firsts.get(key) ?? at));
  }
  return [...firsts.values()].toSorted((a, b) => a - b)[n - 1] ?? null;
}

function streakReachedAt(ctx: Context, days: number): number | null {
  const first = findFirstDate(ctx.sql);
  if (first === null || ctx.members.length === 0) return null;
  const { members, until } = coupleBasis(ctx);
  const run = firstRunOf(
    days,
    members.map((member) => member.days),
    [first, until],
    ctx.pauses,
  );
  if (run === null) return null;
  // A day that was entered late completes the run late.
  return Math.max(startOfDay(ctx, run[1]), newestCheckinAt(ctx.sql, ...run, ctx.solo));
}

function perfectDaysReachedAt(ctx: Context, days: number): number | null {
  const input = readPerfectDays(ctx, days, "all");
  const dates =
    input === null
      ? []
      : evidenceOf(input, days)
          .entries.map(({ date }) => date)
          .toSorted();
  const [first, last] = [dates[0], dates.at(-1)];
  if (first === undefined || last === undefined || new Set(dates).size < days) return null;
  const checkinAt = newestCheckinAt(ctx.sql, first, last, ctx.solo);
  return Math.max(startOfDay(ctx, last), checkinAt, newestEntryAt(ctx.sql, first, last, ctx.solo));
}

function startOfDay(ctx: Context, date: string): number {
  return endOfDay(addDays(date, -1), ctx.relationship.homeTimezone);
}
