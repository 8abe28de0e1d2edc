import { addDays, daysBetween, localDate } from "../calendar.ts";
import { requireChallenge } from "../challenges/progress.ts";
import { listEntriesOn } from "../challenges/entry-store.ts";
import { listActiveParticipations } from "../challenges/store.ts";
import type { Context } from "../context.ts";
import type { Member } from "../couple.ts";
import { nextOccurrence } from "../dates/recurrence.ts";
import { DATES_MAX } from "../dates/rules.ts";
import { listDates, listDoneDays } from "../dates/store.ts";
import { insertClaim, listClaims } from "../inbox/claim-store.ts";
import { isReminderKind, type NotificationKind, type ReminderKind } from "../inbox/preferences.ts";
import { isQuestionOpen } from "../questions/day.ts";
import { answersQuestions, hasCheckin, listDueGoals, listFollowUps, markFollowUpsTold, type DueRow } from "./store.ts";

/** What a reminder says: our words only, fit for a lock screen, and nothing that anybody wrote. */
export interface ReminderWords {
  title: string;
  message: string;
  actionUrl: string;
  subjectId?: string;
}

export interface Moment {
  member: Member;
  /** The member's day now, `YYYY-MM-DD`. */
  today: string;
  /** The member's day for which this was due: the day before when quiet hours moved it over midnight. */
  dueDate: string;
  /** For a mail that is about to go: the member's day on which it was planned. What was noted as told then still counts. */
  toldDate?: string;
}

/** What is still to be told, and what to note once it is; null when nothing is needed any more. */
export type Need = (ctx: Context, moment: Moment) => { words: ReminderWords; told(): void } | null;

const GOAL_DAYS_BEFORE = 3;
/** A follow-up whose day fell into a pause is still reminded of, once, when this long has not passed. */
const FOLLOW_UP_BACK_DAYS = 30;
const QUESTION_HABIT_DAYS = 14;
const CHALLENGES_AT_MOST = 100;

const nothingToNote = (): void => undefined;

const checkin: Need = (ctx, { member, today, dueDate }) => {
  if (hasCheckin(ctx.sql, member.userId, dueDate)) return null;
  const message = dueDate === today ? "You have not checked in today." : "Yesterday's check-in is still open.";
  return { words: { title: "Time to check in", message, actionUrl: `/checkins/${dueDate}` }, told: nothingToNote };
};

const challenges: Need = (ctx, { member, today, dueDate }) => {
  const daily = listActiveParticipations(ctx.sql, member.userId, CHALLENGES_AT_MOST).filter(
    (row) =>
      requireChallenge(row.challengeId).cadence === "daily" && row.startDate <= dueDate && dueDate <= row.targetDate,
  );
  if (daily.length === 0) return null;
  const ids = daily.map((row) => row.id);
  const done = new Set(
    listEntriesOn(ctx.sql, ids, dueDate, member.userId)
      .filter((entry) => entry.userId === member.userId && entry.completed === 1)
      .map((entry) => entry.participationId),
  );
  const open = ids.filter((id) => !done.has(id));
  if (open.length === 0) return null;
  const day = dueDate === today ? "Today's" : "Yesterday's";
  const message =
    open.length === 1 ? `${day} part of a challenge is open.` : `${day} parts of your challenges are open.`;
  return { words: { title: "Your challenge", message, ...place("/challenges", open) }, told: nothingToNote };
};

const dates: Need = (ctx, moment) => {
  const { member, today } = moment;
  const coming = listDates(ctx.sql, member.userId, null, DATES_MAX).flatMap((row) => {
    const date = nextOccurrence(row, today);
    const isNear = date !== null && daysBetween(today, date) <= row.reminderDaysBefore;
    return isNear || date === today ? [{ id: row.id, date }] : [];
  });
  const isCelebrated = coming.some(({ date }) => date === today)
    ? listDoneDays(ctx.sql, member.userId, [today]).length > 0
    : false;
  return ofDueRows(ctx, moment, coming, {
    kind: "dates",
    place: "/dates",
    title: "A date of yours",
    today: isCelebrated ? null : ["Today is one of your dates.", "Today brings more than one of your dates."],
    soon: ["One of your dates is coming up.", "Some of your dates are coming up."],
  });
};

const goals: Need = (ctx, moment) => {
  const { member, today } = moment;
  const rows = listDueGoals(ctx.sql, member.userId, today, addDays(today, GOAL_DAYS_BEFORE));
  return ofDueRows(ctx, moment, rows, {
    kind: "goals",
    place: "/goals",
    title: "Your goals",
    today: ["One of your goals is due today.", "Some of your goals are due today."],
    soon: ["One of your goals is due soon.", "Some of your goals are due soon."],
  });
};

const followUps: Need = (ctx, { member, today, toldDate }) => {
  const isTold = toldDate !== undefined;
  const from = addDays(today, -FOLLOW_UP_BACK_DAYS);
  const rows = listFollowUps(ctx.sql, member.userId, { from, to: today, isTold }).filter(
    (row) => !isTold || findTellDate(ctx, member, "follow_ups", row) === toldDate,
  );
  if (rows.length === 0) return null;
  const ids = rows.map((row) => row.id);
  const message =
    rows.length === 1 ? "A conversation waits to be continued." : "Some conversations wait to be continued.";
  return {
    words: { title: "A follow-up", message, ...place("/conversations", ids) },
    told() {
      markFollowUpsTold(ctx.sql, ids);
      noteTold(ctx, member, "follow_ups", rows);
    },
  };
};

const question: Need = (ctx, { member, today, dueDate }) => {
  // A day's question is over with its day.
  if (dueDate !== today) return null;
  if (!isQuestionOpen(ctx, member)) return null;
  // Whoever has no use for the questions is not reminded of them.
  if (!answersQuestions(ctx.sql, member.userId, addDays(today, -QUESTION_HABIT_DAYS))) return null;
  const message = "Today's question waits for your answer.";
  return { words: { title: "The daily question", message, actionUrl: "/questions" }, told: nothingToNote };
};

interface DueTexts {
  kind: ReminderKind;
  place: string;
  title: string;
  /** For one and for several; null when the day needs no word any more. */
  today: readonly [string, string] | null;
  soon: readonly [string, string];
}

/** Of things with a day: once when that day comes near, and once on the day itself. */
function ofDueRows(
  ctx: Context,
  { member, today, toldDate }: Moment,
  rows: readonly DueRow[],
  texts: DueTexts,
): ReturnType<Need> {
  const isOver = texts.today === null || (toldDate !== undefined && toldDate !== today);
  const due = isOver ? [] : rows.filter((row) => row.date === today);
  const soon = rows
    .filter((row) => row.date > today)
    .filter((row) => findTellDate(ctx, member, texts.kind, row) === (toldDate ?? null));
  const [one, several] = (due.length > 0 ? texts.today : null) ?? texts.soon;
  const named = due.length > 0 ? due : soon;
  if (named.length === 0) return null;
  return {
    words: {
      title: texts.title,
      message: named.length === 1 ? one : several,
      ...place(
        texts.place,
        named.map((row) => row.id),
      ),
    },
    told() {
      // What comes near is told of on a day without a word of its own.
      if (due.length > 0) return;
      noteTold(ctx, member, texts.kind, soon);
    },
  };
}

/** The member's day on which they were told of `row`, that is of its present date; null when they were not yet. */
function findTellDate(ctx: Context, member: Member, kind: ReminderKind, { id, date }: DueRow): string | null {
  const claims = listClaims(ctx.sql, member.userId, `${kind}:${id}`, "inbox", date);
  const claim = claims.find((each) => each.date === date);
  return claim === undefined ? null : localDate(claim.sentAt, member.timezone);
}

function noteTold(ctx: Context, member: Member, kind: ReminderKind, rows: readonly DueRow[]): void {
  for (const { id, date } of rows) {
    insertClaim(ctx.sql, member.userId, `${kind}:${id}`, "inbox", { date, sentAt: ctx.now });
  }
}

/** Where a reminder leads: to the one thing that it is about, or to all of its kind. */
function place(path: string, ids: readonly string[]): Pick<ReminderWords, "actionUrl" | "subjectId"> {
  const [id] = ids;
  return id === undefined || ids.length > 1 ? { actionUrl: path } : { actionUrl: `${path}/${id}`, subjectId: id };
}

/** Kind -> what is asked of the rows at the moment of sending. */
export const NEEDS: Partial<Record<ReminderKind, Need>> = {
  checkin,
  challenges,
  dates,
  goals,
  follow_ups: followUps,
  question,
};

/** Whether what was to be told of `kind` is still open now that its mail is about to go. */
export function isStillNeeded(ctx: Context, kind: NotificationKind, moment: Required<Moment>): boolean {
  const need = isReminderKind(kind) ? NEEDS[kind] : undefined;
  return need === undefined || need(ctx, moment) !== null;
}
