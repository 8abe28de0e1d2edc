import * as z from "zod";
import { pageInput, pageOf } from "../paging.ts";

export const nothing = z.strictObject({});

export const achievementSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  type: z.enum(["milestone", "streak", "completion", "special"]),
  category: z.enum(["communication", "activities", "goals", "challenges", "consistency", "milestone", "gratitude"]),
  points: z.int(),
  threshold: z.int(),
  /** 0 to `threshold`. */
  progress: z.int(),
  isEarned: z.boolean(),
  earnedDate: z.string().nullable(),
  earnedAt: z.int().nullable(),
});
export type AchievementView = z.infer<typeof achievementSchema>;
export const achievementList = z.strictObject({ items: z.array(achievementSchema) });

export const pointsInput = z.strictObject(pageInput);
const pointSchema = z.strictObject({
  id: z.string(),
  points: z.int(),
  reason: z.string(),
  subjectId: z.string(),
  /** Null for both. */
  memberId: z.string().nullable(),
  createdAt: z.int(),
});
/** The ledger, newest first, and its sum over all pages. */
export const pointsPage = pageOf(pointSchema).extend({ balance: z.int() });
