import { dateOfDay, dayNumber } from "../calendar.ts";

/** A date that happens once, or comes back every year or every month. */
export interface Recurrence {
  /** The first occurrence, `YYYY-MM-DD`. */
  date: string;
  repeats: "none" | "yearly" | "monthly";
}

function isoDate(year: number, month: number, day: number): string {
  return `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}

function lastDayOf(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** `day` of a month, or the month's last day where it is shorter: 29 February becomes 28, the 31st the 30th. */
function inMonth(year: number, month: number, day: number): string {
  return isoDate(year, month, Math.min(day, lastDayOf(year, month)));
}

/** The first occurrence on or after `from`, or null when there is none. Domain rule 5. */
export function nextOccurrence({ date, repeats }: Recurrence, from: string): string | null {
  if (from <= date) return date;
  if (repeats === "none") return null;
  const [year, month] = [Number(from.slice(0, 4)), Number(from.slice(5, 7))];
  const day = Number(date.slice(8, 10));
  if (repeats === "yearly") {
    const birthMonth = Number(date.slice(5, 7));
    const thisYear = inMonth(year, birthMonth, day);
    return thisYear >= from ? thisYear : inMonth(year + 1, birthMonth, day);
  }
  const thisMonth = inMonth(year, month, day);
  if (thisMonth >= from) return thisMonth;
  return month === 12 ? inMonth(year + 1, 1, day) : inMonth(year, month + 1, day);
}

/** Whether one of its occurrences is `day`. */
export function occursOn(recurrence: Recurrence, day: string): boolean {
  return nextOccurrence(recurrence, day) === day;
}

/**
 * Every `MM-DD` on which an occurrence can fall, so that rows of these days can be looked up instead of all rows. Which
 * of the found days really are occurrences is for `occursOn` to say.
 */
export function monthDays({ date, repeats }: Recurrence): string[] {
  const [month, day] = [Number(date.slice(5, 7)), Number(date.slice(8, 10))];
  if (repeats === "none") return [date.slice(5)];
  const months = repeats === "yearly" ? [month] : [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
  // A leap year and another one, because the last day of February differs.
  const days = [2023, 2024].flatMap((year) => months.map((each) => inMonth(year, each, day).slice(5)));
  return [...new Set(days)];
}

/** The occurrence `count` days from now at the latest, or null. */
export function occurrenceWithin(recurrence: Recurrence, from: string, days: number): string | null {
  const next = nextOccurrence(recurrence, from);
  return next !== null && next <= dateOfDay(dayNumber(from) + days) ? next : null;
}
