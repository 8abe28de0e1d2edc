import { addDays, dateOfDay, dayNumber, daysBetween } from "../calendar.ts";
import type { LeapDay, Repeats } from "./schema.ts";

/** A date that happens once or comes back. Domain rule 5. */
export interface Recurrence {
  /** The first occurrence, `YYYY-MM-DD`. */
  date: string;
  repeats: Repeats;
  /** Every how many days or weeks; 1 for everything else. */
  every: number;
  /** What 29 February becomes in a year that has none, when it repeats yearly. */
  leapDay: LeapDay;
}

const DAYS_OF = { days: 1, weeks: 7 } as const;

/** Days between two occurrences, where that is always the same number. */
export function stepDays({ repeats, every }: Recurrence): number | null {
  return repeats === "days" || repeats === "weeks" ? every * DAYS_OF[repeats] : null;
}

function isoDate(year: number, month: number, day: number): string {
  return `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}

function lastDayOf(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** `day` of a month, or the month's last day where it is shorter: the 31st falls on the 30th, or in February earlier. */
function inMonth(year: number, month: number, day: number): string {
  return isoDate(year, month, Math.min(day, lastDayOf(year, month)));
}

interface Parts {
  year: number;
  month: number;
  day: number;
}

function partsOf(date: string): Parts {
  return { year: Number(date.slice(0, 4)), month: Number(date.slice(5, 7)), day: Number(date.slice(8, 10)) };
}

/** The occurrence number `index`, counted from 0; of what happens once there is only number 0. */
function occurrence(rule: Recurrence, index: number): string {
  const step = stepDays(rule);
  if (step !== null) return addDays(rule.date, index * step);
  const { year, month, day } = partsOf(rule.date);
  if (rule.repeats === "monthly") {
    const months = month - 1 + index;
    return inMonth(year + Math.floor(months / 12), (months % 12) + 1, day);
  }
  const isMissing = month === 2 && day === 29 && lastDayOf(year + index, 2) === 28;
  if (isMissing && rule.leapDay === "mar_1") return isoDate(year + index, 3, 1);
  return inMonth(year + index, month, day);
}

/** The number of the first occurrence on or after `from`; for what happens once, 0 although it may be over. */
function indexFrom(rule: Recurrence, from: string): number {
  if (from <= rule.date || rule.repeats === "none") return 0;
  const step = stepDays(rule);
  if (step !== null) return Math.ceil(daysBetween(rule.date, from) / step);
  const [first, then] = [partsOf(rule.date), partsOf(from)];
  const years = then.year - first.year;
  // The occurrence of that very year or month, unless it is over: then the one after it.
  const index = rule.repeats === "yearly" ? years : years * 12 + then.month - first.month;
  return occurrence(rule, index) >= from ? index : index + 1;
}

/**
 * The first occurrence on or after `from`, or null when there is none. Lists, reminders, mail and the calendar feed all
 * ask here. The same few steps however far apart the two dates are.
 */
export function nextOccurrence(rule: Recurrence, from: string): string | null {
  const next = occurrence(rule, indexFrom(rule, from));
  return next >= from ? next : null;
}

/** Up to `count` occurrences on or before `until`, the newest first. */
export function latestOccurrences(rule: Recurrence, until: string, count: number): string[] {
  const next = indexFrom(rule, until);
  const last = occurrence(rule, next) <= until ? next : next - 1;
  const first = Math.max(0, last - count + 1);
  return Array.from({ length: last - first + 1 }, (_, offset) => occurrence(rule, last - offset));
}

/** Whether one of its occurrences is `day`. */
export function occursOn(rule: Recurrence, day: string): boolean {
  return nextOccurrence(rule, day) === day;
}

/**
 * Every `MM-DD` on which an occurrence can fall, so that rows of these days can be looked up instead of all rows; null
 * when any day is possible. Which of the found days really are occurrences is for `occursOn` to say.
 */
export function monthDays(rule: Recurrence): string[] | null {
  if (stepDays(rule) !== null) return null;
  if (rule.repeats === "none") return [rule.date.slice(5)];
  const count = rule.repeats === "yearly" ? 1 : 12;
  // Around a leap year, because the last day of February differs.
  const days = [0, 1, 2, 3].flatMap((year) => {
    return Array.from({ length: count }, (_, index) => occurrence(rule, year * count + index).slice(5));
  });
  return [...new Set([...days, ...leapYearDays(rule)])];
}

// Four years in a row may lie around 1900 or 2100, which are none.
function leapYearDays({ date, repeats }: Recurrence): string[] {
  const { month, day } = partsOf(date);
  const reachesFebruary = day >= 29 && (repeats === "monthly" || month === 2);
  return reachesFebruary ? ["02-29", "02-28"] : [];
}

/** The occurrence `days` days from `from` at the latest, or null. */
export function occurrenceWithin(rule: Recurrence, from: string, days: number): string | null {
  const next = nextOccurrence(rule, from);
  return next !== null && next <= dateOfDay(dayNumber(from) + days) ? next : null;
}
