import { addDays } from "../calendar.ts";
import { nextOccurrence, type Recurrence } from "./recurrence.ts";

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

/** A series of a calendar: its first day, and how it goes on. A date of ours is one of them, or two. */
export interface Series {
  /** Tells it from the other series of the same date; empty for the first. */
  suffix: string;
  date: string;
  /** RFC 5545; null for a single day. */
  rule: string | null;
}

const OTHER_MONTHS = "BYMONTH=1,3,4,5,6,7,8,9,10,11,12";
const END_OF_FEBRUARY = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1";
// Day 60 of a year is 29 February or, without one, 1 March.
const AFTER_FEBRUARY = "FREQ=YEARLY;BYYEARDAY=60";

/**
 * `recurrence` as RFC 5545 says it, so that an expansion gives the same days as `nextOccurrence`. There a day that a
 * month does not have is left out, so the end of a month is asked for by other means; only by those that every calendar
 * application knows.
 */
export function seriesOf(recurrence: Recurrence): Series[] {
  const { date, repeats, every, leapDay } = recurrence;
  const day = Number(date.slice(8));
  const whole = (rule: string | null): Series[] => [{ suffix: "", date, rule }];
  switch (repeats) {
    case "none":
      return whole(null);
    case "days":
      return whole(`FREQ=DAILY;INTERVAL=${every}`);
    case "weeks":
      return whole(`FREQ=WEEKLY;INTERVAL=${every}`);
    case "yearly":
      if (date.slice(5) !== "02-29") return whole("FREQ=YEARLY");
      return whole(leapDay === "mar_1" ? AFTER_FEBRUARY : END_OF_FEBRUARY);
    case "monthly":
      if (day === 31) return whole("FREQ=MONTHLY;BYMONTHDAY=-1");
      if (day <= 28) return whole(`FREQ=MONTHLY;BYMONTHDAY=${day}`);
      return [
        { suffix: "", date: firstIn(recurrence, false), rule: `FREQ=MONTHLY;${OTHER_MONTHS};BYMONTHDAY=${day}` },
        { suffix: "-february", date: firstIn(recurrence, true), rule: END_OF_FEBRUARY },
      ];
  }
}

/** Its first occurrence in a February, or in another month. */
function firstIn(recurrence: Recurrence, isFebruary: boolean): string {
  let date = recurrence.date;
  while ((date.slice(5, 7) === "02") !== isFebruary) date = nextOccurrence(recurrence, addDays(date, 1)) ?? date;
  return date;
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
    // What two people plan is nobody else's business, whoever the calendar is shared with.
    "CLASS:PRIVATE",
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
