import * as z from "zod";
import { text } from "../../protocol/text.ts";
import { dateSchema } from "../calendar.ts";
import { pageInput, pageOf } from "../paging.ts";

const MINUTES_MAX = 7 * 24 * 60;

export const conversationTypeSchema = z.enum([
  "deep_talk",
  "conflict_resolution",
  "planning",
  "appreciation",
  "check_in",
  "custom",
]);
export type ConversationType = z.infer<typeof conversationTypeSchema>;

export const outcomeSchema = z.enum(["positive", "neutral", "needs_follow_up"]);
export type Outcome = z.infer<typeof outcomeSchema>;

export const conversationSchema = z.strictObject({
  id: z.string(),
  type: conversationTypeSchema,
  date: z.string(),
  topic: z.string().nullable(),
  description: z.string().nullable(),
  outcome: outcomeSchema.nullable(),
  durationMinutes: z.int().nullable(),
  followUpNeeded: z.boolean(),
  followUpDate: z.string().nullable(),
  createdBy: z.string(),
  /** Written while alone: only its author ever sees it. */
  isPrivate: z.boolean(),
  version: z.int(),
  createdAt: z.int(),
  updatedAt: z.int(),
});
export type Conversation = z.infer<typeof conversationSchema>;

export const logInput = z.strictObject({
  type: conversationTypeSchema,
  /** Default: today. */
  date: dateSchema.optional(),
  topic: text(200).optional(),
  description: text(1000).optional(),
  outcome: outcomeSchema.optional(),
  durationMinutes: z.int().min(1).max(MINUTES_MAX).optional(),
  /** Default: true when the outcome says so or there is a follow-up date. */
  followUpNeeded: z.boolean().optional(),
  followUpDate: dateSchema.optional(),
});

export const listInput = z.strictObject({ ...pageInput, type: conversationTypeSchema.optional() });
export const conversationPage = pageOf(conversationSchema);
