import { occurrenceWithin } from "./recurrence.ts";
import type { DateType, Repeats } from "./schema.ts";
import type { ImportantDateRow } from "./store.ts";

/** Lists of upcoming dates compute each one's next occurrence, so their number has a bound. */
export const DATES_MAX = 500;

/** How a date of this type repeats when nothing else is said. */
export function defaultRepeats(type: DateType): Repeats {
  return type === "anniversary" || type === "birthday" || type === "holiday" ? "yearly" : "none";
}

/** Those of `rows` that happen within `days` days from `today`, the soonest first. */
export function upcoming(rows: readonly ImportantDateRow[], today: string, days: number): ImportantDateRow[] {
  return rows
    .flatMap((row) => {
      const next = occurrenceWithin(row, today, days);
      return next === null ? [] : [{ row, next }];
    })
    .toSorted((a, b) => (a.next === b.next ? compare(a.row.id, b.row.id) : compare(a.next, b.next)))
    .map(({ row }) => row);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
