import * as z from "zod";
import { evidenceSchema } from "../achievements/evidence.ts";
import { dateSchema } from "../calendar.ts";
import { cadenceSchema } from "../challenges/schema.ts";
import { streakFactsSchema } from "../checkins/streak-facts.ts";
import { goalStatusSchema } from "../goals/schema.ts";
import { pageInput } from "../paging.ts";
import { engagementInput, healthInput } from "./score-schema.ts";

const streakOf = z.enum(["mine", "partner", "ours"]);
const id = z.string().max(64);

export const whyInput = z.discriminatedUnion("subject", [
  z.strictObject({ subject: z.literal("streak"), of: streakOf.default("ours") }),
  healthInput.extend({ subject: z.literal("health") }),
  engagementInput.extend({ subject: z.literal("engagement") }),
  z.strictObject({ subject: z.literal("achievement"), id: id.describe("Of the catalogue") }),
  z.strictObject({ subject: z.literal("points"), ...pageInput }),
  z.strictObject({ subject: z.literal("goal"), id }),
  z.strictObject({ subject: z.literal("challenge"), id: id.describe("Of the participation") }),
]);

export type WhyInput = z.output<typeof whyInput>;

const count = z.int().nonnegative();
const ruleVersion = z.int().positive();

const healthSources = z.strictObject({
  date: dateSchema,
  alone: z.boolean(),
  pairedDate: dateSchema.nullable(),
  pauses: z.array(z.strictObject({ from: dateSchema, to: dateSchema.nullable() })),
  checkins: z.array(
    z.strictObject({
      userId: z.string(),
      date: dateSchema,
      connection: z.int().nullable(),
      satisfaction: z.int().nullable(),
    }),
  ),
  due: z.array(z.strictObject({ kind: z.enum(["activity", "goal"]), id, dueDate: dateSchema, completed: z.boolean() })),
});

const engagementSources = z.strictObject({
  userId: z.string(),
  date: dateSchema,
  checkinId: id.nullable(),
  gratitude: z.boolean(),
  activities: z.array(id),
  challengeEntries: z.array(id),
  conversations: z.array(id),
  opened: z.boolean(),
});

const pointRow = z.strictObject({ id, points: z.int(), reason: z.string(), subjectId: z.string() });

/** A number, the version of its rule, and the rows from which `replayWhy` gives the same number again. */
export const whyOutput = z.discriminatedUnion("subject", [
  z.strictObject({
    subject: z.literal("streak"),
    of: streakOf,
    ruleVersion,
    value: count.describe("Days"),
    sources: streakFactsSchema,
  }),
  z.strictObject({
    subject: z.literal("health"),
    ruleVersion,
    value: z.int().min(0).max(100).nullable(),
    sources: healthSources,
  }),
  z.strictObject({
    subject: z.literal("engagement"),
    ruleVersion,
    value: z.int().min(0).max(100),
    sources: engagementSources,
  }),
  z.strictObject({
    subject: z.literal("achievement"),
    id,
    ruleVersion,
    metric: z.string(),
    threshold: z.int().positive(),
    earnedDate: dateSchema.nullable().describe("Once earned it stays, also when what earned it is undone"),
    progress: count.describe("As the list shows it: the threshold once earned, else the value"),
    value: count.describe(
      "How far the rows carry now, cut at the threshold: of an earned one, those left that earned it",
    ),
    sources: evidenceSchema,
  }),
  z.strictObject({
    subject: z.literal("points"),
    ruleVersion,
    value: z.int().describe("The balance: the sum over all pages"),
    sources: z.array(pointRow).describe("One page of the ledger, newest first"),
    nextCursor: z.string().nullable(),
  }),
  z.strictObject({
    subject: z.literal("goal"),
    ruleVersion,
    value: z.int().min(0).max(100).describe("Per cent of the target, rounded down"),
    sources: z.strictObject({ id, progress: z.int(), targetCount: z.int().positive(), status: goalStatusSchema }),
  }),
  z.strictObject({
    subject: z.literal("challenge"),
    ruleVersion,
    value: z.int().min(0).max(100).describe("The couple's progress in per cent"),
    sources: z.strictObject({
      challengeId: z.string(),
      cadence: cadenceSchema,
      days: z.int().positive(),
      startDate: dateSchema,
      memberIds: z.array(z.string()),
      completed: z
        .array(z.strictObject({ userId: z.string(), date: dateSchema }))
        .describe("Dates with a completed entry, as many as the challenge has days at most for each member"),
    }),
  }),
]);

export type Why = z.output<typeof whyOutput>;
