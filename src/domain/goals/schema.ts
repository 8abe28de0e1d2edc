import * as z from "zod";
import { idSchema } from "../../protocol/ids.ts";
import { requiredText, text } from "../../protocol/text.ts";
import { dateSchema } from "../calendar.ts";
import { pageInput, pageOf } from "../paging.ts";

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
  /** Written while alone: only its author ever sees it. */
  isPrivate: z.boolean(),
  version: z.int(),
  createdAt: z.int(),
  updatedAt: z.int(),
});
export type Goal = z.infer<typeof goalSchema>;

const id = idSchema("goal");

export const createInput = z.strictObject({
  name: requiredText(200),
  description: text(1000).optional(),
  type: goalTypeSchema,
  targetCount: z.int().min(1).max(COUNT_MAX).default(1),
  /** Default: today. */
  startDate: dateSchema.optional(),
  targetDate: dateSchema.optional(),
});

export const updateStatusInput = z.strictObject({ id, status: goalStatusSchema });
export const addProgressInput = z.strictObject({ id, delta: z.int().min(-COUNT_MAX).max(COUNT_MAX) });
export const listInput = z.strictObject({ ...pageInput, status: goalStatusSchema.optional() });
export const goalPage = pageOf(goalSchema);
