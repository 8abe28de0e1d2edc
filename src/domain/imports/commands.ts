import { AppError } from "../../protocol/errors.ts";
import { defineCommand, defineQuery } from "../command.ts";
import type { MemberContext } from "../context.ts";
import { decodeCursor, page } from "../paging.ts";
import { illegalTransition } from "../transitions.ts";
import { activityShape, importActivities } from "./activities.ts";
import { checkinShape, importCheckins } from "./checkins.ts";
import { dateShape, importDates } from "./dates.ts";
import { importAdded, importUndone } from "./events.ts";
import { readRecords, type Columns } from "./records.ts";
import { Report } from "./report.ts";
import {
  importPage,
  KEPT_ENTRIES_MAX,
  listInput,
  runInput,
  runOutput,
  undoInput,
  undoOutput,
  type Import,
  type ImportKind,
  type RunInput,
  type RunOutput,
} from "./schema.ts";
import { columnsOf, writtenOf, type ImportSession, type Written } from "./session.ts";
import {
  countImported,
  deleteImported,
  findImport,
  insertImport,
  listImports,
  saveUndone,
  type ImportRow,
} from "./store.ts";

interface Importer {
  columns: Columns;
  begin(ctx: MemberContext, isPrivate: boolean): ImportSession;
}

const IMPORTERS: Readonly<Record<ImportKind, Importer>> = {
  checkins: { columns: columnsOf(checkinShape), begin: importCheckins },
  activities: { columns: columnsOf(activityShape), begin: importActivities },
  dates: { columns: columnsOf(dateShape), begin: importDates },
};

/** Each reader hears only of what they can see. */
function announce(
  ctx: MemberContext,
  event: typeof importAdded | typeof importUndone,
  { kind, id }: Pick<ImportRow, "kind" | "id">,
  { shared, private: own }: Written,
): void {
  if (shared > 0) ctx.emit(event, { kind, rows: shared }, { subjectId: id });
  if (own > 0) ctx.emit(event, { kind, rows: own }, { subjectId: id, to: ctx.me.userId });
}

function runImport(ctx: MemberContext, input: RunInput): RunOutput {
  const importer = IMPORTERS[input.kind];
  const session = importer.begin(ctx, input.private);
  const report = new Report();
  for (const { line, value, problem } of readRecords(input, importer.columns)) {
    report.add(line, problem === null ? session.judge(value) : [problem]);
  }
  const { counts } = report;
  const added = counts.errors > 0 && !input.skipBroken ? 0 : counts.ok;
  const output = { dryRun: input.dryRun, added, counts, report: report.entries };
  if (input.dryRun || added === 0) return { importId: null, ...output };
  const row: ImportRow = {
    id: ctx.newId("import"),
    userId: ctx.me.userId,
    kind: input.kind,
    rowsAdded: added,
    createdAt: ctx.now,
    undoneAt: null,
  };
  insertImport(ctx.sql, row);
  announce(ctx, importAdded, row, session.write(row.id));
  return { importId: row.id, ...output };
}

const run = defineCommand({
  name: "imports.run",
  summary: "Bring in check-ins, activities or dates from a file: all of it or, with skipBroken, what is in order",
  input: runInput,
  output: runOutput,
  events: [importAdded],
  // Reports are long: of what changed nothing none is kept, of the others the beginning.
  receipt: (answer) =>
    answer.importId === null ? null : { ...answer, report: answer.report.slice(0, KEPT_ENTRIES_MAX) },
  run: runImport,
});

const undo = defineCommand({
  name: "imports.undo",
  summary: "Take an import of mine back; what was changed since then stays",
  input: undoInput,
  output: undoOutput,
  events: [importUndone],
  run(ctx, { id }) {
    const row = findImport(ctx.sql, id, ctx.me.userId);
    if (row === null) throw new AppError("not_found", "No such import");
    if (row.undoneAt !== null) throw illegalTransition("undone");
    const removed = deleteImported(ctx.sql, row);
    saveUndone(ctx.sql, id, ctx.now);
    if (row.kind === "checkins") ctx.closedMonths.forget();
    announce(ctx, importUndone, row, writtenOf(removed));
    return { id, removed: removed.length, kept: countImported(ctx.sql, row.kind, id) };
  },
});

function toImport({ userId: _mine, ...rest }: ImportRow): Import {
  return rest;
}

const list = defineQuery({
  name: "imports.list",
  summary: "What I imported, newest first; the partner's imports are theirs to know",
  input: listInput,
  output: importPage,
  run(ctx, input) {
    const key = decodeCursor(input.cursor, ["string"]);
    const rows = listImports(ctx.sql, ctx.me.userId, key === null ? null : String(key[0]), input.limit + 1);
    return page(rows, input.limit, (row) => [row.id], toImport);
  },
});

export const operations = [run, undo, list];
