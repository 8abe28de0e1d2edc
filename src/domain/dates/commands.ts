import { AppError } from "../../protocol/errors.ts";
import { defineCommand } from "../command.ts";
import type { MemberContext } from "../context.ts";
import { editedFields, editTexts } from "../edits.ts";
import { photoDeleted, photoUpdated } from "../photos/events.ts";
import { dropSubject } from "../photos/subjects.ts";
import { audience, countsForCouple, requireShareable } from "../visibility.ts";
import { newDate } from "./changes.ts";
import { dateAdded, dateRemoved, dateUpdated } from "./events.ts";
import { feedCommands } from "./feed-commands.ts";
import { queries, requireDate } from "./queries.ts";
import { DATES_MAX, requireEvery } from "./rules.ts";
import {
  addInput,
  dateIdInput,
  importantDateSchema,
  removedSchema,
  TEXT_LIMITS,
  updateInput,
  type UpdateInput,
} from "./schema.ts";
import { shownDate } from "./shown.ts";
import { deleteDate, insertDate, listDates, saveDate, type ImportantDateRow } from "./store.ts";

function announce(ctx: MemberContext, row: ImportantDateRow): void {
  ctx.emit(dateAdded, { type: row.type, date: row.date }, audience(row, row.id));
  touchAnniversary(ctx, row);
}

function touchAnniversary(ctx: MemberContext, row: ImportantDateRow): void {
  // Something done on that day earlier counts from now on.
  if (countsForCouple(ctx, row)) ctx.touch("anniversaries_celebrated");
}

function updated(ctx: MemberContext, before: ImportantDateRow, input: UpdateInput): ImportantDateRow {
  const texts = editTexts(before, input, TEXT_LIMITS, () => shownDate(ctx, before));
  const repeats = input.repeats ?? before.repeats;
  // Another unit makes the old number meaningless.
  const every = input.every ?? (repeats === before.repeats ? before.every : undefined);
  return {
    ...before,
    ...texts,
    name: texts.name ?? before.name,
    type: input.type ?? before.type,
    date: input.date ?? before.date,
    repeats,
    every: requireEvery(repeats, every),
    leapDay: input.leapDay ?? before.leapDay,
    reminderDaysBefore: input.reminderDaysBefore ?? before.reminderDaysBefore,
  };
}

const add = defineCommand({
  name: "dates.add",
  summary: "Add a date that matters to us",
  input: addInput,
  output: importantDateSchema,
  events: [dateAdded],
  run(ctx, input) {
    // Counted as I see them: what the partner keeps private takes no place of mine.
    if (listDates(ctx.sql, ctx.me.userId, null, DATES_MAX).length >= DATES_MAX) {
      throw new AppError("conflict", `There can be ${DATES_MAX} dates at most`);
    }
    const row = newDate(ctx, input);
    insertDate(ctx.sql, row);
    announce(ctx, row);
    return shownDate(ctx, row);
  },
});

const update = defineCommand({
  name: "dates.update",
  summary: "Change an important date; a field that is absent stays, null clears it",
  input: updateInput,
  output: importantDateSchema,
  events: [dateUpdated],
  run(ctx, input) {
    const before = requireDate(ctx, input.id);
    const row = saveDate(ctx.sql, updated(ctx, before, input), ctx.now);
    ctx.emit(dateUpdated, { fields: editedFields(input), version: row.version }, audience(row, row.id));
    touchAnniversary(ctx, row);
    return shownDate(ctx, row);
  },
});

const share = defineCommand({
  name: "dates.share",
  summary: "Show my partner a date that I kept to myself; cannot be undone",
  input: dateIdInput,
  output: importantDateSchema,
  events: [dateAdded],
  run(ctx, input) {
    const before = requireDate(ctx, input.id);
    requireShareable(ctx, before);
    const row = saveDate(ctx.sql, { ...before, visibility: "joint" }, ctx.now);
    announce(ctx, row);
    return shownDate(ctx, row);
  },
});

const remove = defineCommand({
  name: "dates.remove",
  summary: "Remove an important date, and my photos of it",
  input: dateIdInput,
  output: removedSchema,
  events: [dateRemoved, photoDeleted, photoUpdated],
  run(ctx, input) {
    const row = requireDate(ctx, input.id);
    dropSubject(ctx, "date", row.id);
    deleteDate(ctx.sql, row.id);
    ctx.emit(dateRemoved, {}, audience(row, row.id));
    return { id: row.id };
  },
});

export const operations = [add, update, share, remove, ...feedCommands, ...queries];
