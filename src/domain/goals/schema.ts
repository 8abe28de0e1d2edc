import * as z from "zod";
import { idSchema } from "../../protocol/ids.ts";
import { requiredText, text } from "../../protocol/text.ts";
import { dateSchema } from "../calendar.ts";
import { editInput } from "../edits.ts";
import { pageInput, pageOf } from "../paging.ts";
import { privateInput } from "../visibility.ts";

const COUNT_MAX = 1_000_000;

export const goalTypeSchema = z.enum(["weekly", "monthly", "milestone", "custom"]);
export type GoalType = z.infer<typeof goalTypeSchema>;

export const goalStatusSchema = z.enum(["active", "completed", "paused", "cancelled"]);
export type GoalStatus = z.infer<typeof goalStatusSchema>;

export const goalSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  type: goalTypeSchema,
  targetCount: z.int().positive(),
  /** Sum of all progress; may pass the target. */
  progress: z.int().nonnegative(),
  /** 0 to 100, rounded down, so that 100 means reached. */
  percent: z.int().min(0).max(100),
  status: goalStatusSchema,
  startDate: z.string(),
  targetDate: z.string().nullable(),
  completionDate: z.string().nullable(),
  createdBy: z.string(),
  /** Only its author ever sees it, unless they share it. */
  isPrivate: z.boolean(),
  version: z.int(),
  createdAt: z.int(),
  updatedAt: z.int(),
});
export type Goal = z.infer<typeof goalSchema>;

const id = idSchema("goal");

/** How long the texts may be. */
export const TEXT_LIMITS = { name: 200, description: 1000 } as const;
const targetCount = z.int().min(1).max(COUNT_MAX);

export const createInput = z.strictObject({
  name: requiredText(TEXT_LIMITS.name),
  description: text(TEXT_LIMITS.description).optional(),
  type: goalTypeSchema,
  targetCount: targetCount.default(1),
  /** Default: today. */
  startDate: dateSchema.optional(),
  targetDate: dateSchema.optional(),
  ...privateInput,
});

/** A field that is absent stays; null clears it. */
export const updateInput = z.strictObject({
  id,
  ...editInput,
  name: requiredText(TEXT_LIMITS.name).optional(),
  description: text(TEXT_LIMITS.description).nullable().optional(),
  type: goalTypeSchema.optional(),
  targetCount: targetCount.optional(),
  startDate: dateSchema.optional(),
  targetDate: dateSchema.nullable().optional(),
});
export type GoalUpdate = z.output<typeof updateInput>;

export const goalIdInput = z.strictObject({ id });

export const updateStatusInput = z.strictObject({ id, status: goalStatusSchema });
const delta = z
  .int()
  .min(-COUNT_MAX)
  .max(COUNT_MAX)
  .refine((step) => step !== 0, "A step goes forward or back");
export const addProgressInput = z.strictObject({ id, delta });
export const listInput = z.strictObject({ ...pageInput, status: goalStatusSchema.optional() });
export const goalPage = pageOf(goalSchema);
