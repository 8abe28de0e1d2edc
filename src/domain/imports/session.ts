import type * as z from "zod";
import { AppError, type FieldIssue } from "../../protocol/errors.ts";
import { fieldIssues } from "../../protocol/issues.ts";
import type { Columns } from "./records.ts";

/** What is to become of a row: it is written, it is there already, or it is broken. */
export type Verdict = "ok" | "skipped" | readonly FieldIssue[];

/** How many rows both see, and how many are their author's alone. */
export interface Written {
  shared: number;
  private: number;
}

/** `rows` counted by who sees them. */
export function writtenOf(rows: readonly { visibility: string }[]): Written {
  const own = rows.filter(({ visibility }) => visibility === "private").length;
  return { shared: rows.length - own, private: own };
}

/** One import of one kind: it hears of each row in order, and writes those that it found in order only when told to. */
export interface ImportSession {
  judge(value: unknown): Verdict;
  write(importId: string): Written;
}

/** The columns of a CSV file, read off the schema of its rows. */
export function columnsOf(shape: Readonly<Record<string, z.ZodType>>): Columns {
  const columns = { text: [] as string[], numbers: [] as string[], booleans: [] as string[] };
  for (const [name, schema] of Object.entries(shape)) {
    if (schema.safeParse(true).success) columns.booleans.push(name);
    else if (schema.safeParse(1).success) columns.numbers.push(name);
    else columns.text.push(name);
  }
  return columns;
}

/** `value` as `schema` has it, or what is wrong with it. */
export function parsedRow<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): { row: z.output<Schema> } | { issues: FieldIssue[] } {
  const parsed = schema.safeParse(value);
  return parsed.success ? { row: parsed.data } : { issues: fieldIssues(parsed.error).slice(0, ISSUES_PER_ROW) };
}

const ISSUES_PER_ROW = 3;

export function issue(path: string, message: string): readonly FieldIssue[] {
  return [{ path, message }];
}

/** What a rule said of a row. @throws whatever is no refusal */
export function issuesOf(error: unknown): readonly FieldIssue[] {
  if (!(error instanceof AppError)) throw error;
  return error.details?.issues ?? issue("", error.message);
}
