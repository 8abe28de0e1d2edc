import { DAY_MS, HOUR_MS } from "../../protocol/limits.ts";
import { dateOfDay, dayNumber, localDate } from "../calendar.ts";

/** A month as one number: 12 × year + (0 to 11). */
export function monthNumber(date: string): number {
  return Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1;
}

/** The day number (days since 1970-01-01) of the first day of `month`. */
export function firstDayOf(month: number): number {
  return Date.UTC(Math.floor(month / 12), month % 12, 1) / DAY_MS;
}

/** The month in which a day number lies. */
export function monthOfDay(day: number): number {
  return monthNumber(dateOfDay(day));
}

/** Whether the calendar of `zone` ever showed `date`: 2011-12-30 never was in Pacific/Apia. */
export function dateExisted(date: string, zone: string): boolean {
  const midnight = dayNumber(date) * DAY_MS;
  // Noon UTC lies in the same date for offsets from -12 up to +12 hours, midnight UTC for those from 0 up to +24.
  return localDate(midnight + 12 * HOUR_MS, zone) === date || localDate(midnight, zone) === date;
}

const skippedByMonth = new Map<string, number>();
const SKIPPED_MONTHS_KEPT = 20_000;

/** Days of `month` that the calendar of `zone` left out, as bits; bit 0 is the first of the month. */
export function skippedDays(month: number, zone: string): number {
  const key = `${zone} ${month}`;
  const known = skippedByMonth.get(key);
  if (known !== undefined) return known;
  const first = firstDayOf(month);
  const length = firstDayOf(month + 1) - first;
  let skipped = 0;
  // A left-out day moves the zone by 24 hours, which shows at any fixed time of the day; nearly no month has one.
  if (lead(first - 1, zone) !== lead(first + length, zone)) {
    for (let index = 0; index < length; index++) {
      if (!dateExisted(dateOfDay(first + index), zone)) skipped |= 1 << index;
    }
  }
  if (skippedByMonth.size >= SKIPPED_MONTHS_KEPT) skippedByMonth.clear();
  skippedByMonth.set(key, skipped);
  return skipped;
}

/** By how many dates `zone` is ahead of UTC at 10:00 UTC of `day`. */
function lead(day: number, zone: string): number {
  return dayNumber(localDate(day * DAY_MS + 10 * HOUR_MS, zone)) - day;
}
