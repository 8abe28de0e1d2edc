import { addDays, daysBetween } from "../calendar.ts";
import type { Milestone } from "./milestone-schema.ts";
import { latestOccurrences, nextOccurrence, type Recurrence } from "./recurrence.ts";

/** Numbers of days that are celebrated by themselves; after the last, every `EVERY_DAYS`. */
const FIRST_COUNTS = [100, 200, 365, 500, 730, 1_000, 1_095] as const;
const EVERY_DAYS = 500;

// The numbers of days in order: those of the table, then the multiples of 500 from 1,500 on.
function countAt(index: number): number {
  return FIRST_COUNTS[index] ?? (index - FIRST_COUNTS.length + 3) * EVERY_DAYS;
}

/** The index of the first number of days that is at least `days`. */
function indexOfCount(days: number): number {
  const early = FIRST_COUNTS.findIndex((count) => count >= days);
  return early >= 0 ? early : FIRST_COUNTS.length + Math.max(0, Math.ceil(days / EVERY_DAYS) - 3);
}

function anniversary(startDate: string): Recurrence {
  return { date: startDate, repeats: "yearly", every: 1, leapDay: "feb_28" };
}

function milestoneOn(startDate: string, date: string): Milestone {
  const isAnniversary = nextOccurrence(anniversary(startDate), date) === date;
  const years = isAnniversary ? Number(date.slice(0, 4)) - Number(startDate.slice(0, 4)) : null;
  return { date, days: daysBetween(startDate, date), years };
}

function merged(startDate: string, dates: readonly string[]): Milestone[] {
  // Of 365 days and one year on the same date there is one.
  return [...new Set(dates)].toSorted().map((date) => milestoneOn(startDate, date));
}

/** The next `count` milestones on or after `from`, the soonest first. Domain rule 6. */
export function nextMilestones(startDate: string, from: string, count: number): Milestone[] {
  const after = from > startDate ? from : addDays(startDate, 1);
  const first = indexOfCount(daysBetween(startDate, after));
  const dates = Array.from({ length: count }, (_, offset) => addDays(startDate, countAt(first + offset)));
  let year = nextOccurrence(anniversary(startDate), after);
  for (let found = 0; found < count && year !== null; found++) {
    dates.push(year);
    year = nextOccurrence(anniversary(startDate), addDays(year, 1));
  }
  return merged(startDate, dates).slice(0, count);
}

/** The last `count` milestones before `before`, the newest first. */
export function pastMilestones(startDate: string, before: string, count: number): Milestone[] {
  if (before <= startDate || count === 0) return [];
  const last = indexOfCount(daysBetween(startDate, before)) - 1;
  const first = Math.max(0, last - count + 1);
  const dates = Array.from({ length: last - first + 1 }, (_, offset) => addDays(startDate, countAt(first + offset)));
  const years = latestOccurrences(anniversary(startDate), addDays(before, -1), count);
  const all = merged(startDate, [...dates, ...years.filter((date) => date > startDate)]);
  return all.toReversed().slice(0, count);
}
