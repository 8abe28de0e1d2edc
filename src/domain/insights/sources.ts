import { addDays, localDate } from "../calendar.ts";
import type { Context } from "../context.ts";
import type { EngagementSources } from "./engagement.ts";
import { HEALTH_WINDOW_DAYS, type HealthSources } from "./health.ts";
import {
  findScoredCheckin,
  hasAppDay,
  listDueActivities,
  listDueGoals,
  listHealthCheckins,
  listScoredActivities,
  listScoredConversations,
  listScoredEntries,
} from "./score-store.ts";

/** The rows from which the health score of `date` follows: what both may see, and nothing else. */
export function readHealthSources(ctx: Context, date: string): HealthSources {
  const from = addDays(date, 1 - HEALTH_WINDOW_DAYS);
  const alone = ctx.solo || ctx.members.length < 2;
  const pairedAt = Math.max(...ctx.members.map(({ joinedAt }) => joinedAt));
  const due = (kind: "activity" | "goal", rows: ReturnType<typeof listDueGoals>) =>
    rows.map(({ id, dueDate, completed }) => ({ kind, id, dueDate, completed: completed === 1 }));
  return {
    date,
    alone,
    pairedDate: alone ? null : localDate(pairedAt, ctx.relationship.homeTimezone),
    pauses: ctx.pauses.filter((pause) => pause.from <= date),
    checkins: listHealthCheckins(ctx.sql, from, date),
    due: [
      ...due("activity", listDueActivities(ctx.sql, from, date)),
      ...due("goal", listDueGoals(ctx.sql, from, date)),
    ],
  };
}

/** The rows of `userId` and `date` that count: what both may see, or everything of who is alone. */
export function readEngagementSources(ctx: Context, userId: string, date: string): EngagementSources {
  const { sql, solo } = ctx;
  const checkin = findScoredCheckin(sql, userId, date, solo);
  return {
    userId,
    date,
    checkinId: checkin?.id ?? null,
    gratitude: checkin?.gratitude === 1,
    activities: listScoredActivities(sql, userId, date, solo),
    challengeEntries: listScoredEntries(sql, userId, date, solo),
    conversations: listScoredConversations(sql, userId, date, solo),
    opened: hasAppDay(sql, userId, date),
  };
}
