import * as z from "zod";
import { idSchema } from "../../protocol/ids.ts";
import { requiredText, text } from "../../protocol/text.ts";
import { dateSchema } from "../calendar.ts";
import { pageInput, pageOf } from "../paging.ts";

export const ACTIVITY_TYPES = [
  "date_night",
  "quality_time",
  "adventure",
  "relaxation",
  "learning",
  "exercise",
  "social",
  "custom",
] as const;
export const activityTypeSchema = z.enum(ACTIVITY_TYPES);
export type ActivityType = z.infer<typeof activityTypeSchema>;

export const activityStatusSchema = z.enum(["planned", "completed", "cancelled"]);
export type ActivityStatus = z.infer<typeof activityStatusSchema>;

const MINUTES_MAX = 366 * 24 * 60;
const COST_MAX_CENTS = 1_000_000_000;

const rating = z.int().min(1).max(10);
const minutes = z.int().min(1).max(MINUTES_MAX);
const cents = z.int().min(0).max(COST_MAX_CENTS);
/** ISO 4217. */
const currency = z.string().regex(/^[A-Z]{3}$/, "Expected a currency of three capital letters such as USD");

export const activitySchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  type: activityTypeSchema,
  status: activityStatusSchema,
  plannedDate: z.string().nullable(),
  completedDate: z.string().nullable(),
  description: z.string().nullable(),
  location: z.string().nullable(),
  durationMinutes: z.int().nullable(),
  costCents: z.int().nullable(),
  currency: z.string().nullable(),
  notes: z.string().nullable(),
  /** Each member's own; whoever has not rated is not in it. */
  ratings: z.array(z.strictObject({ userId: z.string(), rating })),
  createdBy: z.string(),
  /** Written while alone: only its author ever sees it. */
  isPrivate: z.boolean(),
  version: z.int(),
  createdAt: z.int(),
  updatedAt: z.int(),
});
export type Activity = z.infer<typeof activitySchema>;

const about = {
  description: text(1000).optional(),
  location: text(300).optional(),
  durationMinutes: minutes.optional(),
  costCents: cents.optional(),
  /** Default USD when there is a cost. */
  currency: currency.optional(),
};

const done = {
  durationMinutes: minutes.optional(),
  costCents: cents.optional(),
  currency: currency.optional(),
  notes: text(1000).optional(),
  /** Mine. */
  rating: rating.optional(),
};

const id = idSchema("activity");

export const planInput = z.strictObject({
  name: requiredText(200),
  type: activityTypeSchema,
  plannedDate: dateSchema.optional(),
  ...about,
});

/** A field that is absent stays; null clears it. */
export const updateInput = z.strictObject({
  id,
  name: requiredText(200).optional(),
  type: activityTypeSchema.optional(),
  plannedDate: dateSchema.nullable().optional(),
  description: text(1000).nullable().optional(),
  location: text(300).nullable().optional(),
  durationMinutes: minutes.nullable().optional(),
  costCents: cents.nullable().optional(),
  currency: currency.nullable().optional(),
  notes: text(1000).nullable().optional(),
});
export type ActivityUpdate = z.infer<typeof updateInput>;

export const completeInput = z.strictObject({ id, completedDate: dateSchema.optional(), ...done });

export const logInput = z.strictObject({
  name: requiredText(200),
  type: activityTypeSchema,
  completedDate: dateSchema.optional(),
  ...about,
  ...done,
});

export const rateInput = z.strictObject({ id, rating });
export const activityIdInput = z.strictObject({ id });

export const listInput = z.strictObject({
  ...pageInput,
  status: activityStatusSchema.optional(),
  type: activityTypeSchema.optional(),
});
export const activityPage = pageOf(activitySchema);
