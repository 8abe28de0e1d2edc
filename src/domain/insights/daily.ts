import { addDays, daysBetween, monthOf } from "../calendar.ts";
import { readCoupleStreakOn } from "../checkins/couple-streaks.ts";
import type { Context } from "../context.ts";
import { engagementOf, healthOn } from "./scores.ts";
import { readEngagementSources } from "./sources.ts";
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
    overallHealthScore: healthOn(ctx, date).score,
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

/** One member's day as D1 keeps it for the engagement score: numbers, never which rows. */
export interface DailyScore {
  version: number;
  score: number;
  checkinCompleted: 0 | 1;
  activitiesLogged: number;
  conversations: number;
  /** How many of the score's five parts were touched. */
  featuresUsed: number;
}

/** How a member took part on `date`. Like the snapshot it depends on rows alone. */
export function dailyScore(ctx: Context, userId: string, date: string): DailyScore {
  const sources = readEngagementSources(ctx, userId, date);
  const { version, score, parts } = engagementOf(sources);
  return {
    version,
    score,
    checkinCompleted: sources.checkinId === null ? 0 : 1,
    activitiesLogged: sources.activities.length,
    conversations: sources.conversations.length,
    featuresUsed: parts.filter(({ count }) => count > 0).length,
  };
}
