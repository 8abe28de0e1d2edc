import type { Context } from "../context.ts";
import { readCoupleStreak, readLongestCoupleStreak } from "./couple-streaks.ts";
import { countCheckinDates, countGratitudeDates } from "./store.ts";

/** Distinct dates with a check-in by either; stops counting at `atMost`. */
export function checkinDays(ctx: Context, atMost: number): number {
  return countCheckinDates(ctx.sql, ctx.solo, atMost);
}

/**
 * The couple's streak in days; stops counting at `atMost`. A write of today moves the running streak only; where days of
 * long ago can have changed it is the longest that there ever was.
 */
export function coupleStreak(ctx: Context, atMost: number, reach: "recent" | "all"): number {
  return reach === "all" ? Math.min(atMost, readLongestCoupleStreak(ctx)) : readCoupleStreak(ctx, atMost);
}

/** Distinct dates with a gratitude note that both may read; stops counting at `atMost`. */
export function gratitudeDates(ctx: Context, atMost: number): number {
  return countGratitudeDates(ctx.sql, ctx.solo, atMost);
}
