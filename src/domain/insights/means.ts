import type * as z from "zod";
import { addDays } from "../calendar.ts";
import type { MemberContext } from "../context.ts";
import type { memberMeansSchema, meansSchema, Trends } from "./schema.ts";
import { listMemberMeans, listScores, readMeans, type ScoreRow } from "./store.ts";

type Means = z.output<typeof meansSchema>;
type MemberMeans = z.output<typeof memberMeansSchema>;

const NOTHING: Means = { connection: null, mood: null, satisfaction: null, checkins: 0 };

/** Means of the `days` local days that end with my today. A score that a check-in left out is a gap, not a zero. */
export function readWindowMeans(ctx: MemberContext, days: number): { members: MemberMeans[]; both: Means } {
  const from = addDays(ctx.today, 1 - days);
  const rows = listMemberMeans(ctx.sql, ctx.me.userId, from, ctx.today);
  const members = ctx.members.map(({ userId }) => ({
    ...NOTHING,
    ...rows.find((row) => row.userId === userId),
    userId,
  }));
  return { members, both: readMeans(ctx.sql, ctx.solo, from, ctx.today) };
}

/** Scores by local day and member over the window that ends with my today, with gaps as gaps. */
export function readTrends(ctx: MemberContext, days: number): Trends {
  const first = addDays(ctx.today, 1 - days);
  const dates = Array.from({ length: days }, (_, index) => addDays(first, index));
  const scores = new Map<string, ScoreRow>();
  for (const row of listScores(ctx.sql, ctx.me.userId, first, ctx.today)) scores.set(`${row.userId} ${row.date}`, row);
  const { members, both } = readWindowMeans(ctx, days);
  const seriesOf = (userId: string, score: "connection" | "mood" | "satisfaction") =>
    dates.map((date) => scores.get(`${userId} ${date}`)?.[score] ?? null);
  return {
    days,
    dates,
    members: members.map(({ userId, ...means }) => ({
      userId,
      connection: seriesOf(userId, "connection"),
      mood: seriesOf(userId, "mood"),
      satisfaction: seriesOf(userId, "satisfaction"),
      means,
    })),
    means: both,
  };
}
