import type { Context } from "../context.ts";
import { readCoupleStreak } from "./couple-streaks.ts";
import { countCheckinDates, countGratitudeDates } from "./store.ts";

/** Distinct dates with a check-in by either; stops counting at `atMost`. */
export function checkinDays(ctx: Context, atMost: number): number {
  return countCheckinDates(ctx.sql, ctx.solo, atMost);
}

/** The couple's streak in days; stops counting at `atMost`. */
export function coupleStreak(ctx: Context, atMost: number): number {
  return readCoupleStreak(ctx, atMost);
}

/** Distinct dates with a gratitude note that both may read; stops counting at `atMost`. */
export function gratitudeDates(ctx: Context, atMost: number): number {
  return countGratitudeDates(ctx.sql, ctx.solo, atMost);
}
