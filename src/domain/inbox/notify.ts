import * as z from "zod";
import { newId } from "../../protocol/ids.ts";
import type { Context } from "../context.ts";
import type { Member } from "../couple.ts";
import { defineEvent } from "../events.ts";
import { instantOf, localTime, nextInstantOf } from "../local-time.ts";
import { claimDay } from "./claims.ts";
import { mayNotify } from "./may-notify.ts";
import { isReminderKind, preferencesOf, type NotificationKind, type ReminderKind } from "./preferences.ts";
import { notificationTypeSchema, type NotificationPriority, type NotificationType } from "./schema.ts";
import { findNextWaiting, insertNotification } from "./store.ts";

/** Every command that calls `notify` lists this event. */
export const notificationCreated = defineEvent(
  "notification.created",
  "Something new is in this member's inbox",
  z.strictObject({ type: notificationTypeSchema }),
  { counted: false },
);

/** The job that hands out what waited for the end of a member's quiet hours; its key is the user id. */
export const INBOX_DELIVER = "inbox.deliver";
/**
 * The task that mails; its key is the user id, the kind and the reader's day, so that a day has one mail of a kind, and
 * for what may be done before the mail goes also the day for which it was due.
 */
export const NOTIFICATION_MAIL = "mail.notification";

/** How far a reminder moves to find a day that has had none of its kind. */
const DAYS_AHEAD = 7;

export interface NewNotification {
  userId: string;
  type: NotificationType;
  /** What the reader's preferences know it by; without it, what `type` implies. */
  kind?: NotificationKind;
  title: string;
  /** Our own words: it may be mirrored to a mail or a lock screen, so nothing that a partner wrote. */
  message: string;
  /** A path inside the app. */
  actionUrl?: string;
  subjectId?: string;
  /** An `urgent` one protects a person or their account: no preference and no quiet hours hold it back. */
  priority?: NotificationPriority;
}

const KIND_OF_TYPE: Readonly<Record<NotificationType, NotificationKind | null>> = {
  reminder: null,
  achievement: "achievements",
  checkin: "partner_activity",
  anniversary: "milestones",
  goal_progress: "partner_activity",
  partner_activity: "partner_activity",
};

/**
 * Puts a notification into one member's inbox and tells that member's devices, and nobody else's: now, after the
 * member's quiet hours, or never, as the member chose. What the member wants by mail is planned, too.
 */
export function notify(ctx: Context, notification: NewNotification): void {
  const member = ctx.members.find(({ userId }) => userId === notification.userId);
  const kind = notification.kind ?? KIND_OF_TYPE[notification.type];
  if (member === undefined || kind === null || notification.priority === "urgent") {
    return post(ctx, notification, ctx.now);
  }
  const from = isReminderKind(kind) ? ownHour(ctx, member, kind) : ctx.now;
  const verdict = mayNotify(member, kind, "inbox", from);
  if (verdict !== null) post(ctx, notification, verdict.at);
  planMail(ctx, member, kind, from);
}

/** Puts a notification into the inbox for `at`, without asking whether it is wanted: whoever calls this has asked. */
export function post(ctx: Context, notification: NewNotification, at: number): void {
  const isNow = at <= ctx.now;
  const id = isNow ? ctx.newId("notification") : newId("notification", at);
  insertNotification(ctx.sql, {
    id,
    userId: notification.userId,
    type: notification.type,
    title: notification.title,
    message: notification.message,
    actionUrl: notification.actionUrl ?? null,
    subjectId: notification.subjectId ?? null,
    priority: notification.priority ?? "normal",
    scheduledFor: isNow ? null : at,
    createdAt: isNow ? ctx.now : at,
  });
  if (isNow) {
    ctx.emit(notificationCreated, { type: notification.type }, { subjectId: id, to: notification.userId });
  } else {
    ctx.schedule(INBOX_DELIVER, notification.userId, findNextWaiting(ctx.sql, notification.userId) ?? at);
  }
}

/**
 * Plans a mail that only says that there is something, if `member` switched mail on for `kind`.
 * @param dueDate of a reminder that is asked for again before the mail goes: the member's day for which it is due
 */
export function planMail(ctx: Context, member: Member, kind: NotificationKind, from: number, dueDate?: string): void {
  const verdict = mayNotify(member, kind, "email", from);
  if (verdict === null) return;
  const { date } = localTime(verdict.at, member.timezone);
  const key = [member.userId, kind, date, ...(dueDate === undefined ? [] : [dueDate])].join(" ");
  ctx.schedule(NOTIFICATION_MAIL, key, verdict.at);
}

/**
 * What comes at the start of a day is told at the hour at which the member wants to hear of such things, on the first
 * day that has had nothing of the kind.
 */
function ownHour(ctx: Context, member: Member, kind: ReminderKind): number {
  const minute = preferencesOf(member).hours[kind] * 60;
  const { date } = localTime(ctx.now, member.timezone);
  let from = Math.max(ctx.now, instantOf(date, minute, member.timezone));
  for (let days = 0; days < DAYS_AHEAD; days++) {
    const at = mayNotify(member, kind, "inbox", from)?.at ?? from;
    const day = localTime(from, member.timezone).date;
    if (claimDay(ctx, member, { kind, channel: "inbox", date: day, at })) break;
    from = nextInstantOf(from, minute, member.timezone);
  }
  return from;
}
