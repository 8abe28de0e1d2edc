import { findProfile } from "../db/users.ts";
import { localDate } from "../domain/calendar.ts";
import { mayNotify } from "../domain/inbox/may-notify.ts";
import { NOTIFICATION_KINDS, remindsIn } from "../domain/inbox/preferences.ts";
import { isStillNeeded } from "../domain/reminders/needs.ts";
import { Scope } from "../domain/scope.ts";
import { config } from "../lib/config.ts";
import { deliverMailSoon } from "../mail/delivery.ts";
import { enqueueMail } from "../mail/outbox.ts";
import { notificationMail } from "../mail/templates.ts";
import type { TaskParts } from "./tasks.ts";

/**
 * Mails a member that there is something for them, and not what. The key names the member, the kind and the member's
 * day, and so does the mail's own key: however often this runs, a day has one mail of a kind.
 */
export async function mailTask({ couple, env }: TaskParts, key: string, now: number): Promise<number | null> {
  const [userId = "", name = "", day = "", dueDate] = key.split(" ");
  const member = couple.members.find((each) => each.userId === userId);
  const kind = NOTIFICATION_KINDS.find((each) => each === name);
  if (member === undefined || kind === undefined || !remindsIn(couple.relationship.status)) return null;
  // Asked again: the member may have changed their mind since, or the quiet hours may have begun.
  const verdict = mayNotify(member, kind, "email", now);
  if (verdict === null) return null;
  if (verdict.at > now) return verdict.at;
  const profile = await findProfile(env.DB, userId);
  if (profile === null || profile.email_verified !== 1) return null;
  // They may have done it since: a mail can wait for hours when something is out of order.
  if (dueDate !== undefined) {
    const moment = { member, today: localDate(now, member.timezone), dueDate, toldDate: day };
    if (!isStillNeeded(new Scope(couple, now), kind, moment)) return null;
  }
  const { APP_URL } = config(env);
  const statement = enqueueMail(
    env.DB,
    {
      idempotencyKey: `notification:${userId}:${kind}:${day}:email`,
      recipientUserId: userId,
      recipientEmail: profile.email,
      content: notificationMail({ name: profile.name, link: APP_URL }),
    },
    now,
  );
  await statement.run();
  deliverMailSoon(env, now);
  return null;
}
