import * as z from "zod";
import { DAY_MS } from "../../protocol/limits.ts";
import { ACHIEVEMENTS, type Achievement } from "../achievements/catalogue.ts";
import { readEarnedAt } from "../achievements/earned-at.ts";
import { achievementEarned } from "../achievements/events.ts";
import { METRICS } from "../achievements/metrics.ts";
import { ACHIEVEMENT_POINTS, insertAward, insertPoints } from "../achievements/store.ts";
import { localDate } from "../calendar.ts";
import { readProgress } from "../challenges/progress.ts";
import { findAnyParticipation } from "../challenges/store.ts";
import { coupleBasis } from "../checkins/couple-streaks.ts";
import { replayStreak, streakFacts } from "../checkins/streak-facts.ts";
import type { Context } from "../context.ts";
import { defineService, type ServiceContext } from "../service.ts";
import {
  findCompleteFrom,
  listAwardRows,
  listCountedParticipationIds,
  listCounters,
  listFirstTimes,
  listLedger,
  recountLog,
  saveCounter,
  updateLedgerRow,
  updateProgress,
  type CounterRow,
  type KeptAwardRow,
  type LedgerRow,
} from "./rebuild-store.ts";

/** As long as hourly counters are kept. */
const COUNTERS_KEEP_MS = 35 * DAY_MS;

const DIFFERENCE_TABLES = [
  "challenge_participation",
  "user_achievements",
  "points",
  "event_summaries",
  "streak",
] as const;

const differenceValue = z.union([z.number(), z.string()]).nullable();

/** What `rebuildService` answers. */
export const rebuildOutput = z.strictObject({
  differences: z.array(
    z.strictObject({
      table: z.enum(DIFFERENCE_TABLES),
      key: z.string(),
      was: differenceValue.describe("Null where there is nothing"),
      now: differenceValue,
    }),
  ),
});

/** Something that is kept and does not equal what follows from the tables. */
export type Difference = z.output<typeof rebuildOutput>["differences"][number];

interface Repair extends Difference {
  apply(): void;
}

/**
 * Derives anew everything that rules once wrote (progress, awards, points, counters) or keep in memory (streaks), and
 * compares it with what is there. It resets only what a rule wrote: an award is a fact of its day and stays, with its
 * date, also where what earned it was undone since.
 * @param apply also makes it so
 */
export function rebuild(ctx: ServiceContext, apply: boolean): Difference[] {
  const repairs = [...streakRepairs(ctx), ...progressRepairs(ctx), ...awardRepairs(ctx), ...counterRepairs(ctx)];
  if (apply) {
    for (const repair of repairs) repair.apply();
    ctx.couple.forget();
  }
  return repairs.map(({ table, key, was, now }) => ({ table, key, was, now }));
}

function streakRepairs(ctx: ServiceContext): Repair[] {
  if (ctx.members.length === 0) return [];
  const read = (): number => replayStreak(streakFacts(coupleBasis(ctx), ctx.pauses));
  const was = read();
  // Whatever was kept in memory goes; what comes next is read from the rows.
  ctx.couple.forget();
  const now = read();
  return was === now ? [] : [{ table: "streak", key: "ours", was, now, apply: () => {} }];
}

function progressRepairs(ctx: Context): Repair[] {
  return listCountedParticipationIds(ctx.sql).flatMap((id): Repair[] => {
    const row = findAnyParticipation(ctx.sql, id);
    if (row === null) return [];
    const now = readProgress(ctx, row).couple;
    const apply = (): void => updateProgress(ctx.sql, id, now);
    return row.progress === now ? [] : [{ table: "challenge_participation", key: id, was: row.progress, now, apply }];
  });
}

/** Counts every running challenge anew: rows have come here, or somebody has gone, past the commands that count. */
export function recountProgress(ctx: Context): void {
  for (const repair of progressRepairs(ctx)) repair.apply();
}

interface Known {
  award: KeptAwardRow | undefined;
  ledger: LedgerRow | undefined;
  /** When the log says that it was earned. */
  loggedAt: number | undefined;
}

function awardRepairs(ctx: Context): Repair[] {
  const awards = new Map(listAwardRows(ctx.sql).map((row) => [row.achievementId, row]));
  const ledger = new Map(listLedger(ctx.sql, ACHIEVEMENT_POINTS).map((row) => [row.subjectId, row]));
  const logged = new Map(listFirstTimes(ctx.sql, achievementEarned.name).map(({ subjectId, at }) => [subjectId, at]));
  return ACHIEVEMENTS.flatMap((achievement): Repair[] => {
    const { id, rule } = achievement;
    const known: Known = { award: awards.get(id), ledger: ledger.get(id), loggedAt: logged.get(id) };
    const isEarned = known.award !== undefined || known.ledger !== undefined;
    if (!isEarned && METRICS[rule.metric](ctx, rule.threshold, "all") < rule.threshold) return [];
    const award = known.award ?? reproducedAward(ctx, achievement, known);
    const repairs: Repair[] = [];
    if (known.award === undefined) {
      const apply = (): void => insertAward(ctx.sql, ctx.newId("award"), award);
      repairs.push({ table: "user_achievements", key: id, was: null, now: award.earnedDate, apply });
    }
    return [...repairs, ...ledgerRepairs(ctx, achievement, award, known.ledger)];
  });
}

/**
 * A lost award from what still tells of it: the ledger is only ever added to, the log remembers for a while, and the
 * rows say for good when they first carried it.
 */
function reproducedAward(ctx: Context, achievement: Achievement, { ledger, loggedAt }: Known): KeptAwardRow {
  const alone = ctx.solo ? (ctx.members[0]?.userId ?? null) : null;
  const earnedAt = ledger?.createdAt ?? loggedAt ?? readEarnedAt(ctx, achievement) ?? ctx.now;
  return {
    achievementId: achievement.id,
    earnedAt,
    earnedDate: localDate(earnedAt, ctx.relationship.homeTimezone),
    earnedBy: ledger === undefined ? alone : ledger.memberId,
  };
}

function ledgerRepairs(
  ctx: Context,
  { id, points }: Achievement,
  { earnedAt, earnedBy }: KeptAwardRow,
  entry: LedgerRow | undefined,
): Repair[] {
  if (entry?.points === points && entry.memberId === earnedBy) return [];
  const apply = (): void => {
    if (entry !== undefined) return updateLedgerRow(ctx.sql, { id: entry.id, points, memberId: earnedBy });
    const row = { id: ctx.newId("point"), points, reason: ACHIEVEMENT_POINTS, subjectId: id, memberId: earnedBy };
    insertPoints(ctx.sql, { ...row, createdAt: earnedAt });
  };
  return [{ table: "points", key: id, was: entry?.points ?? null, now: points, apply }];
}

function counterRepairs(ctx: Context): Repair[] {
  const from = Math.max(findCompleteFrom(ctx.sql), ctx.now - COUNTERS_KEEP_MS);
  // Whole hours only: what lies before the first of them may be cut already.
  const firstHour = Math.ceil(from / 3_600_000) * 3_600_000;
  const key = (row: CounterRow): string => `${row.bucketAt} ${row.eventName} ${row.userId}`;
  const kept = new Map(listCounters(ctx.sql, firstHour).map((row) => [key(row), row]));
  const counted = new Map(recountLog(ctx.sql, firstHour).map((row) => [key(row), row]));
  const repairs: Repair[] = [];
  for (const row of new Map([...kept, ...counted]).values()) {
    const was = kept.get(key(row))?.count ?? null;
    const now = counted.get(key(row))?.count ?? null;
    const apply = (): void => saveCounter(ctx.sql, row, now);
    if (was !== now) repairs.push({ table: "event_summaries", key: key(row), was, now, apply });
  }
  return repairs;
}

/** For operators and for tests: whether everything that is derived follows from the tables, and how to make it so. */
export const rebuildService = defineService({
  name: "operations.rebuild",
  input: z.strictObject({ apply: z.boolean() }),
  run: (ctx, { apply }) => ({ differences: rebuild(ctx, apply) }),
});
