import { preferencesOf, CHANNELS, REMINDER_KINDS, type ReminderKind } from "../inbox/preferences.ts";
import type { Context } from "../context.ts";
import type { Member } from "../couple.ts";
import { nextInstantOf } from "../local-time.ts";

/** The job that asks what a member is to be reminded of; its key is the user id. One a member, whatever they have. */
export const REMINDERS_DUE = "reminders.due";

/** What the job asks about. Milestones are told by their own job, at the same hour. */
export const ASKED_KINDS = REMINDER_KINDS.filter((kind) => kind !== "milestones");

type Reader = Pick<Member, "preferences" | "timezone">;

/** Whether `member` wants to hear of `kind` through any channel. */
export function isWanted(member: Reader, kind: ReminderKind): boolean {
  const channels = preferencesOf(member).channels[kind];
  return CHANNELS.some((channel) => channels[channel]);
}

/** The next hour (epoch milliseconds) after `now` at which `member` wants to be reminded of anything, or null. */
export function nextReminderAt(member: Reader, now: number): number | null {
  const { hours } = preferencesOf(member);
  const wanted = new Set(ASKED_KINDS.filter((kind) => isWanted(member, kind)).map((kind) => hours[kind]));
  if (wanted.size === 0) return null;
  return Math.min(...[...wanted].map((hour) => nextInstantOf(now, hour * 60, member.timezone)));
}

/** For a member who is new here: the first reminder comes at their next hour. Commands plan nothing. */
export function planReminders(ctx: Context, member: Reader & Pick<Member, "userId">): void {
  const at = nextReminderAt(member, ctx.now);
  if (at !== null) ctx.schedule(REMINDERS_DUE, member.userId, at);
}

/** After a change of zone or preferences the job looks at once: an hour that the change skipped is made up for. */
export function replanReminders(ctx: Context, userId: string): void {
  ctx.schedule(REMINDERS_DUE, userId, ctx.now);
}
