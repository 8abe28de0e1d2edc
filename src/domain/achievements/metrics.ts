import { ACTIVITY_TYPES } from "../activities/schema.ts";
import { addDays, localDate } from "../calendar.ts";
import { CHALLENGES } from "../challenges/catalogue.ts";
import { pausesOf } from "../challenges/store.ts";
import { checkinDays, coupleStreak, gratitudeDates } from "../checkins/metrics.ts";
import { ENTRY_WINDOW_DAYS, OFFLINE_WINDOW_DAYS } from "../checkins/rules.ts";
import type { Context } from "../context.ts";
import type { Metric } from "./catalogue.ts";
import { listCelebrations } from "./celebrations.ts";
import {
  countActivityTypes,
  countCompletedGoals,
  countCompletedParticipations,
  countDateNights,
  countDeepTalks,
  countGoals,
  countParticipations,
  listCheckinsSince,
  listEntriesSince,
  listParticipationsSince,
  type DailyParticipationRow,
} from "./metric-store.ts";
import { firstDateToRead, longestPerfectRun, type DailyChallenge, type PerfectDaysInput } from "./perfect-days.ts";

/** After a write only recent days can have changed; a rebuild looks at all of them. */
export type Reach = "recent" | "all";

/** A number of the couple, exact below `atMost` and cut there, so that no history is read beyond it. */
export type MetricReader = (ctx: Context, atMost: number, reach: Reach) => number;

const BEGINNING = "0000-00-00";
const DAILY_CHALLENGES = CHALLENGES.filter(({ cadence }) => cadence === "daily").map(({ id }) => id);

function dailyChallenge(row: DailyParticipationRow, entryDates: readonly string[]): DailyChallenge {
  let lastDate: string | null = null;
  // Whoever completes a challenge has no more to enter; who gives it up owes nothing for that day.
  if (row.status === "completed") lastDate = entryDates.toSorted().at(-1) ?? row.startDate;
  if (row.status === "abandoned" && row.endDate !== null) lastDate = addDays(row.endDate, -1);
  const running = row.pausedDate === null ? [] : [[row.pausedDate, null] as const];
  return { id: row.id, startDate: row.startDate, lastDate, pauses: [...pausesOf(row.pauses), ...running] };
}

function perfectDays(ctx: Context, atMost: number, reach: Reach): number {
  const input = readPerfectDays(ctx, atMost, reach);
  return input === null ? 0 : longestPerfectRun(input, atMost);
}

/** What the perfect days of domain rule 10 follow from, or null when there surely are none. */
export function readPerfectDays(ctx: Context, atMost: number, reach: Reach): PerfectDaysInput | null {
  const today = localDate(ctx.now, ctx.relationship.homeTimezone);
  // A member's own day can be one behind the home zone's.
  const since = reach === "all" ? BEGINNING : firstDateToRead(today, OFFLINE_WINDOW_DAYS + 1, atMost);
  const participations = listParticipationsSince(ctx.sql, DAILY_CHALLENGES, since, ctx.solo);
  if (participations.length === 0) return null;
  const memberIds = ctx.members.map(({ userId }) => userId);
  const ids = participations.map(({ id }) => id);
  const entries = listEntriesSince(ctx.sql, ids, memberIds, since, ctx.solo);
  if (entries.length === 0) return null;
  const challenges = participations.map((row) => {
    return dailyChallenge(
      row,
      entries.filter(({ challengeId }) => challengeId === row.id).map(({ date }) => date),
    );
  });
  const checkins = listCheckinsSince(ctx.sql, since, ENTRY_WINDOW_DAYS, ctx.solo);
  return { memberIds, challenges, checkins, entries };
}

/** The one place that says what each metric counts. */
export const METRICS: Readonly<Record<Metric, MetricReader>> = {
  checkin_days: checkinDays,
  couple_streak: coupleStreak,
  gratitude_dates: gratitudeDates,
  goals_created: (ctx, atMost) => countGoals(ctx.sql, ctx.solo, atMost),
  goals_completed: (ctx, atMost) => countCompletedGoals(ctx.sql, ctx.solo, atMost),
  date_nights_completed: (ctx, atMost) => countDateNights(ctx.sql, ctx.solo, atMost),
  activity_types_completed: (ctx, atMost) => countActivityTypes(ctx.sql, ACTIVITY_TYPES, ctx.solo, atMost),
  challenges_started: (ctx, atMost) => countParticipations(ctx.sql, ctx.solo, atMost),
  challenges_completed: (ctx, atMost) => countCompletedParticipations(ctx.sql, ctx.solo, atMost),
  deep_talks: (ctx, atMost) => countDeepTalks(ctx.sql, ctx.solo, atMost),
  anniversaries_celebrated: (ctx, atMost) => listCelebrations(ctx, atMost).length,
  perfect_days: perfectDays,
};
