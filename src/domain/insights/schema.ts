import * as z from "zod";
import { activitySchema } from "../activities/schema.ts";
import { dateSchema } from "../calendar.ts";
import { entrySchema, participationSchema, progressSchema } from "../challenges/schema.ts";
import { checkinSchema } from "../checkins/schema.ts";
import { GRACES_PER_MONTH } from "../checkins/streaks.ts";
import { importantDateSchema } from "../dates/schema.ts";
import { goalSchema } from "../goals/schema.ts";
import { notificationSchema } from "../inbox/schema.ts";
import { profileOutput } from "../membership/schema.ts";

export const nothing = z.strictObject({});

const streakSchema = z.strictObject({
  current: z.int().nonnegative(),
  atRisk: z.boolean().describe("A day is missing that can still be entered"),
  lastDate: dateSchema.nullable().describe("The newest day that counts in it"),
  gracesLeft: z.int().min(0).max(GRACES_PER_MONTH).describe("Missing days that this month still forgives"),
  bridged: z.array(dateSchema).describe("Missing dates of this month that were forgiven"),
  longest: z.int().nonnegative().optional(),
});

export const streaksSchema = z.strictObject({
  ruleVersion: z.int().positive(),
  hidden: z.boolean().describe("I asked not to be shown streaks: then all three are null"),
  mine: streakSchema.nullable(),
  partner: streakSchema.nullable(),
  ours: streakSchema.nullable(),
});

export type StreaksView = z.output<typeof streaksSchema>;

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

/** Each member's check-in of that member's own today. */
const todaySchema = z.strictObject({
  mine: checkinSchema.nullable(),
  partner: checkinSchema.nullable(),
  partnerDate: dateSchema.nullable().describe("The partner's own calendar day"),
});

const awardSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  points: z.int(),
  earnedDate: dateSchema,
  earnedAt: z.int(),
});

const challengeStateSchema = z.strictObject({
  participation: participationSchema,
  progress: progressSchema,
  today: z
    .array(z.strictObject({ userId: z.string(), date: dateSchema, completed: z.boolean().nullable() }))
    .describe("Each member's entry of their own today; completed is null where there is none"),
});

export const dashboardSchema = z.strictObject({
  profile: profileOutput,
  today: dateSchema.describe("My own calendar day"),
  daysTogether: z.int().nonnegative().nullable(),
  checkins: todaySchema,
  streaks: streaksSchema,
  recentCheckins: z.array(checkinSchema),
  goals: z.array(goalSchema),
  activities: z.array(activitySchema).describe("What is planned next"),
  dates: z.array(importantDateSchema).describe("Important dates of the next 30 days, the soonest first"),
  challenges: z.array(challengeStateSchema),
  achievements: z.array(awardSchema).describe("The newest ones"),
  points: z.int(),
  unread: z.int().nonnegative().describe("Unread notifications of mine"),
  averages: z.strictObject({ days: z.int(), members: z.array(memberMeansSchema), both: meansSchema }),
});

export type Dashboard = z.output<typeof dashboardSchema>;

export const snapshotSchema = z.strictObject({
  profile: profileOutput,
  today: dateSchema.describe("My own calendar day"),
  checkinsFrom: dateSchema.describe("Check-ins from this date on are in here; older ones by query"),
  itemsMax: z.int().positive().describe("A list of this length may go on; the rest is there by query"),
  checkins: z.array(checkinSchema),
  goals: z.array(goalSchema),
  activities: z.array(activitySchema),
  dates: z.array(importantDateSchema),
  challenges: z.array(
    z.strictObject({ participation: participationSchema, progress: progressSchema, entries: z.array(entrySchema) }),
  ),
  achievements: z.array(awardSchema),
  points: z.int(),
  notifications: z.array(notificationSchema).describe("Unread ones"),
  unread: z.int().nonnegative(),
});

export type Snapshot = z.output<typeof snapshotSchema>;
