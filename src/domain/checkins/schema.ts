import * as z from "zod";
import { text } from "../../protocol/text.ts";
import { dateSchema } from "../calendar.ts";
import { editInput } from "../edits.ts";
import { pageInput } from "../paging.ts";

/** A score from 1 to 10. */
export const scoreSchema = z.int().min(1).max(10);

const NOTE_MAX_CHARS = 500;
/** The texts of a check-in, and how long each may be. */
export const NOTE_LIMITS = {
  gratitudeNote: NOTE_MAX_CHARS,
  supportNeeded: NOTE_MAX_CHARS,
  highlight: NOTE_MAX_CHARS,
} as const;
export type NoteField = keyof typeof NOTE_LIMITS;

const note = text(NOTE_MAX_CHARS).nullable().optional();
const score = scoreSchema.nullable().optional();

/** What a check-in can say. A field that is absent keeps what was there, null clears it. */
const content = {
  connection: score,
  mood: score,
  satisfaction: score,
  gratitudeNote: note,
  supportNeeded: note,
  highlight: note,
};

export const submitInput = z
  .strictObject({
    date: dateSchema.describe("The member's own calendar day"),
    ...content,
    notesPrivate: z.boolean().optional().describe("Whether the three notes stay with their author"),
    version: editInput.version
      .optional()
      .describe("Of an edit: the version that it began from; without it the last score wins, and no note is replaced"),
    keepBoth: editInput.keepBoth,
    offline: z.boolean().default(false).describe("It was written offline and arrives late: up to 35 days back"),
  })
  .refine(
    ({ date: _date, offline: _offline, version: _version, keepBoth: _keepBoth, ...sent }) =>
      Object.values(sent).some((value) => value !== undefined),
    "Send at least one of connection, mood, satisfaction, gratitudeNote, supportNeeded, highlight, notesPrivate",
  );

export type SubmitInput = z.output<typeof submitInput>;

export const submitOutput = z.strictObject({
  id: z.string(),
  date: dateSchema,
  isNew: z.boolean().describe("False when an earlier check-in of the date was edited"),
  lateDays: z
    .int()
    .nonnegative()
    .describe("Days between the date and the day it was first entered; 3 or more do not count for streaks"),
  completesDay: z.boolean().describe("Whether this was the second of the couple's two check-ins of the date"),
  isPrivate: z
    .boolean()
    .describe(
      "True for a day on which I had checked in alone: it stays mine, with what this edit says, until checkins.share shows it",
    ),
  version: z.int().positive(),
});

export const checkinSchema = z.strictObject({
  id: z.string(),
  userId: z.string(),
  date: dateSchema,
  connection: scoreSchema.nullable(),
  mood: scoreSchema.nullable(),
  satisfaction: scoreSchema.nullable(),
  gratitudeNote: z.string().nullable(),
  supportNeeded: z.string().nullable(),
  highlight: z.string().nullable(),
  isPrivate: z.boolean().describe("Written alone and not shared since: only its author sees that it is there"),
  /** Told to the author only, like the last edit below: private notes leave no trace. */
  notesPrivate: z.boolean().nullable(),
  lateDays: z.int().nonnegative(),
  createdAt: z.int(),
  updatedAt: z.int().nullable(),
  version: z.int().positive().nullable(),
});

export type Checkin = z.output<typeof checkinSchema>;

export const listInput = z.strictObject({
  ...pageInput,
  from: dateSchema.optional(),
  to: dateSchema.optional(),
  member: z.enum(["me", "partner"]).optional(),
});

export const shareInput = z.strictObject({
  date: dateSchema.describe("A day that I wrote alone"),
  withNotes: z.boolean().describe("Whether the three notes are shown too"),
});

export const shareOutput = z.strictObject({
  date: dateSchema,
  completesDay: z.boolean().describe("Whether both of us have now checked in for that date"),
  version: z.int().positive(),
});

export const hideStreaksInput = z.strictObject({ hidden: z.boolean() });
export const hideStreaksOutput = hideStreaksInput;

export const getInput = z.strictObject({ date: dateSchema });

export const getOutput = z.strictObject({
  date: dateSchema,
  mine: checkinSchema.nullable(),
  partner: checkinSchema.nullable(),
});
