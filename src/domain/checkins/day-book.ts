import { addDays, dateOfDay, localDate } from "../calendar.ts";
import type { Context } from "../context.ts";
import type { Sql } from "../sql.ts";
import { firstDayOf, monthNumber } from "./months.ts";
import { OFFLINE_WINDOW_DAYS } from "./rules.ts";
import { listCountedMonths, type MonthRow } from "./store.ts";

/** A streak of thirty days, the longest that an achievement asks for, lies within the first page and the open months. */
const FIRST_PAGE_MONTHS = 3;
const PAGE_MONTHS_MAX = 48;
/** A member's own day can be off the home zone's, and one who flew has entered days that came back. */
const SLACK_DAYS = 5;

/**
 * Months that no check-in can reach any more, read once and kept for the life of the object: after ten years they are
 * nearly all there is. Who writes check-ins by another way than entering them (an import, an absorbed part, a day shared
 * late) makes the couple forget.
 */
export class ClosedMonths {
  readonly #months = new Map<string, MonthRow>();
  /** What is kept: from `#oldest` up to, and without, `#end`. */
  #oldest = 0;
  #end = 0;
  #pageMonths = FIRST_PAGE_MONTHS;

  /** @param end the first month that is still open; `month` lies before it */
  find(sql: Sql, userId: string, month: number, end: number): MonthRow | undefined {
    if (end !== this.#end) this.#startAt(end);
    while (month < this.#oldest) this.#readPage(sql, month);
    return this.#months.get(`${userId} ${month}`);
  }

  /** To be called after a write to `date`, in case that it lies in what is kept. */
  changed(date: string): void {
    if (monthNumber(date) < this.#end) this.forget();
  }

  forget(): void {
    this.#startAt(0);
  }

  #startAt(end: number): void {
    this.#months.clear();
    this.#oldest = end;
    this.#end = end;
    this.#pageMonths = FIRST_PAGE_MONTHS;
  }

  #readPage(sql: Sql, wanted: number): void {
    const from = Math.min(wanted, this.#oldest - this.#pageMonths);
    for (const row of readMonths(sql, from, this.#oldest)) this.#months.set(`${row.userId} ${row.month}`, row);
    this.#oldest = from;
    this.#pageMonths = Math.min(this.#pageMonths * 2, PAGE_MONTHS_MAX);
  }
}

/** The counted months of all members, read only as far back as somebody asks. */
export class DayBook {
  readonly #ctx: Context;
  /** The first month in which a check-in can still be entered. */
  readonly #openFrom: number;
  /** The month after the newest that is looked at. */
  readonly #end: number;
  #open: Map<string, MonthRow> | undefined;

  /** @param newestDate no later day is asked for */
  constructor(ctx: Context, newestDate: string) {
    this.#ctx = ctx;
    const today = localDate(ctx.now, ctx.relationship.homeTimezone);
    this.#openFrom = monthNumber(addDays(today, -OFFLINE_WINDOW_DAYS - SLACK_DAYS));
    this.#end = monthNumber(newestDate) + 1;
  }

  month(userId: string, month: number): MonthRow | undefined {
    if (month < this.#openFrom) return this.#ctx.closedMonths.find(this.#ctx.sql, userId, month, this.#openFrom);
    this.#open ??= new Map(
      readMonths(this.#ctx.sql, this.#openFrom, this.#end).map((row) => [`${row.userId} ${row.month}`, row]),
    );
    return this.#open.get(`${userId} ${month}`);
  }
}

/** Months from `from` up to, and without, `end`. */
function readMonths(sql: Sql, from: number, end: number): MonthRow[] {
  return listCountedMonths(sql, dateOfDay(firstDayOf(from)), dateOfDay(firstDayOf(end) - 1));
}
