import * as z from "zod";
import { dateSchema } from "../calendar.ts";
import { ENGAGEMENT_FORMULAS, ENGAGEMENT_PARTS } from "./engagement.ts";
import { HEALTH_FORMULAS, HEALTH_PARTS } from "./health.ts";

function versionOf(formulas: Readonly<Record<number, unknown>>): z.ZodOptional<z.ZodType<number, number>> {
  const versions = Object.keys(formulas).map((version) => z.literal(Number(version)));
  return z.union(versions).optional().describe("Of the formula; the newest unless told");
}

const date = dateSchema.optional().describe("Today unless told; never a later day");

export const healthInput = z.strictObject({ date, version: versionOf(HEALTH_FORMULAS) });
export const engagementInput = z.strictObject({ date, version: versionOf(ENGAGEMENT_FORMULAS) });

const count = z.int().nonnegative();

const healthInputsSchema = z.strictObject({
  alone: z.boolean(),
  checkinDays: count.describe("Days of the window with a check-in of either"),
  connectionSum: count,
  connectionCount: count,
  satisfactionSum: count,
  satisfactionCount: count,
  bothDays: count.describe("Days of the window on which both checked in"),
  possibleDays: count.describe("Days since pairing without the paused ones, 1 to 30"),
  dueCount: count.describe("Activities and goals due in the window and not cancelled"),
  completedCount: count.describe("Those of them that were completed"),
});

export const healthOutput = z.strictObject({
  version: z.int().positive(),
  date: dateSchema.describe("The day of the couple's home zone with which the 30 days end"),
  score: z.int().min(0).max(100).nullable(),
  reason: z.enum(["alone", "too_few_days"]).nullable().describe("Why there is no score"),
  parts: z.array(
    z.strictObject({
      name: z.enum(HEALTH_PARTS),
      weight: z.int(),
      value: z.number().min(0).max(100).nullable().describe("Null without data: then the other parts weigh more"),
    }),
  ),
  inputs: healthInputsSchema,
});

const engagementInputsSchema = z.strictObject({
  checkin: count,
  activities: count,
  challengeEntries: count,
  kindWords: count.describe("Gratitude notes and conversations"),
  opened: count,
});

export const engagementOutput = z.strictObject({
  version: z.int().positive(),
  date: dateSchema,
  score: z.int().min(0).max(100),
  parts: z.array(z.strictObject({ name: z.enum(ENGAGEMENT_PARTS), count, points: z.int(), max: z.int() })),
  inputs: engagementInputsSchema,
});

export const openedOutput = z.strictObject({
  date: dateSchema.describe("My own calendar day"),
  isNew: z.boolean().describe("Whether it was not yet counted for this day"),
});
