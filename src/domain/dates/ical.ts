import type { Recurrence } from "./recurrence.ts";

/** One all-day event of a calendar. */
export interface CalendarEntry {
  /** Stays the same as long as the thing exists. */
  id: string;
  /** The first day, `YYYY-MM-DD`. */
  date: string;
  /** RFC 5545 recurrence rule; null for one day. */
  rule: string | null;
  summary: string;
  description: string | null;
  location: string | null;
  /** Whether the day is shown as taken. */
  isBusy: boolean;
  version: number;
  /** Epoch milliseconds. */
  updatedAt: number;
}

const LINE_OCTETS = 75;
const DOMAIN = "better-together";

/**
 * `rule` as RFC 5545 says it, so that an expansion from the first date gives the same days as `nextOccurrence`. A day
 * that a month does not have would be skipped there, so the last day of the month is asked for by other means.
 */
export function ruleOf(rule: Recurrence): string | null {
  const day = Number(rule.date.slice(8));
  switch (rule.repeats) {
    case "none":
      return null;
    case "days":
      return `FREQ=DAILY;INTERVAL=${rule.every}`;
    case "weeks":
      return `FREQ=WEEKLY;INTERVAL=${rule.every}`;
    case "monthly":
      return `FREQ=MONTHLY;${monthlyDay(day)}`;
    case "yearly":
      if (rule.date.slice(5) !== "02-29") return "FREQ=YEARLY";
      // Day 60 of a year is 29 February or, without one, 1 March.
      return rule.leapDay === "mar_1" ? "FREQ=YEARLY;BYYEARDAY=60" : "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1";
  }
}

function monthlyDay(day: number): string {
  if (day <= 28) return `BYMONTHDAY=${day}`;
  if (day === 31) return "BYMONTHDAY=-1";
  const days = Array.from({ length: day - 27 }, (_, index) => 28 + index);
  return `BYMONTHDAY=${days.join(",")};BYSETPOS=-1`;
}

/** A calendar by RFC 5545, its refresh hints by RFC 7986. Equal entries give equal octets. */
export function renderCalendar(entries: readonly CalendarEntry[]): string {
  const lines = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Better Together//Calendar feed 1//EN",
    "CALSCALE:GREGORIAN",
    "NAME:Better Together",
    "X-WR-CALNAME:Better Together",
    "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
    "X-PUBLISHED-TTL:PT6H",
    // A calendar without any component is not valid.
    ...(entries.length === 0 ? UTC_ZONE : entries.flatMap(eventLines)),
    "END:VCALENDAR",
  ];
  return lines.map((line) => `${folded(line)}\r\n`).join("");
}

const UTC_ZONE = [
  "BEGIN:VTIMEZONE",
  "TZID:UTC",
  "BEGIN:STANDARD",
  "DTSTART:19700101T000000",
  "TZOFFSETFROM:+0000",
  "TZOFFSETTO:+0000",
  "END:STANDARD",
  "END:VTIMEZONE",
] as const;

function eventLines(entry: CalendarEntry): string[] {
  const optional = (name: string, text: string | null): string[] => {
    return text === null || text === "" ? [] : [`${name}:${escaped(text)}`];
  };
  return [
    "BEGIN:VEVENT",
    `UID:${entry.id}@${DOMAIN}`,
    // Without a METHOD this is when the event was last changed.
    `DTSTAMP:${utcTime(entry.updatedAt)}`,
    `SEQUENCE:${entry.version - 1}`,
    `DTSTART;VALUE=DATE:${entry.date.replaceAll("-", "")}`,
    ...(entry.rule === null ? [] : [`RRULE:${entry.rule}`]),
    `SUMMARY:${escaped(entry.summary)}`,
    ...optional("DESCRIPTION", entry.description),
    ...optional("LOCATION", entry.location),
    `TRANSP:${entry.isBusy ? "OPAQUE" : "TRANSPARENT"}`,
    `CLASS:${entry.isBusy ? "PRIVATE" : "PUBLIC"}`,
    "END:VEVENT",
  ];
}

function utcTime(epochMs: number): string {
  return new Date(epochMs).toISOString().replaceAll(/[-:]|\.\d{3}/g, "");
}

// Control characters other than tab and line break have no place in a text value.
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

function escaped(text: string): string {
  return text
    .replaceAll(/\r\n?/g, "\n")
    .replaceAll(CONTROLS, "")
    .replaceAll(/[\\;,]/g, (sign) => `\\${sign}`)
    .replaceAll("\n", "\\n");
}

/** Lines of at most 75 octets, broken between characters; what goes on begins with a space, which counts. */
function folded(line: string): string {
  const encoder = new TextEncoder();
  let text = "";
  let octets = 0;
  for (const character of line) {
    const size = encoder.encode(character).byteLength;
    if (octets + size > LINE_OCTETS) {
      text += "\r\n ";
      octets = 1;
    }
    text += character;
    octets += size;
  }
  return text;
}
