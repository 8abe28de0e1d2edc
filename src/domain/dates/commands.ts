import * as z from "zod";
import { AppError } from "../../protocol/errors.ts";
import { defineCommand, defineQuery } from "../command.ts";
import type { MemberContext } from "../context.ts";
import { defineEvent } from "../events.ts";
import { decodeCursor, page } from "../paging.ts";
import { audience, countsForCouple, jointVisibility } from "../visibility.ts";
import { DATES_MAX, defaultRepeats, upcoming } from "./rules.ts";
import {
  addInput,
  allInput,
  datePage,
  dateTypeSchema,
  importantDateSchema,
  removedSchema,
  removeInput,
  upcomingInput,
  upcomingSchema,
  updateInput,
} from "./schema.ts";
import {
  deleteDate,
  findDate,
  insertDate,
  listDates,
  saveDate,
  toImportantDate,
  type ImportantDateRow,
} from "./store.ts";

const dateAdded = defineEvent(
  "date.added",
  "A member added an important date",
  z.strictObject({ type: dateTypeSchema, date: z.string() }),
);
const dateUpdated = defineEvent(
  "date.updated",
  "A member changed an important date",
  z.strictObject({ fields: z.array(z.string()), version: z.int() }),
);
const dateRemoved = defineEvent("date.removed", "A member removed an important date", z.strictObject({}));

function requireDate(ctx: MemberContext, id: string): ImportantDateRow {
  const row = findDate(ctx.sql, id, ctx.me.userId);
  if (row === null) throw new AppError("not_found", "No such date");
  return row;
}

function touchAnniversary(ctx: MemberContext, row: ImportantDateRow): void {
  // Something done on that day earlier counts from now on.
  if (countsForCouple(ctx, row)) ctx.touch("anniversaries_celebrated");
}

const dateAdd = defineCommand({
  name: "dates.add",
  summary: "Add a date that matters to us",
  input: addInput,
  output: importantDateSchema,
  events: [dateAdded],
  run(ctx, input) {
    if (listDates(ctx.sql, ctx.me.userId, null, DATES_MAX).length >= DATES_MAX) {
      throw new AppError("conflict", `There can be ${DATES_MAX} dates at most`);
    }
    const row: ImportantDateRow = {
      id: ctx.newId("date"),
      name: input.name,
      type: input.type,
      date: input.date,
      description: input.description ?? null,
      repeats: input.repeats ?? defaultRepeats(input.type),
      reminderDaysBefore: input.reminderDaysBefore,
      authorId: ctx.me.userId,
      visibility: jointVisibility(ctx),
      version: 1,
      createdAt: ctx.now,
      updatedAt: ctx.now,
    };
    insertDate(ctx.sql, row);
    ctx.emit(dateAdded, { type: row.type, date: row.date }, audience(row, row.id));
    touchAnniversary(ctx, row);
    return toImportantDate(row, ctx.today);
  },
});

const dateUpdate = defineCommand({
  name: "dates.update",
  summary: "Change an important date; a field that is absent stays, null clears it",
  input: updateInput,
  output: importantDateSchema,
  events: [dateUpdated],
  run(ctx, input) {
    const before = requireDate(ctx, input.id);
    const changed: ImportantDateRow = {
      ...before,
      name: input.name ?? before.name,
      type: input.type ?? before.type,
      date: input.date ?? before.date,
      description: input.description === undefined ? before.description : input.description,
      repeats: input.repeats ?? before.repeats,
      reminderDaysBefore: input.reminderDaysBefore ?? before.reminderDaysBefore,
    };
    const row = saveDate(ctx.sql, changed, ctx.now);
    const fields = Object.keys(input).filter((field) => field !== "id");
    ctx.emit(dateUpdated, { fields, version: row.version }, audience(row, row.id));
    touchAnniversary(ctx, row);
    return toImportantDate(row, ctx.today);
  },
});

const dateRemove = defineCommand({
  name: "dates.remove",
  summary: "Remove an important date",
  input: removeInput,
  output: removedSchema,
  events: [dateRemoved],
  run(ctx, input) {
    const row = requireDate(ctx, input.id);
    deleteDate(ctx.sql, row.id);
    ctx.emit(dateRemoved, {}, audience(row, row.id));
    return { id: row.id };
  },
});

const dateList = defineQuery({
  name: "dates.list",
  summary: "Dates that come in the next days, the soonest first",
  input: upcomingInput,
  output: upcomingSchema,
  run(ctx, input) {
    const rows = listDates(ctx.sql, ctx.me.userId, null, DATES_MAX);
    return { items: upcoming(rows, ctx.today, input.days).map((row) => toImportantDate(row, ctx.today)) };
  },
});

const dateAll = defineQuery({
  name: "dates.all",
  summary: "All our dates, past ones too, newest entry first",
  input: allInput,
  output: datePage,
  run(ctx, input) {
    const key = decodeCursor(input.cursor, ["string"]);
    const rows = listDates(ctx.sql, ctx.me.userId, key === null ? null : String(key[0]), input.limit + 1);
    return page(
      rows,
      input.limit,
      (row) => [row.id],
      (row) => toImportantDate(row, ctx.today),
    );
  },
});

export const operations = [dateAdd, dateUpdate, dateRemove, dateList, dateAll];
