import { addDays, dayNumber } from "./calendar.ts";
import { DAY_MS, HOUR_MS } from "../protocol/limits.ts";

const MINUTE_MS = 60_000;

/** What a clock on the wall shows. */
export interface LocalTime {
  /** `YYYY-MM-DD` */
  date: string;
  /** Minutes since that day's 00:00 as the clock shows it, 0 to 1439. */
  minute: number;
}

// Building a formatter costs more than a whole command.
const formats = new Map<string, Intl.DateTimeFormat>();

/** The wall clock of `zone` at `nowMs`. @throws RangeError for a zone that the runtime does not know */
export function localTime(nowMs: number, zone: string): LocalTime {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-CA", {
      timeZone: zone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    });
    formats.set(zone, format);
  }
  const text = format.format(nowMs);
  return { date: text.slice(0, 10), minute: Number(text.slice(-5, -3)) * 60 + Number(text.slice(-2)) };
}

/**
 * The first instant (epoch milliseconds) at which the clock of `zone` shows `minute` of `date` or later. A time that a
 * clock change skips is the moment of the change; of one that comes twice it is the first. Found by asking the
 * calendar, so that no rule of any zone is repeated here.
 */
export function instantOf(date: string, minute: number, zone: string): number {
  // Zones are at most 14 hours ahead of UTC and 12 behind; the hours added leave room for a change of the clock.
  const utc = dayNumber(date) * DAY_MS + minute * MINUTE_MS;
  let before = (utc - 16 * HOUR_MS) / MINUTE_MS;
  let after = (utc + 14 * HOUR_MS) / MINUTE_MS;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (isAtOrAfter(localTime(middle * MINUTE_MS, zone), date, minute)) after = middle;
    else before = middle;
  }
  return after * MINUTE_MS;
}

/** The first instant after `nowMs` at which a day of `zone` reaches `minute`. */
export function nextInstantOf(nowMs: number, minute: number, zone: string): number {
  const { date } = localTime(nowMs, zone);
  for (let days = 0; ; days++) {
    const at = instantOf(addDays(date, days), minute, zone);
    if (at > nowMs) return at;
  }
}

function isAtOrAfter(time: LocalTime, date: string, minute: number): boolean {
  return time.date > date || (time.date === date && time.minute >= minute);
}
