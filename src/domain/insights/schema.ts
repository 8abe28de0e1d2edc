import * as z from "zod";
import { dateSchema } from "../calendar.ts";
import { GRACES_PER_MONTH } from "../checkins/streaks.ts";

const streakSchema = z.strictObject({
  current: z.int().nonnegative(),
  atRisk: z.boolean().describe("A day is missing that can still be entered"),
  lastDate: dateSchema.nullable().describe("The newest day that counts in it"),
  gracesLeft: z.int().min(0).max(GRACES_PER_MONTH).describe("Missing days that this month still forgives"),
  longest: z.int().nonnegative().optional(),
});

export const streaksSchema = z.strictObject({
  ruleVersion: z.int().positive(),
  mine: streakSchema,
  partner: streakSchema.nullable(),
  ours: streakSchema,
});

export const streaksInput = z.strictObject({
  longest: z.boolean().default(false).describe("Also the longest streak ever"),
});

const mean = z.number().min(1).max(10).nullable();

/** Means of three scores; null where nobody gave one. */
export const meansSchema = z.strictObject({
  connection: mean,
  mood: mean,
  satisfaction: mean,
  checkins: z.int().nonnegative(),
});

export const memberMeansSchema = meansSchema.extend({ userId: z.string() });

export const trendsInput = z.strictObject({
  days: z.union([z.literal(7), z.literal(30), z.literal(90)]).default(30),
});

const points = z.array(mean).describe("One for each date; null where there is a gap");

export const trendsSchema = z.strictObject({
  days: z.int(),
  dates: z.array(dateSchema).describe("Local days, the oldest first"),
  members: z.array(
    z.strictObject({
      userId: z.string(),
      connection: points,
      mood: points,
      satisfaction: points,
      means: meansSchema,
    }),
  ),
  means: meansSchema.describe("Over the check-ins of both"),
});

export type Trends = z.output<typeof trendsSchema>;
