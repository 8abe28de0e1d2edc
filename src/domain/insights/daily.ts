import { addDays, daysBetween, localDate, monthOf } from "../calendar.ts";
import { readCoupleStreakOn } from "../checkins/couple-streaks.ts";
import type { Context } from "../context.ts";
import { countActivitiesCompleted, countGoalsCompleted, readMeans } from "./store.ts";

const WINDOW_DAYS = 30;
const TREND_DAYS = 7;

/** The week's mean minus the mean of the week before; null where either has no score. */
export interface Trends {
  connection: number | null;
  mood: number | null;
  satisfaction: number | null;
}

/** One date of a couple as D1 keeps it: numbers, never text. */
export interface DailySnapshot {
  /** Days since the start date; null without one, or before it. */
  daysTogether: number | null;
  averageConnectionScore: number | null;
  averageSatisfactionScore: number | null;
  checkinStreak: number;
  activitiesCompletedThisMonth: number;
  goalsCompletedThisMonth: number;
  /** Check-ins of both in the 30 days that end with the date. */
  communicationFrequencyScore: number;
  overallHealthScore: number | null;
  trends: Trends;
}

/**
 * How the couple stood on `date` of their home zone. It depends on rows alone, so the same rows give the same snapshot
 * however often it is asked for. Private rows count only while their author is alone.
 */
export function dailySnapshot(ctx: Context, date: string): DailySnapshot {
  const { sql, solo } = ctx;
  const month = readMeans(sql, solo, addDays(date, 1 - WINDOW_DAYS), date);
  const week = readMeans(sql, solo, addDays(date, 1 - TREND_DAYS), date);
  const weekBefore = readMeans(sql, solo, addDays(date, 1 - 2 * TREND_DAYS), addDays(date, -TREND_DAYS));
  const monthStart = `${monthOf(date)}-01`;
  return {
    daysTogether: daysTogether(ctx.relationship.startDate, date),
    averageConnectionScore: month.connection,
    averageSatisfactionScore: month.satisfaction,
    checkinStreak: readCoupleStreakOn(ctx, date),
    activitiesCompletedThisMonth: countActivitiesCompleted(sql, solo, monthStart, date),
    goalsCompletedThisMonth: countGoalsCompleted(sql, solo, monthStart, date),
    communicationFrequencyScore: month.checkins,
    overallHealthScore: null,
    trends: {
      connection: change(weekBefore.connection, week.connection),
      mood: change(weekBefore.mood, week.mood),
      satisfaction: change(weekBefore.satisfaction, week.satisfaction),
    },
  };
}

/** Whole days from `startDate` to `date`; null without a start date, or before it. */
export function daysTogether(startDate: string | null, date: string): number | null {
  if (startDate === null) return null;
  const days = daysBetween(startDate, date);
  return days < 0 ? null : days;
}

function change(before: number | null, after: number | null): number | null {
  return before === null || after === null ? null : Math.round((after - before) * 100) / 100;
}

/** Events that change the snapshot of another day than the one on which they happened, and where they name it. */
const DATED: Record<string, string> = { "checkin.submitted": "date", "activity.completed": "completedDate" };

/** The days of the couple's home zone whose snapshot `event` changed: the day it happened, and the day it is about. */
export function affectedDates(
  event: { name: string; occurredAt: number; data: string },
  homeTimezone: string,
): string[] {
  const dates = [localDate(event.occurredAt, homeTimezone)];
  const key = DATED[event.name];
  const about: unknown = key === undefined ? undefined : (JSON.parse(event.data) as Record<string, unknown>)[key];
  if (typeof about === "string") dates.push(about);
  return dates;
}
