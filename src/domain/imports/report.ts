import type { FieldIssue } from "../../protocol/errors.ts";
import { EXPLAINED_CHARS_MAX, EXPLAINED_ROWS_MAX, type ReportEntry } from "./schema.ts";
import type { Verdict } from "./session.ts";

export interface Counts {
  rows: number;
  ok: number;
  skipped: number;
  errors: number;
}

/** What became of each row, with neighbours of one outcome told together, so that a long clean file is one line. */
export class Report {
  readonly counts: Counts = { rows: 0, ok: 0, skipped: 0, errors: 0 };
  readonly entries: ReportEntry[] = [];
  // Names of columns come from the file, and may be long.
  #charsLeft = EXPLAINED_CHARS_MAX;

  add(line: number, verdict: Verdict): void {
    this.counts.rows += 1;
    if (verdict === "ok" || verdict === "skipped") {
      this.counts[verdict] += 1;
      this.#extend(line, verdict);
      return;
    }
    this.counts.errors += 1;
    const issues = verdict.map(plain);
    const chars = JSON.stringify(issues).length;
    if (this.counts.errors > EXPLAINED_ROWS_MAX || chars > this.#charsLeft) {
      this.#extend(line, "error");
      return;
    }
    this.#charsLeft -= chars;
    this.entries.push({ fromLine: line, toLine: line, outcome: "error", issues });
  }

  #extend(line: number, outcome: ReportEntry["outcome"]): void {
    const last = this.entries.at(-1);
    if (last?.outcome === outcome && last.issues === undefined) last.toLine = line;
    else this.entries.push({ fromLine: line, toLine: line, outcome });
  }
}

function plain({ path, message }: FieldIssue): FieldIssue {
  return { path, message };
}
