import * as z from "zod";
import { idSchema } from "../../protocol/ids.ts";
import { requiredText, text } from "../../protocol/text.ts";
import { dateSchema } from "../calendar.ts";
import { editInput } from "../edits.ts";
import { pageInput, pageOf } from "../paging.ts";
import { privateInput } from "../visibility.ts";
import { milestoneSchema } from "./milestone-schema.ts";

export const dateTypeSchema = z.enum(["anniversary", "milestone", "birthday", "holiday", "custom"]);
export type DateType = z.infer<typeof dateTypeSchema>;

export const repeatsSchema = z.enum(["none", "yearly", "monthly", "days", "weeks"]);
export type Repeats = z.infer<typeof repeatsSchema>;

export const leapDaySchema = z.enum(["feb_28", "mar_1"]);
export type LeapDay = z.infer<typeof leapDaySchema>;

const EVERY_MAX = 1_000;

/** How long the texts may be. */
export const TEXT_LIMITS = { name: 200, description: 500 } as const;

export const importantDateSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  type: dateTypeSchema,
  date: z.string(),
  description: z.string().nullable(),
  repeats: repeatsSchema,
  every: z.int().describe("Every how many days or weeks; 1 for everything else"),
  leapDay: leapDaySchema.describe("What 29 February becomes in other years, when it repeats yearly"),
  reminderDaysBefore: z.int(),
  nextDate: z.string().nullable().describe("From my today on; null when it is over for good"),
  lastCelebrated: z
    .string()
    .nullable()
    .describe("The newest of its last 12 occurrences on which we completed an activity"),
  createdBy: z.string(),
  /** Only its author ever sees it, unless they share it. */
  isPrivate: z.boolean(),
  version: z.int(),
  createdAt: z.int(),
  updatedAt: z.int(),
});
export type ImportantDate = z.infer<typeof importantDateSchema>;

const id = idSchema("date");
const reminderDaysBefore = z.int().min(0).max(365);
const every = z.int().min(1).max(EVERY_MAX).describe("Only for days and weeks");

export const addInput = z.strictObject({
  name: requiredText(TEXT_LIMITS.name),
  type: dateTypeSchema,
  date: dateSchema,
  description: text(TEXT_LIMITS.description).optional(),
  /** Default: yearly for anniversaries, birthdays and holidays, else none. */
  repeats: repeatsSchema.optional(),
  every: every.optional(),
  leapDay: leapDaySchema.default("feb_28"),
  reminderDaysBefore: reminderDaysBefore.default(7),
  ...privateInput,
});
export type AddInput = z.output<typeof addInput>;

/** A field that is absent stays; null clears it. */
export const updateInput = z.strictObject({
  id,
  ...editInput,
  name: requiredText(TEXT_LIMITS.name).optional(),
  type: dateTypeSchema.optional(),
  date: dateSchema.optional(),
  description: text(TEXT_LIMITS.description).nullable().optional(),
  repeats: repeatsSchema.optional(),
  every: every.optional(),
  leapDay: leapDaySchema.optional(),
  reminderDaysBefore: reminderDaysBefore.optional(),
});
export type UpdateInput = z.output<typeof updateInput>;

export const dateIdInput = z.strictObject({ id });
export const removedSchema = z.strictObject({ id: z.string() });

/** `days` ahead of my today. */
export const upcomingInput = z.strictObject({ days: z.int().min(1).max(366).default(60) });
export const listSchema = z.strictObject({ items: z.array(importantDateSchema) });

const coming = { on: z.string(), daysLeft: z.int().nonnegative() };
export const upcomingSchema = z.strictObject({
  items: z.array(
    z.discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("date"), ...coming, date: importantDateSchema }),
      z.strictObject({ kind: z.literal("milestone"), ...coming, milestone: milestoneSchema }),
    ]),
  ),
});
export type Upcoming = z.output<typeof upcomingSchema>["items"][number];

export const allInput = z.strictObject(pageInput);
export const datePage = pageOf(importantDateSchema);
