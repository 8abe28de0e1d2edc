import * as z from "zod";
import { idSchema } from "../../protocol/ids.ts";
import { requiredText, text } from "../../protocol/text.ts";
import { dateSchema } from "../calendar.ts";
import { editInput } from "../edits.ts";
import { pageInput, pageOf } from "../paging.ts";
import { privateInput } from "../visibility.ts";

export const NOTE_TEXT_LIMITS = { title: 200, body: 5_000 } as const;
/** Enough for a note on every day of five years, and small enough for the object of a couple. */
export const NOTES_PER_MEMBER = 2_000;

export const noteSchema = z.strictObject({
  id: z.string(),
  /** The day that it is about. */
  date: z.string(),
  title: z.string().nullable(),
  body: z.string(),
  createdBy: z.string(),
  /** Only its author ever sees it, until its author shares it. */
  isPrivate: z.boolean(),
  version: z.int(),
  createdAt: z.int(),
  updatedAt: z.int(),
});
export type Note = z.infer<typeof noteSchema>;

const id = idSchema("note");

export const writeInput = z.strictObject({
  /** Default: today. */
  date: dateSchema.optional(),
  title: text(NOTE_TEXT_LIMITS.title).optional(),
  body: requiredText(NOTE_TEXT_LIMITS.body),
  ...privateInput,
});

/** A field that is absent stays; null clears it. */
export const updateInput = z.strictObject({
  id,
  date: dateSchema.optional(),
  title: text(NOTE_TEXT_LIMITS.title).nullable().optional(),
  body: requiredText(NOTE_TEXT_LIMITS.body).optional(),
  ...editInput,
});

export const noteIdInput = z.strictObject({ id });
export const deletedSchema = z.strictObject({ id: z.string() });

export const listInput = z.strictObject({
  ...pageInput,
  mine: z.boolean().default(false).describe("Only what I wrote"),
});
export const notePage = pageOf(noteSchema);
