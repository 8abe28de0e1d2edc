import type { Pause } from "../../src/domain/checkins/streaks.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export interface OracleMember {
  today: string;
  zone: string;
  counted: ReadonlySet<string>;
}

export interface OracleStreak {
  current: number;
  atRisk: boolean;
  lastDate: string | null;
  gracesLeft: number;
  longest: number;
}

export function next(date: string, days = 1): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);
}

/** Every date that the clocks of `zone` showed from `from` to `to`, found by looking at them every six hours. */
export function shownDates(zone: string, from: string, to: string): Set<string> {
  const format = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });
  const shown = new Set<string>();
  const end = Date.parse(`${to}T00:00:00Z`) + 2 * DAY;
  for (let at = Date.parse(`${from}T00:00:00Z`) - DAY; at <= end; at += 6 * HOUR) shown.add(format.format(at));
  return shown;
}

type Day = "counted" | "bridged" | "at risk" | "not yet" | "skipped" | "lost";

/**
 * Domain rule 2 word by word: from the first date on, one date after the other, with a purse of two graces for each
 * month. It remembers whether a streak is running and whether the day before was bridged, which the real fold does not.
 */
function foldMember(
  member: OracleMember,
  from: string,
  until: string,
  pauses: readonly Pause[],
  shown: ReadonlySet<string>,
): Map<string, Day> {
  const days = new Map<string, Day>();
  const graces = new Map<string, number>();
  let running = false;
  let bridgedBefore = false;
  for (let date = from; date <= until; date = next(date)) {
    const month = date.slice(0, 7);
    const paused = pauses.some((pause) => date >= pause.from && (pause.to === null || date <= pause.to));
    if (member.counted.has(date)) {
      days.set(date, "counted");
      running = true;
      bridgedBefore = false;
    } else if (paused || !shown.has(date)) {
      days.set(date, "skipped");
    } else if (date > member.today) {
      days.set(date, "not yet");
    } else if (next(date, 2) >= member.today) {
      days.set(date, "at risk");
    } else if (running && !bridgedBefore && (graces.get(month) ?? 2) > 0) {
      graces.set(month, (graces.get(month) ?? 2) - 1);
      days.set(date, "bridged");
      bridgedBefore = true;
    } else {
      days.set(date, "lost");
      running = false;
      bridgedBefore = false;
    }
  }
  return days;
}

/** The streak of all `members` together, from a fold over every date since `from`, on which nothing had been entered. */
export function oracleStreak(
  members: readonly OracleMember[],
  from: string,
  until: string,
  pauses: readonly Pause[],
  shownIn: (zone: string) => ReadonlySet<string>,
): OracleStreak {
  const folds = members.map((member) => foldMember(member, from, until, pauses, shownIn(member.zone)));
  let current = 0;
  let longest = 0;
  let atRisk = false;
  let lastDate: string | null = null;
  for (let date = from; date <= until; date = next(date)) {
    const days = folds.map((fold) => fold.get(date));
    if (days.includes("lost")) {
      current = 0;
      atRisk = false;
      lastDate = null;
    } else if (days.every((day) => day === "counted")) {
      current++;
      lastDate = date;
    } else if (days.includes("at risk") && current > 0) {
      atRisk = true;
    }
    longest = Math.max(longest, current);
  }
  const left = members.map((member, index) => {
    const month = member.today.slice(0, 7);
    const used = [...(folds[index] ?? [])].filter(([date, day]) => date.startsWith(month) && day === "bridged");
    return 2 - used.length;
  });
  return { current, longest, lastDate, atRisk, gracesLeft: Math.min(...left) };
}
