import * as z from "zod";
import { addDays, dateSchema } from "../calendar.ts";
import { coupleBasis, coupleRunBasis } from "../checkins/couple-streaks.ts";
import { replayStreak, streakFacts, streakFactsSchema } from "../checkins/streak-facts.ts";
import type { Context } from "../context.ts";
import { occursOn } from "../dates/recurrence.ts";
import { leapDaySchema, repeatsSchema } from "../dates/schema.ts";
import type { Achievement } from "./catalogue.ts";
import { listCelebrations } from "./celebrations.ts";
import { isRowMetric, listCounted, type Bounds } from "./evidence-store.ts";
import { readPerfectDays } from "./metrics.ts";
import { evidenceOf, longestPerfectRun } from "./perfect-days.ts";
import type { AwardRow } from "./store.ts";

/** Grows whenever the same rows would count to another number. */
export const METRIC_RULES_VERSION = 1;

const memberDate = z.strictObject({ userId: z.string(), date: dateSchema });

/** The rows that a metric counts; its number follows from them alone. */
export const evidenceSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("rows").describe("Each row counts one"),
    rows: z.array(
      z.strictObject({
        table: z.string(),
        id: z.string().nullable(),
        date: dateSchema.nullable(),
        type: z.string().nullable(),
      }),
    ),
  }),
  z.strictObject({ kind: z.literal("streak"), facts: streakFactsSchema }),
  z.strictObject({
    kind: z
      .literal("celebrations")
      .describe("Days of completed activities, each with the date's rule that falls on it"),
    rows: z.array(
      z.strictObject({
        doneDate: dateSchema,
        rule: z.strictObject({
          date: dateSchema,
          repeats: repeatsSchema,
          every: z.int().positive(),
          leapDay: leapDaySchema,
        }),
      }),
    ),
  }),
  z.strictObject({
    kind: z.literal("perfect_days"),
    memberIds: z.array(z.string()),
    challenges: z.array(
      z.strictObject({
        id: z.string(),
        startDate: dateSchema,
        lastDate: dateSchema.nullable(),
        pauses: z.array(z.tuple([dateSchema, dateSchema.nullable()])),
      }),
    ),
    checkins: z.array(memberDate),
    entries: z.array(memberDate.extend({ challengeId: z.string() })),
  }),
]);

export type Evidence = z.output<typeof evidenceSchema>;

const ALWAYS: Bounds = { createdUntil: Number.MAX_SAFE_INTEGER, untilDate: "9999-12-31" };
/** A member's own day can be one ahead of the home zone's, by which an award is dated. */
const AHEAD_DAYS = 1;

/**
 * What speaks for `achievement`, the oldest first, up to its threshold. Of one that is earned it is what earned it, as far
 * as it is still there: nothing that came later takes the place of what was deleted. Of an open one it is how far the
 * couple is now.
 */
export function readEvidence(
  ctx: Context,
  { rule: { metric, threshold } }: Achievement,
  award: Pick<AwardRow, "earnedAt" | "earnedDate"> | null,
): Evidence {
  const bounds: Bounds =
    award === null ? ALWAYS : { createdUntil: award.earnedAt, untilDate: addDays(award.earnedDate, AHEAD_DAYS) };
  if (isRowMetric(metric)) return { kind: "rows", rows: listCounted(ctx.sql, metric, ctx.solo, threshold, bounds) };
  if (metric === "couple_streak") {
    const basis = award === null ? coupleBasis(ctx) : coupleRunBasis(ctx, threshold, award.earnedAt);
    return { kind: "streak", facts: streakFacts(basis, ctx.pauses, threshold) };
  }
  if (metric === "anniversaries_celebrated") {
    if (award === null) return { kind: "celebrations", rows: listCelebrations(ctx, threshold) };
    const until = listCelebrations(ctx, Number.MAX_SAFE_INTEGER).filter(({ doneDate }) => doneDate <= bounds.untilDate);
    const oldestFirst = until.toSorted((a, b) => (a.doneDate < b.doneDate ? -1 : 1));
    return { kind: "celebrations", rows: oldestFirst.slice(0, threshold) };
  }
  const input = readPerfectDays(ctx, threshold, award === null ? "recent" : "all");
  if (input === null) return { kind: "perfect_days", memberIds: [], challenges: [], checkins: [], entries: [] };
  const until = {
    ...input,
    checkins: input.checkins.filter(({ date }) => date <= bounds.untilDate),
    entries: input.entries.filter(({ date }) => date <= bounds.untilDate),
  };
  const { memberIds, challenges, checkins, entries } = evidenceOf(until, threshold);
  return {
    kind: "perfect_days",
    memberIds: [...memberIds],
    challenges: challenges.map(({ pauses, ...challenge }) => ({
      ...challenge,
      pauses: pauses.map(([from, to]): [string, string | null] => [from, to]),
    })),
    checkins: [...checkins],
    entries: [...entries],
  };
}

/** How far `evidence` carries towards `threshold`. */
export function replayEvidence(evidence: Evidence, threshold: number): number {
  switch (evidence.kind) {
    case "rows":
      return Math.min(threshold, new Set(evidence.rows.map((row) => row.id ?? row.date)).size);
    case "streak":
      return replayStreak(evidence.facts, threshold);
    case "celebrations":
      return Math.min(threshold, evidence.rows.filter(({ doneDate, rule }) => occursOn(rule, doneDate)).length);
    case "perfect_days":
      return longestPerfectRun(evidence, threshold);
  }
}
