import { addDays, dateOfDay, localDate } from "../calendar.ts";
import type { Context, MemberContext } from "../context.ts";
import type { Member } from "../couple.ts";
import type { Sql } from "../sql.ts";
import { firstDayOf, monthNumber } from "./months.ts";
import { findFirstDate, listCountedMonths, type MonthRow } from "./store.ts";
import { foldStreak, longestStreak, type MemberDays, type Streak } from "./streaks.ts";

/** Someone who flew west has entered a date that their zone has not reached again. */
const AHEAD_DAYS = 2;
/** A streak of thirty days, the longest that an achievement asks for, lies within the first page. */
const FIRST_PAGE_MONTHS = 3;
const PAGE_MONTHS_MAX = 48;

/** The counted months of all members, read from the newest backwards and only as far as somebody asks. */
class DayBook {
  readonly #sql: Sql;
  readonly #months = new Map<string, MonthRow>();
  #oldest: number;
  #pageMonths = FIRST_PAGE_MONTHS;

  constructor(sql: Sql, newestDate: string) {
    this.#sql = sql;
    this.#oldest = monthNumber(newestDate) + 1;
  }

  month(userId: string, month: number): MonthRow | undefined {
    while (month < this.#oldest) this.#readPage(month);
    return this.#months.get(`${userId} ${month}`);
  }

  #readPage(wanted: number): void {
    const from = Math.min(wanted, this.#oldest - this.#pageMonths);
    const toDate = dateOfDay(firstDayOf(this.#oldest) - 1);
    for (const row of listCountedMonths(this.#sql, dateOfDay(firstDayOf(from)), toDate)) {
      this.#months.set(`${row.userId} ${row.month}`, row);
    }
    this.#oldest = from;
    this.#pageMonths = Math.min(this.#pageMonths * 2, PAGE_MONTHS_MAX);
  }
}

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

/** Three streaks as one member may see them; `longest` only where it was asked for. */
export interface Streaks {
  mine: Streak & { longest?: number };
  partner: (Streak & { longest?: number }) | null;
  ours: Streak & { longest?: number };
}

/** My streak, my partner's and ours. Alone, ours is mine. */
export function readStreaks(ctx: MemberContext, withLongest = false): Streaks {
  const todays = new Map(ctx.members.map((member) => [member.userId, localDate(ctx.now, member.timezone)]));
  const until = addDays(latest([ctx.today, ...todays.values()]), AHEAD_DAYS);
  const book = new DayBook(ctx.sql, until);
  const days = (member: Member, view: View) => daysOf(book, member, todays.get(member.userId) ?? ctx.today, view);
  const first = withLongest ? findFirstDate(ctx.sql) : null;
  const read = (members: MemberDays[]) => {
    const streak = foldStreak(members, until);
    return withLongest ? { ...streak, longest: first === null ? 0 : longestStreak(members, first, until) } : streak;
  };
  const coupleView: View = ctx.solo ? "own" : "couple";
  return {
    mine: read([days(ctx.me, "own")]),
    partner: ctx.partner === null ? null : read([days(ctx.partner, "couple")]),
    ours: read(ctx.members.map((member) => days(member, coupleView))),
  };
}

/** The couple's streak, counted up to `atMost`. What was written alone counts only while alone. */
export function readCoupleStreak(ctx: Context, atMost: number): number {
  const todays = ctx.members.map((member) => localDate(ctx.now, member.timezone));
  if (todays.length === 0) return 0;
  return streakUntil(ctx, addDays(latest(todays), AHEAD_DAYS), todays, atMost);
}

/** The couple's streak as it stood on `date`, whatever came later. */
export function readCoupleStreakOn(ctx: Context, date: string): number {
  return streakUntil(
    ctx,
    date,
    ctx.members.map(() => date),
    Number.POSITIVE_INFINITY,
  );
}

function streakUntil(ctx: Context, until: string, todays: readonly string[], atMost: number): number {
  const book = new DayBook(ctx.sql, until);
  const view: View = ctx.solo ? "own" : "couple";
  const members = ctx.members.map((member, index) => daysOf(book, member, todays[index] ?? until, view));
  return foldStreak(members, until, [], atMost).current;
}
