import { localDate } from "../calendar.ts";
import type { Context } from "../context.ts";
import type { Member } from "../couple.ts";
import { claimDay, isUnclaimed } from "../inbox/claims.ts";
import { mayNotify } from "../inbox/may-notify.ts";
import { planMail, post } from "../inbox/notify.ts";
import { CHANNELS, preferencesOf, REMINDER_KINDS, remindsIn, type ReminderKind } from "../inbox/preferences.ts";
import type { JobDefinition } from "../jobs.ts";
import { localTime } from "../local-time.ts";
import { HOUR_MS } from "../../protocol/limits.ts";
import { NEEDS } from "./needs.ts";
import { ASKED_KINDS, isWanted, nextReminderAt, REMINDERS_DUE } from "./plan.ts";
import { findDueAt } from "./store.ts";

/** Asks again at the end of quiet hours; its key is the user id, the kind, and the day for which it was due. */
const REMINDER_DEFERRED = "reminders.deferred";
/** Whoever was asleep for days says nothing about them on waking. */
const LATE_AT_MOST_MS = 36 * HOUR_MS;

/** Asks for each kind whose hour has come today whether a word is still needed. @returns the member's next hour */
function remindMember(ctx: Context, userId: string): number | null {
  const member = readerOf(ctx, userId);
  if (member === null) return null;
  if (remindsIn(ctx.relationship.status) && isTimely(ctx, REMINDERS_DUE, userId)) {
    const { date, minute } = localTime(ctx.now, member.timezone);
    const { hours } = preferencesOf(member);
    for (const kind of ASKED_KINDS) {
      if (hours[kind] * 60 <= minute && isWanted(member, kind)) remind(ctx, member, kind, date);
    }
  }
  return nextReminderAt(member, ctx.now);
}

function remindLater(ctx: Context, key: string): null {
  const [userId = "", name = "", dueDate = ""] = key.split(" ");
  const kind = REMINDER_KINDS.find((each) => each === name);
  const member = readerOf(ctx, userId);
  if (
    kind !== undefined &&
    member !== null &&
    remindsIn(ctx.relationship.status) &&
    isTimely(ctx, REMINDER_DEFERRED, key)
  ) {
    remind(ctx, member, kind, dueDate);
  }
  return null;
}

/** Sends what is due of `kind` for the member's day `dueDate`, through each channel that they want it on. */
function remind(ctx: Context, member: Member, kind: ReminderKind, dueDate: string): void {
  const open = CHANNELS.flatMap((channel) => {
    const verdict = mayNotify(member, kind, channel, ctx.now);
    return verdict !== null && isUnclaimed(ctx, member, kind, channel, dueDate) ? [{ channel, at: verdict.at }] : [];
  });
  const [first] = open;
  if (first === undefined) return;
  if (first.at > ctx.now) {
    ctx.schedule(REMINDER_DEFERRED, `${member.userId} ${kind} ${dueDate}`, first.at);
    return;
  }
  const today = localDate(ctx.now, member.timezone);
  const need = NEEDS[kind]?.(ctx, { member, today, dueDate }) ?? null;
  if (need === null) return;
  const claimed = open.filter(({ channel }) => claimDay(ctx, member, { kind, channel, date: dueDate, at: ctx.now }));
  for (const { channel } of claimed) {
    if (channel === "email") planMail(ctx, member, kind, ctx.now, dueDate);
    else post(ctx, { userId: member.userId, type: "reminder", ...need.words }, ctx.now);
  }
  if (claimed.length > 0) need.told();
}

function readerOf(ctx: Context, userId: string): Member | null {
  if (ctx.relationship.status === "ended") return null;
  return ctx.members.find((member) => member.userId === userId) ?? null;
}

function isTimely(ctx: Context, kind: string, key: string): boolean {
  const dueAt = findDueAt(ctx.sql, kind, key);
  return dueAt !== null && ctx.now - dueAt <= LATE_AT_MOST_MS;
}

export const jobs: readonly JobDefinition[] = [
  { kind: REMINDERS_DUE, run: remindMember },
  { kind: REMINDER_DEFERRED, run: remindLater },
];
