import * as z from "zod";
import { idSchema } from "../../protocol/ids.ts";
import { requiredText, text } from "../../protocol/text.ts";
import { dateSchema } from "../calendar.ts";
import { pageInput, pageOf } from "../paging.ts";

export const dateTypeSchema = z.enum(["anniversary", "milestone", "birthday", "holiday", "custom"]);
export type DateType = z.infer<typeof dateTypeSchema>;

export const repeatsSchema = z.enum(["none", "yearly", "monthly"]);
export type Repeats = z.infer<typeof repeatsSchema>;

export const importantDateSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  type: dateTypeSchema,
  date: z.string(),
  description: z.string().nullable(),
  repeats: repeatsSchema,
  reminderDaysBefore: z.int(),
  /** From my today on; null when it is over for good. */
  nextDate: z.string().nullable(),
  createdBy: z.string(),
  /** Written while alone: only its author ever sees it. */
  isPrivate: z.boolean(),
  version: z.int(),
  createdAt: z.int(),
  updatedAt: z.int(),
});
export type ImportantDate = z.infer<typeof importantDateSchema>;

const id = idSchema("date");
const reminderDaysBefore = z.int().min(0).max(365);

export const addInput = z.strictObject({
  name: requiredText(200),
  type: dateTypeSchema,
  date: dateSchema,
  description: text(500).optional(),
  /** Default: yearly for anniversaries, birthdays and holidays, else none. */
  repeats: repeatsSchema.optional(),
  reminderDaysBefore: reminderDaysBefore.default(7),
});

/** A field that is absent stays; null clears it. */
export const updateInput = z.strictObject({
  id,
  name: requiredText(200).optional(),
  type: dateTypeSchema.optional(),
  date: dateSchema.optional(),
  description: text(500).nullable().optional(),
  repeats: repeatsSchema.optional(),
  reminderDaysBefore: reminderDaysBefore.optional(),
});

export const removeInput = z.strictObject({ id });
export const removedSchema = z.strictObject({ id: z.string() });

/** `days` ahead of my today. */
export const upcomingInput = z.strictObject({ days: z.int().min(1).max(366).default(60) });
export const upcomingSchema = z.strictObject({ items: z.array(importantDateSchema) });

export const allInput = z.strictObject(pageInput);
export const datePage = pageOf(importantDateSchema);
