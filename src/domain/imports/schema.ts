import * as z from "zod";
import { idSchema } from "../../protocol/ids.ts";
import { IMPORT_BODY_MAX_BYTES } from "../../protocol/limits.ts";
import { pageInput, pageOf } from "../paging.ts";
import { privateInput } from "../visibility.ts";

export const IMPORT_ROWS_MAX = 10_000;
/** So many broken rows are told what is wrong with them; of the others a report has the lines. */
export const EXPLAINED_ROWS_MAX = 1_000;
/** What all explanations of a report take together, in characters of JSON. */
export const EXPLAINED_CHARS_MAX = 200_000;
/** So many entries of its report does a repeated command hear of. */
export const KEPT_ENTRIES_MAX = 100;

export const importKindSchema = z.enum(["checkins", "activities", "dates"]);
export type ImportKind = z.infer<typeof importKindSchema>;

export const runInput = z.strictObject({
  kind: importKindSchema,
  format: z.enum(["json", "csv"]),
  // The file itself is not stored, so that a character that cannot be is its row's matter.
  text: z
    .string()
    .max(IMPORT_BODY_MAX_BYTES)
    .describe("The file: a JSON array of objects, or CSV whose first line names the columns"),
  dryRun: z.boolean().default(false).describe("Say what would happen and change nothing"),
  skipBroken: z.boolean().default(false).describe("Import what is in order although some rows are not"),
  ...privateInput,
});
export type RunInput = z.output<typeof runInput>;

/** A run of rows with one outcome; `skipped` are there already. */
export const reportEntrySchema = z.strictObject({
  /** Lines of a CSV text, places in a JSON array, from 1; both ends included. */
  fromLine: z.int(),
  toLine: z.int(),
  outcome: z.enum(["ok", "skipped", "error"]),
  /** Of one broken row: the field and what is wrong with it. */
  issues: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
});
export type ReportEntry = z.infer<typeof reportEntrySchema>;

export const runOutput = z.strictObject({
  /** To undo it by; null when nothing was added. */
  importId: z.string().nullable(),
  dryRun: z.boolean(),
  /** Rows written, or that would be: none while a row is broken, unless such rows are skipped. */
  added: z.int(),
  counts: z.strictObject({ rows: z.int(), ok: z.int(), skipped: z.int(), errors: z.int() }),
  report: z
    .array(reportEntrySchema)
    .describe(`Every row; when the same command is sent again, the first ${KEPT_ENTRIES_MAX} entries`),
});
export type RunOutput = z.infer<typeof runOutput>;

export const importSchema = z.strictObject({
  id: z.string(),
  kind: importKindSchema,
  rowsAdded: z.int(),
  createdAt: z.int(),
  undoneAt: z.int().nullable(),
});
export type Import = z.infer<typeof importSchema>;

export const listInput = z.strictObject(pageInput);
export const importPage = pageOf(importSchema);
export const undoInput = z.strictObject({ id: idSchema("import") });
export const undoOutput = z.strictObject({
  id: z.string(),
  removed: z.int(),
  /** What was edited, rated, shared or given a photo since then stays. */
  kept: z.int(),
});
