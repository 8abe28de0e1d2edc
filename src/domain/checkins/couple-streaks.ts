import { addDays, localDate } from "../calendar.ts";
import type { Context, MemberContext } from "../context.ts";
import type { Member } from "../couple.ts";
import { DayBook } from "./day-book.ts";
import { findFirstDate } from "./store.ts";
import { bridgedDates, firstRunOf, foldStreak, longestStreak, type MemberDays, type Streak } from "./streaks.ts";

/** Someone who flew west has entered a date that their zone has not reached again. */
const AHEAD_DAYS = 2;

/** Whose eyes: the author's own see what was written alone, the couple's do not. */
type View = "own" | "couple";

function daysOf(book: DayBook, member: Member, today: string, view: View): MemberDays {
  return {
    today,
    zone: member.timezone,
    countedIn(month) {
      const row = book.month(member.userId, month);
      if (row === undefined) return 0;
      return view === "own" ? row.shared | row.private : row.shared;
    },
  };
}

function latest(dates: readonly string[]): string {
  return dates.reduce((newest, date) => (date > newest ? date : newest));
}

/** A streak as a member sees it. */
export interface StreakView extends Streak {
  /** Missing dates of the running month that were forgiven, each by a grace. */
  bridged: string[];
  /** Only where it was asked for. */
  longest?: number;
}

export interface Streaks {
  mine: StreakView;
  partner: StreakView | null;
  ours: StreakView;
}

/** Whose streak is asked for: the asking member's, the partner's, or the couple's. */
export type StreakOf = "mine" | "partner" | "ours";

/** What one streak is folded from. */
export interface StreakBasis {
  /** The day to begin at. */
  until: string;
  members: { userId: string; days: MemberDays }[];
}

/**
 * What each of the three streaks is folded from, over one reading of the rows. Of somebody who is alone, ours is mine.
 */
export function streakBases(ctx: MemberContext): Record<StreakOf, StreakBasis | null> {
  const todays = new Map(ctx.members.map((member) => [member.userId, localDate(ctx.now, member.timezone)]));
  const until = addDays(latest([ctx.today, ...todays.values()]), AHEAD_DAYS);
  const book = new DayBook(ctx, until);
  const basis = (members: readonly Member[], view: View): StreakBasis => ({
    until,
    members: members.map((member) => {
      const days = daysOf(book, member, todays.get(member.userId) ?? ctx.today, view);
      return { userId: member.userId, days };
    }),
  });
  return {
    mine: basis([ctx.me], "own"),
    partner: ctx.partner === null ? null : basis([ctx.partner], "couple"),
    ours: basis(ctx.members, ctx.solo ? "own" : "couple"),
  };
}

/** My streak, my partner's and ours. */
export function readStreaks(ctx: MemberContext, withLongest = false): Streaks {
  const bases = streakBases(ctx);
  const first = withLongest ? findFirstDate(ctx.sql) : null;
  const read = (basis: StreakBasis | null): StreakView | null => {
    if (basis === null) return null;
    const members = basis.members.map(({ days }) => days);
    const streak = {
      ...foldStreak(members, basis.until, ctx.pauses),
      bridged: bridgedDates(members, ctx.pauses),
    };
    if (!withLongest) return streak;
    const longest = first === null ? 0 : longestStreak(members, first, basis.until, ctx.pauses);
    return { ...streak, longest };
  };
  const [mine, ours] = [read(bases.mine), read(bases.ours)];
  if (mine === null || ours === null) throw new Error("A member has a streak, be it of no day");
  return { mine, partner: read(bases.partner), ours };
}

/** What the couple's streak is folded from, seen by nobody in particular. What was written alone counts only while alone. */
export function coupleBasis(ctx: Context): StreakBasis {
  const todays = ctx.members.map((member) => localDate(ctx.now, member.timezone));
  return basisUntil(ctx, addDays(latest(todays), AHEAD_DAYS), todays);
}

/** The couple's streak, counted up to `atMost`. */
export function readCoupleStreak(ctx: Context, atMost: number): number {
  if (ctx.members.length === 0) return 0;
  return streakOf(ctx, coupleBasis(ctx), atMost);
}

/** The longest streak that the couple ever had. It reads every month there is. */
export function readLongestCoupleStreak(ctx: Context): number {
  const first = findFirstDate(ctx.sql);
  if (first === null || ctx.members.length === 0) return 0;
  const { members, until } = coupleBasis(ctx);
  return longestStreak(
    members.map(({ days }) => days),
    first,
    until,
    ctx.pauses,
  );
}

/** What the couple's streak follows from when `date` is everybody's today. */
function coupleBasisOn(ctx: Context, date: string): StreakBasis {
  const todays = ctx.members.map(() => date);
  return basisUntil(ctx, date, todays);
}

/**
 * What the first run of `days` days followed from that the couple had had at `at` (epoch milliseconds); where there is
 * none any more, what the streak followed from that ran then.
 */
export function coupleRunBasis(ctx: Context, days: number, at: number): StreakBasis {
  const todays = ctx.members.map((member) => localDate(at, member.timezone));
  const basis = basisUntil(ctx, addDays(latest(todays), AHEAD_DAYS), todays);
  const first = findFirstDate(ctx.sql);
  if (first === null) return basis;
  const members = basis.members.map((member) => member.days);
  const run = firstRunOf(days, members, [first, basis.until], ctx.pauses);
  return run === null || run[1] > basis.until ? basis : { ...basis, until: run[1] };
}

/** The couple's streak as it stood on `date`. */
export function readCoupleStreakOn(ctx: Context, date: string): number {
  return streakOf(ctx, coupleBasisOn(ctx, date), Number.POSITIVE_INFINITY);
}

function basisUntil(ctx: Context, until: string, todays: readonly string[]): StreakBasis {
  const book = new DayBook(ctx, until);
  const view: View = ctx.solo ? "own" : "couple";
  return {
    until,
    members: ctx.members.map((member, index) => {
      return { userId: member.userId, days: daysOf(book, member, todays[index] ?? until, view) };
    }),
  };
}

function streakOf(ctx: Context, { members, until }: StreakBasis, atMost: number): number {
  return foldStreak(
    members.map(({ days }) => days),
    until,
    ctx.pauses,
    atMost,
  ).current;
}
