import * as z from "zod";
import { idSchema } from "../../protocol/ids.ts";
import { requiredText, text } from "../../protocol/text.ts";
import { dateSchema } from "../calendar.ts";
import { editInput } from "../edits.ts";
import { pageInput, pageOf } from "../paging.ts";
import { privateInput } from "../visibility.ts";

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
  /** Only its author ever sees it, unless they share it. */
  isPrivate: z.boolean(),
  version: z.int(),
  createdAt: z.int(),
  updatedAt: z.int(),
});
export type Activity = z.infer<typeof activitySchema>;

/** How long the texts may be. */
export const TEXT_LIMITS = { name: 200, description: 1000, location: 300, notes: 1000 } as const;

const about = {
  description: text(TEXT_LIMITS.description).optional(),
  location: text(TEXT_LIMITS.location).optional(),
  durationMinutes: minutes.optional(),
  costCents: cents.optional(),
  /** Default USD when there is a cost. */
  currency: currency.optional(),
};

const done = {
  durationMinutes: minutes.optional(),
  costCents: cents.optional(),
  currency: currency.optional(),
  notes: text(TEXT_LIMITS.notes).optional(),
  /** Mine. */
  rating: rating.optional(),
};

const id = idSchema("activity");

export const planInput = z.strictObject({
  name: requiredText(TEXT_LIMITS.name),
  type: activityTypeSchema,
  plannedDate: dateSchema.optional(),
  ...about,
  ...privateInput,
});

/** A field that is absent stays; null clears it. */
export const updateInput = z.strictObject({
  id,
  ...editInput,
  name: requiredText(TEXT_LIMITS.name).optional(),
  type: activityTypeSchema.optional(),
  plannedDate: dateSchema.nullable().optional(),
  description: text(TEXT_LIMITS.description).nullable().optional(),
  location: text(TEXT_LIMITS.location).nullable().optional(),
  durationMinutes: minutes.nullable().optional(),
  costCents: cents.nullable().optional(),
  currency: currency.nullable().optional(),
  notes: text(TEXT_LIMITS.notes).nullable().optional(),
});
export type ActivityUpdate = z.output<typeof updateInput>;

export const completeInput = z.strictObject({ id, completedDate: dateSchema.optional(), ...done });

export const logInput = z.strictObject({
  name: requiredText(TEXT_LIMITS.name),
  type: activityTypeSchema,
  completedDate: dateSchema.optional(),
  ...about,
  ...done,
  ...privateInput,
});

export const rateInput = z.strictObject({ id, rating });
export const activityIdInput = z.strictObject({ id });

export const listInput = z.strictObject({
  ...pageInput,
  status: activityStatusSchema.optional(),
  type: activityTypeSchema.optional(),
});
export const activityPage = pageOf(activitySchema);
