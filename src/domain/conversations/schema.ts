import * as z from "zod";
import { idSchema } from "../../protocol/ids.ts";
import { text } from "../../protocol/text.ts";
import { dateSchema } from "../calendar.ts";
import { editInput } from "../edits.ts";
import { pageInput, pageOf } from "../paging.ts";
import { privateInput } from "../visibility.ts";

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
  /** Only its author ever sees it, unless they share it. */
  isPrivate: z.boolean(),
  version: z.int(),
  createdAt: z.int(),
  updatedAt: z.int(),
});
export type Conversation = z.infer<typeof conversationSchema>;

const minutes = z.int().min(1).max(MINUTES_MAX);
/** How long the texts may be. */
export const TEXT_LIMITS = { topic: 200, description: 1000 } as const;
const id = idSchema("conversation");

export const logInput = z.strictObject({
  type: conversationTypeSchema,
  /** Default: today. */
  date: dateSchema.optional(),
  topic: text(TEXT_LIMITS.topic).optional(),
  description: text(TEXT_LIMITS.description).optional(),
  outcome: outcomeSchema.optional(),
  durationMinutes: minutes.optional(),
  /** Default: true when the outcome says so or there is a follow-up date. */
  followUpNeeded: z.boolean().optional(),
  followUpDate: dateSchema.optional(),
  ...privateInput,
});

/** A field that is absent stays; null clears it. */
export const updateInput = z.strictObject({
  id,
  ...editInput,
  type: conversationTypeSchema.optional(),
  date: dateSchema.optional(),
  topic: text(TEXT_LIMITS.topic).nullable().optional(),
  description: text(TEXT_LIMITS.description).nullable().optional(),
  outcome: outcomeSchema.nullable().optional(),
  durationMinutes: minutes.nullable().optional(),
  followUpNeeded: z.boolean().optional(),
  followUpDate: dateSchema.nullable().optional(),
});
export type ConversationUpdate = z.output<typeof updateInput>;

export const conversationIdInput = z.strictObject({ id });
export const removedSchema = z.strictObject({ id: z.string() });
/** How the second talk went, if that is to be noted. */
export const followUpDoneInput = z.strictObject({ id, outcome: z.enum(["positive", "neutral"]).optional() });

export const listInput = z.strictObject({
  ...pageInput,
  type: conversationTypeSchema.optional(),
  outcome: outcomeSchema.optional(),
  /** Whether it is still to be continued. */
  followUp: z.boolean().optional(),
  /** Dates of the conversation, both included. */
  from: dateSchema.optional(),
  to: dateSchema.optional(),
});
export const conversationPage = pageOf(conversationSchema);
