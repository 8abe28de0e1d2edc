import { addDays, localDate } from "../calendar.ts";
import type { Context } from "../context.ts";
import type { Member } from "../couple.ts";
import { insertClaim, listClaims } from "./claim-store.ts";
import type { Channel, ReminderKind } from "./preferences.ts";

/** Longer than quiet hours and a traveller's changes of zone can hold a reminder back. */
const LOOK_BACK_DAYS = 7;

/** Whether nothing of `kind` was sent to `member` for their day `date` yet. */
export function isUnclaimed(ctx: Context, member: Member, kind: ReminderKind, channel: Channel, date: string): boolean {
  return !listClaims(ctx.sql, member.userId, kind, channel, date).some((claim) => claim.date === date);
}

/**
 * Notes that a reminder of `kind` for the member's day `date` is sent at `at`, in the transaction that sends it. A day
 * has one of a kind and channel at most: neither a second one for the same day, nor two that arrive on one day because
 * quiet hours moved the first.
 * @returns false when the day has had its reminder
 */
export function claimDay(
  ctx: Context,
  member: Member,
  reminder: { kind: ReminderKind; channel: Channel; date: string; at: number },
): boolean {
  const { kind, channel, date, at } = reminder;
  const arrives = localDate(at, member.timezone);
  const earlier = listClaims(ctx.sql, member.userId, kind, channel, addDays(date, -LOOK_BACK_DAYS));
  if (earlier.some((claim) => claim.date === date || localDate(claim.sentAt, member.timezone) === arrives))
    return false;
  insertClaim(ctx.sql, member.userId, kind, channel, { date, sentAt: at });
  return true;
}
