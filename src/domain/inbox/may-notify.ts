import type { Member } from "../couple.ts";
import { localTime, nextInstantOf } from "../local-time.ts";
import { preferencesOf, type Channel, type NotificationKind, type QuietHours } from "./preferences.ts";

/** `at` is epoch milliseconds: now, or the end of the quiet hours in which now lies. Null: this member does not want it. */
export type Verdict = { at: number } | null;

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;

type Reader = Pick<Member, "preferences" | "timezone">;

/**
 * Whether and when `member` may be told something of `kind` through `channel`. Every sender asks this and nothing else.
 * Notices that protect a person or their account are sent without asking.
 * @param now epoch milliseconds; a time still to come is answered for that time
 */
export function mayNotify(member: Reader, kind: NotificationKind, channel: Channel, now: number): Verdict {
  const { channels, quietHours } = preferencesOf(member);
  if (!channels[kind][channel]) return null;
  return { at: quietHours === null ? now : afterQuietHours(now, quietHours, member.timezone) };
}

function afterQuietHours(now: number, quiet: QuietHours, zone: string): number {
  const { minute } = localTime(now, zone);
  if (!isQuiet(minute, quiet)) return now;
  const end = minuteOf(quiet.to);
  const byCalendar = nextInstantOf(now, end, zone);
  // In an hour that the clock shows twice the calendar's first "07:00" may be over, and the second still to come.
  const byMinutes = now - (now % MINUTE_MS) + ((end - minute + DAY_MINUTES) % DAY_MINUTES) * MINUTE_MS;
  return isQuiet(localTime(byMinutes, zone).minute, quiet) ? byCalendar : Math.min(byCalendar, byMinutes);
}

function isQuiet(minute: number, { from, to }: QuietHours): boolean {
  const [start, end] = [minuteOf(from), minuteOf(to)];
  return start < end ? minute >= start && minute < end : minute >= start || minute < end;
}

function minuteOf(clock: string): number {
  return Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
}
