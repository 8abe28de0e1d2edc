import { AppError, type FieldIssue } from "../../protocol/errors.ts";
import { parseCsv, type CsvRecord } from "./csv.ts";
import { IMPORT_ROWS_MAX, type RunInput } from "./schema.ts";

/** One row of a file, before anybody knows whether it makes sense. */
export interface FileRecord {
  line: number;
  value: unknown;
  /** Why it could not even be read, or null. */
  problem: FieldIssue | null;
}

/** How the cells of a kind of row are read: text unless they are named here. */
export interface Columns {
  text: readonly string[];
  numbers: readonly string[];
  booleans: readonly string[];
}

/** The rows of a file. @throws AppError `invalid_input` when it is no such file or too long */
export function readRecords({ format, text }: Pick<RunInput, "format" | "text">, columns: Columns): FileRecord[] {
  const records = format === "json" ? jsonRecords(text) : csvRecords(text, columns);
  if (records.length > IMPORT_ROWS_MAX) throw refused("text", `At most ${IMPORT_ROWS_MAX} rows at a time`);
  return records;
}

function refused(path: string, message: string): AppError {
  return new AppError("invalid_input", "The file cannot be read", { issues: [{ path, message }] });
}

function jsonRecords(text: string): FileRecord[] {
  let value: unknown;
  try {
    // Some editors write a byte order mark, which JSON has no place for.
    value = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    // The parser's message would quote the file.
    throw refused("text", "Expected JSON");
  }
  if (!Array.isArray(value)) throw refused("text", "Expected a JSON array of objects");
  return value.map((row: unknown, index) => ({ line: index + 1, value: row, problem: null }));
}

function csvRecords(text: string, columns: Columns): FileRecord[] {
  const all = filled(parseCsv(text));
  const first = all.next();
  if (first.done === true) return [];
  const names = headerOf(first.value, columns);
  const numbers = new Set(columns.numbers);
  const booleans = new Set(columns.booleans);
  const records: FileRecord[] = [];
  for (const { line, cells, problem } of all) {
    // One more than allowed is enough to know.
    if (records.length > IMPORT_ROWS_MAX) break;
    const wrong = problem ?? (cells.length === names.length ? null : `Expected ${names.length} cells`);
    const value: Record<string, unknown> = {};
    for (const [index, name] of names.entries()) {
      const cell = cells[index] ?? "";
      // An empty cell says nothing.
      if (cell === "") continue;
      value[name] = numbers.has(name) ? numberOf(cell) : booleans.has(name) ? booleanOf(cell) : cell;
    }
    records.push({ line, value, problem: wrong === null ? null : { path: "", message: wrong } });
  }
  return records;
}

/** The records that say something: spreadsheets write rows of nothing but separators below the last one. */
function* filled(records: Iterable<CsvRecord>): Generator<CsvRecord, undefined> {
  for (const record of records) {
    if (record.problem !== null || record.cells.some((cell) => cell.trim() !== "")) yield record;
  }
}

/** Our names of the columns, however a spreadsheet spells them: "Planned date" and "planned_date" are plannedDate. */
function headerOf({ cells, problem }: CsvRecord, columns: Columns): string[] {
  if (problem !== null) throw refused("text", `The first line cannot be read: ${problem}`);
  const known = new Map([...columns.text, ...columns.numbers, ...columns.booleans].map((name) => [plain(name), name]));
  const names = cells.map((cell, index) => {
    const name = known.get(plain(cell));
    if (name === undefined) throw refused(`column ${index + 1}`, `Expected one of ${[...known.values()].join(", ")}`);
    return name;
  });
  const twice = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (twice !== -1) throw refused(`column ${twice + 1}`, "The same column twice");
  return names;
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_-]/g, "");
}

// What is no number or boolean stays as it is, for the row's schema to refuse.
function numberOf(cell: string): unknown {
  return /^\s*-?\d+(\.\d+)?\s*$/.test(cell) ? Number(cell) : cell;
}

function booleanOf(cell: string): unknown {
  const word = cell.trim().toLowerCase();
  return word === "true" ? true : word === "false" ? false : cell;
}
