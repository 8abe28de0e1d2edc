import * as z from "zod";
import { idSchema } from "../../protocol/ids.ts";
import { text } from "../../protocol/text.ts";
import { dateSchema } from "../calendar.ts";
import { editInput } from "../edits.ts";
import { pageInput, pageOf } from "../paging.ts";
import { privateInput } from "../visibility.ts";
import { CHALLENGES } from "./catalogue.ts";

export const cadenceSchema = z.enum(["daily", "weekly", "monthly", "milestone"]);

export const participationStatusSchema = z.enum(["active", "completed", "paused", "abandoned"]);
export type ParticipationStatus = z.infer<typeof participationStatusSchema>;

export const challengeSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  cadence: cadenceSchema,
  days: z.int(),
  difficulty: z.enum(["beginner", "intermediate", "advanced"]),
  category: z.enum(["communication", "intimacy", "adventure", "gratitude", "quality_time", "support"]),
  instructions: z.array(z.string()),
});
export const catalogueSchema = z.strictObject({ items: z.array(challengeSchema) });

export const participationSchema = z.strictObject({
  id: z.string(),
  challengeId: z.string(),
  status: participationStatusSchema,
  startDate: z.string(),
  /** Only reminds: entries count after it, too. */
  targetDate: z.string(),
  endDate: z.string().nullable(),
  pausedDate: z.string().nullable(),
  /** The mean of its members, 0 to 100. */
  progress: z.int().min(0).max(100),
  notes: z.string().nullable(),
  createdBy: z.string(),
  /** Only its author sees it and takes part, unless they share it. */
  isPrivate: z.boolean(),
  version: z.int(),
  createdAt: z.int(),
  updatedAt: z.int(),
});
export type Participation = z.infer<typeof participationSchema>;

export const entrySchema = z.strictObject({
  id: z.string(),
  userId: z.string(),
  date: z.string(),
  completed: z.boolean(),
  content: z.string().nullable(),
  reflection: z.string().nullable(),
  version: z.int(),
  createdAt: z.int(),
  updatedAt: z.int(),
});
export type ChallengeEntry = z.infer<typeof entrySchema>;

export const progressSchema = z.strictObject({
  /** The mean of the members, 0 to 100. */
  couple: z.int().min(0).max(100),
  isComplete: z.boolean(),
  /** In the challenge's units: days or weeks. */
  members: z.array(z.strictObject({ userId: z.string(), done: z.int(), expected: z.int(), percent: z.int() })),
});
export type Progress = z.infer<typeof progressSchema>;

const participationId = idSchema("participation");
const challengeId = z.enum(CHALLENGES.map((challenge) => challenge.id));
// Default: today. At most two days back and seven ahead.
const startDate = dateSchema.optional();

export const nothing = z.strictObject({});
export const startInput = z.strictObject({ challengeId, startDate, ...privateInput });
export const restartInput = z.strictObject({
  participationId,
  startDate,
  private: z.boolean().optional().describe("Keep it to myself; default: as the one that is tried again"),
});
export const participationInput = z.strictObject({ participationId });
export const completeInput = z.strictObject({ participationId, notes: text(2000).optional() });

/** How long the texts of an entry may be. */
export const TEXT_LIMITS = { content: 5000, reflection: 5000 } as const;

export const logEntryInput = z.strictObject({
  participationId,
  date: dateSchema,
  completed: z.boolean(),
  /** Absent keeps what an earlier entry of this date says; null clears it. */
  content: text(TEXT_LIMITS.content).nullable().optional(),
  reflection: text(TEXT_LIMITS.reflection).nullable().optional(),
  version: editInput.version
    .optional()
    .describe("The version of the entry that this edit began from; without it no text that is there is replaced"),
  keepBoth: editInput.keepBoth,
  /** The entry waited on a device without a connection; then it may be up to 35 days late. */
  offline: z.boolean().default(false),
});
export const loggedSchema = z.strictObject({
  entry: entrySchema,
  participation: participationSchema,
  progress: progressSchema,
});

export const listInput = z.strictObject({ ...pageInput, status: participationStatusSchema.optional() });
export const participationPage = pageOf(participationSchema);
/** Pages go through the entries. */
export const getInput = z.strictObject({ participationId, ...pageInput });
export const participationDetail = z.strictObject({
  participation: participationSchema,
  progress: progressSchema,
  entries: pageOf(entrySchema),
});
