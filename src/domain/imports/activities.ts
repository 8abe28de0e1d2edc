import { newActivity, completed } from "../activities/changes.ts";
import { activityStatusSchema, logInput, planInput } from "../activities/schema.ts";
import { insertActivity, type ActivityRow } from "../activities/store.ts";
import { dayNumber } from "../calendar.ts";
import type { MemberContext } from "../context.ts";
import { AppError } from "../../protocol/errors.ts";
import { newId } from "../../protocol/ids.ts";
import { DAY_MS } from "../../protocol/limits.ts";
import { issuesOf, parsedRow, writtenOf, type ImportSession } from "./session.ts";
import { listActivityKeys, type ActivityKey } from "./store.ts";

/** One activity in a file: what is planned and what is done in one row. */
const activityRow = planInput
  .omit({ private: true })
  .extend(logInput.omit({ private: true }).shape)
  .extend({ status: activityStatusSchema.optional() });
export const activityShape = activityRow.shape;
type FileActivity = ReturnType<typeof activityRow.parse>;

/** Whatever has a date on which it was done is done, unless the row says otherwise; else it is planned. */
function rowOf(ctx: MemberContext, { status, ...row }: FileActivity, isPrivate: boolean): ActivityRow {
  const { completedDate, rating, notes, ...about } = row;
  const is = status ?? (completedDate === undefined ? "planned" : "completed");
  const planned = { ...newActivity(ctx, { ...about, private: isPrivate }), notes: notes ?? null };
  if (is === "completed") {
    if (completedDate === undefined) throw refused("completedDate", "What is done needs the date on which it was");
    const done = completed(ctx, planned, { completedDate, rating });
    return { ...done, id: newId("activity", timeOf(completedDate, ctx.now)) };
  }
  if (completedDate !== undefined) throw refused("completedDate", "Only what is done has one");
  if (rating !== undefined) throw refused("rating", "Only what is done has one");
  return { ...planned, status: is, id: newId("activity", timeOf(row.plannedDate ?? ctx.today, ctx.now)) };
}

// Lists go by id, newest first: what happened years ago is to stand where it happened.
function timeOf(date: string, now: number): number {
  return Math.min(now, Math.max(0, dayNumber(date) * DAY_MS));
}

function refused(path: string, message: string): AppError {
  return new AppError("invalid_input", "The row is not valid", { issues: [{ path, message }] });
}

function keyOf({ name, type, status, plannedDate, completedDate }: ActivityKey): string {
  return JSON.stringify([name, type, status, plannedDate, completedDate]);
}

/** Activities; one of the same name, type, state and dates that I can see is there already. */
export function importActivities(ctx: MemberContext, isPrivate: boolean): ImportSession {
  const known = new Set(listActivityKeys(ctx.sql, ctx.me.userId).map(keyOf));
  const rows: ActivityRow[] = [];
  return {
    judge(value) {
      const parsed = parsedRow(activityRow, value);
      if ("issues" in parsed) return parsed.issues;
      let row: ActivityRow;
      try {
        row = rowOf(ctx, parsed.row, isPrivate);
      } catch (error) {
        return issuesOf(error);
      }
      const key = keyOf(row);
      if (known.has(key)) return "skipped";
      known.add(key);
      rows.push(row);
      return "ok";
    },
    write(importId) {
      for (const row of rows) insertActivity(ctx.sql, row, importId);
      const counted = ctx.solo ? rows : rows.filter((row) => row.visibility === "joint");
      if (counted.some((row) => row.status === "completed")) {
        ctx.touch("date_nights_completed", "activity_types_completed", "anniversaries_celebrated");
      }
      return writtenOf(rows);
    },
  };
}
