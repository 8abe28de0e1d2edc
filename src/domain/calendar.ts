import * as z from "zod";
import { DAY_MS, HOUR_MS } from "../protocol/limits.ts";

const MINUTE_MS = 60_000;

interface ZoneCalendar {
  format: Intl.DateTimeFormat;
  minute: number;
  date: string;
}

// Building a formatter costs more than a whole command, and within one minute of UTC a zone's date cannot change.
const zones = new Map<string, ZoneCalendar>();

/**
 * The calendar day, `YYYY-MM-DD`, that a person in `zone` has at `nowMs`.
 * @throws RangeError for a zone that the runtime does not know; inputs are checked by `timezoneSchema`.
 */
export function localDate(nowMs: number, zone: string): string {
  let calendar = zones.get(zone);
  if (calendar === undefined) {
    const format = new Intl.DateTimeFormat("en-CA", {
      timeZone: zone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
    });
    calendar = { format, minute: Number.NaN, date: "" };
    zones.set(zone, calendar);
  }
  const minute = Math.floor(nowMs / MINUTE_MS);
  if (calendar.minute !== minute) {
    calendar.date = calendar.format.format(nowMs);
    calendar.minute = minute;
  }
  return calendar.date;
}

/** Days since 1970-01-01 of a `YYYY-MM-DD` date. */
export function dayNumber(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS;
}

/** The `YYYY-MM-DD` date of a day number. */
export function dateOfDay(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

export function addDays(date: string, days: number): string {
  return dateOfDay(dayNumber(date) + days);
}

/** Whole days from `from` to `to`; negative when `to` is earlier. */
export function daysBetween(from: string, to: string): number {
  return dayNumber(to) - dayNumber(from);
}

/** A span of days: the first one, and the first one after it. */
export type Days = readonly [from: string, end: string];

/** How many days of a span lie in none of `others`, which may overlap. */
export function daysOutside([from, end]: Days, others: readonly Days[]): number {
  let days = 0;
  let open = from;
  const spans = others.filter(([first, next]) => first < next).toSorted(([one], [two]) => (one < two ? -1 : 1));
  for (const [first, next] of spans) {
    if (first > open) days += Math.max(0, daysBetween(open, first < end ? first : end));
    if (next > open) open = next;
  }
  return days + Math.max(0, daysBetween(open, end));
}

/** The spans of pauses that are over; `to` is the last day of each. */
export function closedSpans(pauses: readonly { from: string; to: string | null }[]): Days[] {
  return pauses.flatMap(({ from, to }): Days[] => (to === null ? [] : [[from, addDays(to, 1)]]));
}

/** `today`, or the first day after all of `pauses` when by the calendar of another zone they have had today already. */
export function firstFreeDay(today: string, pauses: readonly Days[]): string {
  return pauses.reduce((latest, [, end]) => (end > latest ? end : latest), today);
}

/**
 * The first instant (epoch milliseconds) at which a person in `zone` has left `date` behind. Found by asking the
 * calendar, so days of 23 and 25 hours and days that a zone skipped need no rule of their own.
 */
export function endOfDay(date: string, zone: string): number {
  // Zones are at most 14 hours ahead of UTC and 12 behind.
  const midnight = (dayNumber(date) + 1) * DAY_MS;
  let before = (midnight - 15 * HOUR_MS) / MINUTE_MS;
  let after = (midnight + 13 * HOUR_MS) / MINUTE_MS;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (localDate(middle * MINUTE_MS, zone) > date) after = middle;
    else before = middle;
  }
  return after * MINUTE_MS;
}

/** `YYYY-MM` of a date. */
export function monthOf(date: string): string {
  return date.slice(0, 7);
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

function isCalendarDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const year = Number(text.slice(0, 4));
  const month = Number(text.slice(5, 7));
  const day = Number(text.slice(8));
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const lastDay = month === 2 && isLeap ? 29 : (MONTH_DAYS[month - 1] ?? 0);
  return year >= 1900 && year <= 2200 && day >= 1 && day <= lastDay;
}

/** A real calendar day from 1900 to 2200. */
export const dateSchema = z.string().refine(isCalendarDate, "Expected a calendar date, YYYY-MM-DD");

/** Whether `zone` is an IANA zone name; fixed offsets such as "+01:00" are not. */
export function isTimezone(zone: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]{0,63}$/.test(zone)) return false;
  if (zones.has(zone)) return true;
  try {
    new Intl.DateTimeFormat("en-CA", { timeZone: zone });
    return true;
  } catch {
    // The constructor is the only test the runtime offers for old names such as Asia/Calcutta.
    return false;
  }
}

export const timezoneSchema = z
  .string()
  .max(64)
  .refine(isTimezone, "Expected an IANA time zone such as Europe/Lisbon")
  .overwrite(canonicalTimezone);

// One spelling for each zone, so that the formatters above stay few.
function canonicalTimezone(zone: string): string {
  return isTimezone(zone) ? new Intl.DateTimeFormat("en-CA", { timeZone: zone }).resolvedOptions().timeZone : zone;
}
