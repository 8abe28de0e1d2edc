import { AppError } from "../../protocol/errors.ts";
import { addDays, daysBetween, localDate } from "../calendar.ts";
import { defineQuery } from "../command.ts";
import type { MemberContext } from "../context.ts";
import { decodeCursor, page } from "../paging.ts";
import { milestonesInput, milestonesSchema } from "./milestone-schema.ts";
import { nextMilestones, pastMilestones } from "./milestones.ts";
import { coming, DATES_MAX, upcoming } from "./rules.ts";
import {
  allInput,
  dateIdInput,
  datePage,
  importantDateSchema,
  listSchema,
  upcomingInput,
  upcomingSchema,
  type Upcoming,
} from "./schema.ts";
import { shownDate, shownDates } from "./shown.ts";
import { findDate, listDates, type ImportantDateRow } from "./store.ts";

/** @throws AppError `not_found`, also for another person's private one */
export function requireDate(ctx: MemberContext, id: string): ImportantDateRow {
  const row = findDate(ctx.sql, id, ctx.me.userId);
  if (row === null) throw new AppError("not_found", "No such date");
  return row;
}

function comingDates(ctx: MemberContext, days: number): Upcoming[] {
  const found = coming(listDates(ctx.sql, ctx.me.userId, null, DATES_MAX), ctx.today, days);
  const shown = shownDates(
    ctx,
    found.map(({ row }) => row),
  );
  return found.flatMap(({ on, daysLeft }, index) => {
    const date = shown[index];
    return date === undefined ? [] : [{ kind: "date" as const, on, daysLeft, date }];
  });
}

function comingMilestones(ctx: MemberContext, days: number): Upcoming[] {
  const { startDate } = ctx.relationship;
  if (startDate === null) return [];
  const last = addDays(ctx.today, days);
  // Eight at most lie within any 366 days: those of the first year and a day.
  return nextMilestones(startDate, ctx.today, 10)
    .filter(({ date }) => date <= last)
    .map((milestone) => {
      const daysLeft = daysBetween(ctx.today, milestone.date);
      return { kind: "milestone" as const, on: milestone.date, daysLeft, milestone };
    });
}

export const queries = [
  defineQuery({
    name: "dates.get",
    summary: "One important date",
    input: dateIdInput,
    output: importantDateSchema,
    run: (ctx, input) => shownDate(ctx, requireDate(ctx, input.id)),
  }),
  defineQuery({
    name: "dates.list",
    summary: "Dates that come in the next days, the soonest first",
    input: upcomingInput,
    output: listSchema,
    run(ctx, input) {
      const rows = listDates(ctx.sql, ctx.me.userId, null, DATES_MAX);
      return { items: shownDates(ctx, upcoming(rows, ctx.today, input.days)) };
    },
  }),
  defineQuery({
    name: "dates.upcoming",
    summary: "Important dates and milestones of the next days with the days left, the soonest first",
    input: upcomingInput,
    output: upcomingSchema,
    run(ctx, { days }) {
      const items = [...comingMilestones(ctx, days), ...comingDates(ctx, days)];
      return { items: items.toSorted((a, b) => a.daysLeft - b.daysLeft) };
    },
  }),
  defineQuery({
    name: "dates.all",
    summary: "All our dates, past ones too, newest entry first",
    input: allInput,
    output: datePage,
    run(ctx, input) {
      const key = decodeCursor(input.cursor, ["string"]);
      const rows = listDates(ctx.sql, ctx.me.userId, key === null ? null : String(key[0]), input.limit + 1);
      const shown = shownDates(ctx, rows);
      return page(
        shown,
        input.limit,
        (date) => [date.id],
        (date) => date,
      );
    },
  }),
  defineQuery({
    name: "dates.milestones",
    summary: "Days and years since our start date: what comes and what was",
    input: milestonesInput,
    output: milestonesSchema,
    run(ctx, input) {
      const { startDate, homeTimezone } = ctx.relationship;
      const today = localDate(ctx.now, homeTimezone);
      if (startDate === null) return { startDate, today, daysTogether: null, next: [], past: [] };
      return {
        startDate,
        today,
        daysTogether: Math.max(0, daysBetween(startDate, today)),
        next: nextMilestones(startDate, today, input.next),
        past: pastMilestones(startDate, today, input.past),
      };
    },
  }),
];
