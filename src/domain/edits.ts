import * as z from "zod";
import { AppError } from "../protocol/errors.ts";

/** Fields that every command takes which edits an existing row; spread them into its input schema. */
export const editInput = {
  version: z.int().min(1).describe("The row's version that the edit began from"),
  keepBoth: z
    .boolean()
    .default(false)
    .describe("Where the row has changed since: facts become these, texts that both changed hold both"),
};

export interface Edit {
  /** Absent only where a command also makes rows: then the edit claims to know the newest. */
  version?: number | undefined;
  keepBoth?: boolean | undefined;
}

/** A row as its table has it: its version, and at which version each of its texts was last changed. */
export interface Versioned {
  version: number;
  /** JSON, field -> version; a field that is absent is as it was written first. */
  textVersions: string;
}

const textVersionsSchema = z.record(z.string(), z.int());
const FIRST_VERSION = 1;
const BLANK_LINE = "\n\n";
// What no stored text holds.
const BETWEEN = "\u0000";

/**
 * The texts of `row` after an edit that began from `edit.version`, and their versions, to be spread over the row before
 * it is saved as version `row.version + 1`. Without `keepBoth` an edit of an older version changes nothing.
 * @param limits the text fields and how long each may be
 * @param shown the row as the asker may see it, for the refusal
 * @throws AppError `edit_conflict` with the current row, or `invalid_input` when both texts are too long together
 */
export function editTexts<Field extends string>(
  row: Versioned & Readonly<Record<NoInfer<Field>, string | null>>,
  edit: Edit & Readonly<Partial<Record<NoInfer<Field>, string | null | undefined>>>,
  limits: Readonly<Record<Field, number>>,
  shown: () => unknown,
): Record<Field, string | null> & { textVersions: string } {
  const base = requireBase(row, edit, shown);
  const versions = textVersionsSchema.parse(JSON.parse(row.textVersions));
  const texts = {} as Record<Field, string | null>;
  for (const field of Object.keys(limits) as Field[]) {
    const sent = edit[field];
    const current = row[field];
    const changedMeanwhile = (versions[field] ?? FIRST_VERSION) > base;
    const text = sent === undefined ? current : changedMeanwhile ? both(current, sent) : sent;
    if (text !== null && text !== sent && text !== current && text.length > limits[field]) {
      throw tooLong(field, limits[field]);
    }
    if (text !== current) versions[field] = row.version + 1;
    texts[field] = text;
  }
  return { ...texts, textVersions: JSON.stringify(versions) };
}

/** The fields that an edit names, for its event: no values. */
export function editedFields(input: object): string[] {
  return Object.entries(input).flatMap(([field, value]) => {
    return field === "id" || field in editInput || value === undefined ? [] : [field];
  });
}

/** The version that the edit began from. */
function requireBase(row: Versioned, edit: Edit, shown: () => unknown): number {
  const base = edit.version ?? row.version;
  const isStale = base < row.version;
  if (base > row.version || (isStale && edit.keepBoth !== true)) {
    throw new AppError("edit_conflict", "Somebody changed this meanwhile", { row: shown() });
  }
  return base;
}

/**
 * Neither text is lost: paragraphs that one has already are not said twice, and what one cleared the other may keep. Only
 * whole paragraphs are compared, since words occur in other words.
 */
export function both(current: string | null, sent: string | null): string | null {
  if (current === null || current === "") return sent;
  if (sent === null || sent === "") return current;
  const [ours, theirs] = [paragraphsOf(current), paragraphsOf(sent)];
  if (ours.includes(theirs)) return current;
  return theirs.includes(ours) ? sent : `${current}${BLANK_LINE}${sent}`;
}

/** The paragraphs of `text`, each between marks that no text holds: of two such, one is in the other only as a whole. */
function paragraphsOf(text: string): string {
  return `${BETWEEN}${text.split(/(?:\r?\n[ \t]*){2,}/).join(BETWEEN)}${BETWEEN}`;
}

function tooLong(field: string, max: number): AppError {
  return new AppError("invalid_input", "Both texts together are too long", {
    issues: [{ path: field, message: `Both together are longer than ${max} characters` }],
  });
}
