import type { MemberContext } from "../context.ts";
import { newDate } from "../dates/changes.ts";
import { DATES_MAX } from "../dates/rules.ts";
import { addInput } from "../dates/schema.ts";
import { insertDate, listDates, type ImportantDateRow } from "../dates/store.ts";
import { issue, issuesOf, parsedRow, writtenOf, type ImportSession } from "./session.ts";

const dateRow = addInput.omit({ private: true });
export const dateShape = dateRow.shape;

function keyOf({ name, type, date }: Pick<ImportantDateRow, "name" | "type" | "date">): string {
  return JSON.stringify([name, type, date]);
}

/** Important dates; one of the same name, type and day that I can see is there already. */
export function importDates(ctx: MemberContext, isPrivate: boolean): ImportSession {
  const existing = listDates(ctx.sql, ctx.me.userId, null, DATES_MAX);
  const known = new Set(existing.map(keyOf));
  const rows: ImportantDateRow[] = [];
  return {
    judge(value) {
      const parsed = parsedRow(dateRow, value);
      if ("issues" in parsed) return parsed.issues;
      let row: ImportantDateRow;
      try {
        row = newDate(ctx, { ...parsed.row, private: isPrivate });
      } catch (error) {
        return issuesOf(error);
      }
      if (known.has(keyOf(row))) return "skipped";
      if (existing.length + rows.length >= DATES_MAX) return issue("", `There can be ${DATES_MAX} dates at most`);
      known.add(keyOf(row));
      rows.push(row);
      return "ok";
    },
    write(importId) {
      for (const row of rows) insertDate(ctx.sql, row, importId);
      const written = writtenOf(rows);
      if (ctx.solo || written.shared > 0) ctx.touch("anniversaries_celebrated");
      return written;
    },
  };
}
