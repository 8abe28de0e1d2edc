import { AppError } from "../../protocol/errors.ts";
import { daysBetween } from "../calendar.ts";
import { occurrenceWithin } from "./recurrence.ts";
import type { DateType, Repeats } from "./schema.ts";
import type { ImportantDateRow } from "./store.ts";

/** Lists of upcoming dates compute each one's next occurrence, so their number has a bound. */
export const DATES_MAX = 500;

/** How a date of this type repeats when nothing else is said. */
export function defaultRepeats(type: DateType): Repeats {
  return type === "anniversary" || type === "birthday" || type === "holiday" ? "yearly" : "none";
}

/** @throws AppError `invalid_input` for a number of something that is neither days nor weeks */
export function requireEvery(repeats: Repeats, every: number | undefined): number {
  const counts = repeats === "days" || repeats === "weeks";
  if (counts || every === undefined || every === 1) return every ?? 1;
  throw new AppError("invalid_input", "Only days and weeks are counted", {
    issues: [{ path: "every", message: "Only together with repeats days or weeks" }],
  });
}

export interface Coming<Row> {
  row: Row;
  on: string;
  daysLeft: number;
}

/** Those of `rows` that happen within `days` days from `today`, the soonest first. */
export function coming(rows: readonly ImportantDateRow[], today: string, days: number): Coming<ImportantDateRow>[] {
  return rows
    .flatMap((row) => {
      const on = occurrenceWithin(row, today, days);
      return on === null ? [] : [{ row, on, daysLeft: daysBetween(today, on) }];
    })
    .toSorted((a, b) => (a.on === b.on ? compare(a.row.id, b.row.id) : compare(a.on, b.on)));
}

/** The same without their days. */
export function upcoming(rows: readonly ImportantDateRow[], today: string, days: number): ImportantDateRow[] {
  return coming(rows, today, days).map(({ row }) => row);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
