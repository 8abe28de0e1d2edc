import { dateOfDay, dayNumber } from "../calendar.ts";
import { firstDayOf, monthOfDay, skippedDays } from "./months.ts";
import { ENTRY_WINDOW_DAYS } from "./rules.ts";

/** Grows whenever the same dates would give another number. */
export const STREAK_RULE_VERSION = 1;
/** Missing days that are forgiven by themselves, for each member and calendar month. */
export const GRACES_PER_MONTH = 2;

/** One member's history as the fold sees it. */
export interface MemberDays {
  /** The member's own calendar day. */
  today: string;
  zone: string;
  /** The counted days of a month (12 × year + 0 to 11) as bits; bit 0 is the first of the month. */
  countedIn(month: number): number;
}

/** Days on which the relationship was paused, both ends included. */
export interface Pause {
  from: string;
  /** Null while it lasts. */
  to: string | null;
}

export interface Streak {
  /** Days on which every member checked in, up to now. */
  current: number;
  /** Whether a day since its first one is missing that can still be entered: else a grace or the streak goes. */
  atRisk: boolean;
  /** The newest day that counts in it, or null when there is none. */
  lastDate: string | null;
  /** Missing days that the running month still forgives; of two members, the lesser number. */
  gracesLeft: number;
}

type Status = "counted" | "bridged" | "open" | "ahead" | "skipped" | "broken";

interface Span {
  first: number;
  /** One for each day of the month, at least. */
  statuses: readonly Status[];
}

/** A month without a gap, as most are in a long streak: judged without looking at its days. */
const COUNTED_MONTH: readonly Status[] = Array.from({ length: 31 }, () => "counted");

/**
 * Folds the members' dates into one streak; of one member it is that person's own, of two the couple's. Domain rule 2:
 * a day counts when everyone checked in for it. A missing day is open while its member can still enter it; afterwards
 * it takes one of that member's graces of its month, unless the day before was itself bridged, else the streak ends.
 * Paused days and days that a zone's calendar left out are passed over.
 *
 * A missing day is bridged exactly when the day before it counted and the month has a grace left: had the day before been
 * bridged or lost, there would be nothing to bridge. So a month can be judged without the years before it, and the walk
 * from `until` backwards stops where the streak ends.
 * @param until the day to begin at; days after it are not looked at
 * @param atMost stop counting here
 */
export function foldStreak(
  members: readonly MemberDays[],
  until: string,
  pauses: readonly Pause[] = [],
  atMost: number = Number.POSITIVE_INFINITY,
): Streak {
  const judges = members.map((member) => new Judge(member, pauses));
  const streak: Streak = { current: 0, atRisk: false, lastDate: null, gracesLeft: GRACES_PER_MONTH };
  if (judges.length === 0) return streak;
  for (const judge of judges) streak.gracesLeft = Math.min(streak.gracesLeft, judge.gracesLeft());

  let open = false;
  let day = dayNumber(until);
  for (let month = monthOfDay(day); streak.current < atMost; month--) {
    const spans = judges.map((judge) => judge.judge(month));
    const first = firstDayOf(month);
    if (spans.every(({ statuses }) => statuses === COUNTED_MONTH) && streak.current + day - first < atMost) {
      streak.current += day - first + 1;
      streak.lastDate ??= dateOfDay(day);
      streak.atRisk = open;
      day = first - 1;
    }
    for (; day >= first && streak.current < atMost; day--) {
      const step = stepOf(spans, day - first);
      if (step === "broken") return streak;
      if (step === "counted") {
        streak.current++;
        streak.lastDate ??= dateOfDay(day);
        // A missing day before the first one of the streak can lengthen it, and cannot end it.
        streak.atRisk = open;
      } else if (step === "open") {
        open = true;
      }
    }
  }
  return streak;
}

/**
 * The longest streak that the members ever had. It reads every month from `from` on, so it is for pages that ask for it.
 */
export function longestStreak(
  members: readonly MemberDays[],
  from: string,
  until: string,
  pauses: readonly Pause[] = [],
): number {
  const judges = members.map((member) => new Judge(member, pauses));
  const last = dayNumber(until);
  let longest = 0;
  let run = 0;
  let day = dayNumber(from);
  for (let month = monthOfDay(day); day <= last && judges.length > 0; month++) {
    const spans = judges.map((judge) => judge.judge(month));
    const first = firstDayOf(month);
    for (const end = firstDayOf(month + 1); day < end && day <= last; day++) {
      const step = stepOf(spans, day - first);
      if (step === "broken") run = 0;
      else if (step === "counted") run++;
      longest = Math.max(longest, run);
    }
  }
  return longest;
}

/**
 * The first and the last date of the first `days` days that counted in one streak within `span`, both ends included;
 * null when there was no such streak.
 */
export function firstRunOf(
  days: number,
  members: readonly MemberDays[],
  [from, until]: readonly [string, string],
  pauses: readonly Pause[] = [],
): [string, string] | null {
  const judges = members.map((member) => new Judge(member, pauses));
  let run: number[] = [];
  for (let month = monthOfDay(dayNumber(from)); firstDayOf(month) <= dayNumber(until); month++) {
    const spans = judges.map((judge) => judge.judge(month));
    const first = firstDayOf(month);
    for (let day = first; day < firstDayOf(month + 1); day++) {
      const step = stepOf(spans, day - first);
      if (step === "broken") run = [];
      else if (step === "counted") run.push(day);
      if (run.length === days) return [dateOfDay(run[0] ?? day), dateOfDay(day)];
    }
  }
  return null;
}

/** Missing dates of each member's running month that a grace forgave, in order; of two members, those of both. */
export function bridgedDates(members: readonly MemberDays[], pauses: readonly Pause[] = []): string[] {
  const dates = members.flatMap((member) => new Judge(member, pauses).bridgedDates());
  return [...new Set(dates)].toSorted();
}

/** What one day means for all members together. */
function stepOf(spans: readonly Span[], index: number): "counted" | "open" | "kept" | "broken" {
  let counted = true;
  let open = false;
  for (const { statuses } of spans) {
    const status = statuses[index];
    if (status === "broken") return "broken";
    if (status === "open") open = true;
    if (status !== "counted") counted = false;
  }
  if (counted) return "counted";
  return open ? "open" : "kept";
}

/** Judges one member's days, a month at a time. */
class Judge {
  readonly #member: MemberDays;
  readonly #pauses: readonly (readonly [number, number])[];
  readonly #today: number;

  constructor(member: MemberDays, pauses: readonly Pause[]) {
    this.#member = member;
    this.#today = dayNumber(member.today);
    this.#pauses = pauses.map(({ from, to }) => [dayNumber(from), to === null ? Infinity : dayNumber(to)] as const);
  }

  judge(month: number): Span {
    const first = firstDayOf(month);
    const length = firstDayOf(month + 1) - first;
    const days = this.#member.countedIn(month);
    if (days === 2 ** length - 1) return { first, statuses: COUNTED_MONTH };
    const skipped = this.#skippedIn(month, first, length);
    const statuses: Status[] = [];
    let graces = GRACES_PER_MONTH;
    // Null until it matters: whether the last day that was neither paused nor left out counted.
    let beforeCounted: boolean | null = null;
    for (let index = 0; index < length; index++) {
      const day = first + index;
      if (days & (1 << index)) statuses.push("counted");
      else if (skipped & (1 << index)) statuses.push("skipped");
      else if (day > this.#today) statuses.push("ahead");
      else if (day >= this.#today - ENTRY_WINDOW_DAYS) statuses.push("open");
      else {
        beforeCounted ??= this.#countedBefore(first);
        statuses.push(beforeCounted && graces > 0 ? "bridged" : "broken");
        if (statuses[index] === "bridged") graces--;
      }
      if (statuses[index] !== "skipped") beforeCounted = statuses[index] === "counted";
    }
    return { first, statuses };
  }

  gracesLeft(): number {
    return GRACES_PER_MONTH - this.bridgedDates().length;
  }

  /** Dates of the running month that took a grace. */
  bridgedDates(): string[] {
    const { first, statuses } = this.judge(monthOfDay(this.#today));
    return statuses.flatMap((status, index) => (status === "bridged" ? [dateOfDay(first + index)] : []));
  }

  /** Whether the newest day before `day` that was neither paused nor left out counted. */
  #countedBefore(day: number): boolean {
    for (let before = day - 1; ; before--) {
      const month = monthOfDay(before);
      const bit = 1 << (before - firstDayOf(month));
      if (this.#member.countedIn(month) & bit) return true;
      if (!this.#isPaused(before) && !(skippedDays(month, this.#member.zone) & bit)) return false;
    }
  }

  #skippedIn(month: number, first: number, length: number): number {
    let skipped = skippedDays(month, this.#member.zone);
    for (const [from, to] of this.#pauses) {
      for (let day = Math.max(from, first); day <= Math.min(to, first + length - 1); day++)
        skipped |= 1 << (day - first);
    }
    return skipped;
  }

  #isPaused(day: number): boolean {
    return this.#pauses.some(([from, to]) => day >= from && day <= to);
  }
}
