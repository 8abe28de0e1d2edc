import * as z from "zod";
import { dateSchema } from "../calendar.ts";
import { coupleBasis, coupleBasisAround } from "../checkins/couple-streaks.ts";
import { replayStreak, streakFacts, streakFactsSchema } from "../checkins/streak-facts.ts";
import type { Context } from "../context.ts";
import { occursOn } from "../dates/recurrence.ts";
import { leapDaySchema, repeatsSchema } from "../dates/schema.ts";
import type { Achievement } from "./catalogue.ts";
import { listCelebrations } from "./celebrations.ts";
import { isRowMetric, listCounted } from "./evidence-store.ts";
import { readPerfectDays } from "./metrics.ts";
import { evidenceOf, longestPerfectRun } from "./perfect-days.ts";

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

/**
 * What speaks for `achievement`, up to its threshold. Of one that is earned it is what spoke for it on that day, as far
 * as it is still there; of an open one it is how far the couple is now.
 */
export function readEvidence(ctx: Context, { rule }: Achievement, earnedDate: string | null): Evidence {
  const { metric, threshold } = rule;
  if (isRowMetric(metric)) return { kind: "rows", rows: listCounted(ctx.sql, metric, ctx.solo, threshold) };
  if (metric === "couple_streak") {
    const basis = earnedDate === null ? coupleBasis(ctx) : coupleBasisAround(ctx, earnedDate);
    return { kind: "streak", facts: streakFacts(basis, ctx.pauses, threshold) };
  }
  if (metric === "anniversaries_celebrated") {
    return { kind: "celebrations", rows: listCelebrations(ctx, threshold) };
  }
  const input = readPerfectDays(ctx, threshold, earnedDate === null ? "recent" : "all");
  if (input === null) return { kind: "perfect_days", memberIds: [], challenges: [], checkins: [], entries: [] };
  const { memberIds, challenges, checkins, entries } = evidenceOf(input, threshold);
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
