import * as z from "zod";

export const milestoneSchema = z.strictObject({
  date: z.string(),
  days: z.int().positive().describe("Since the start date, which is day 0"),
  years: z.int().positive().nullable().describe("Whole years, when it is an anniversary of the start date"),
});
export type Milestone = z.output<typeof milestoneSchema>;

export const milestonesInput = z.strictObject({
  next: z.int().min(1).max(50).default(5),
  past: z.int().min(0).max(50).default(10),
});

export const milestonesSchema = z.strictObject({
  startDate: z.string().nullable(),
  today: z.string().describe("The couple's day, by the home time zone"),
  daysTogether: z.int().nonnegative().nullable(),
  next: z.array(milestoneSchema).describe("The soonest first, today's included"),
  past: z.array(milestoneSchema).describe("The newest first"),
});
