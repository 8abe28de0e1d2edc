import * as z from "zod";
import type { Member } from "../couple.ts";
import type { RelationshipStatus } from "../membership/rules.ts";

/** What the object reminds of by itself, at the member's own hour. */
export const REMINDER_KINDS = [
  "checkin",
  "dates",
  "goals",
  "challenges",
  "follow_ups",
  "question",
  "milestones",
] as const;
export type ReminderKind = (typeof REMINDER_KINDS)[number];

/** What a member may have switched off, channel by channel. */
export const NOTIFICATION_KINDS = [...REMINDER_KINDS, "partner_activity", "achievements"] as const;
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];

export const CHANNELS = ["inbox", "email"] as const;
export type Channel = (typeof CHANNELS)[number];

const hour = z.int().min(0).max(23).describe("Hour of the member's own day, 0 to 23");
const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "Expected a time from 00:00 to 23:59");

export const quietHoursSchema = z
  .strictObject({ from: clock, to: clock })
  .refine(({ from, to }) => from !== to, { message: "Must not end when they begin", path: ["to"] })
  .describe("In the member's own zone; they may cross midnight");
export type QuietHours = z.infer<typeof quietHoursSchema>;

function each<Key extends string, Value extends z.ZodType>(keys: readonly Key[], value: Value) {
  return z.strictObject(Object.fromEntries(keys.map((key) => [key, value])) as Record<Key, Value>);
}

/** A change names what it changes; the rest stays. */
export const changeSchema = z.strictObject({
  channels: each(NOTIFICATION_KINDS, each(CHANNELS, z.boolean().optional()).optional()).optional(),
  hours: each(REMINDER_KINDS, hour.optional()).optional(),
  quietHours: quietHoursSchema.nullable().optional(),
});
export type PreferencesChange = z.output<typeof changeSchema>;

export const preferencesSchema = z.strictObject({
  channels: each(NOTIFICATION_KINDS, each(CHANNELS, z.boolean())),
  hours: each(REMINDER_KINDS, hour),
  quietHours: quietHoursSchema.nullable(),
});
export type Preferences = z.output<typeof preferencesSchema>;

const MORNING = 9;
const EVENING = 19;
const INBOX_ONLY = { inbox: true, email: false };

/** What holds until a member says otherwise: everything into the inbox, nothing by mail, no quiet hours. */
export const DEFAULT_PREFERENCES: Preferences = {
  channels: {
    checkin: INBOX_ONLY,
    dates: INBOX_ONLY,
    goals: INBOX_ONLY,
    challenges: INBOX_ONLY,
    follow_ups: INBOX_ONLY,
    question: INBOX_ONLY,
    milestones: INBOX_ONLY,
    partner_activity: INBOX_ONLY,
    achievements: INBOX_ONLY,
  },
  hours: {
    checkin: EVENING,
    dates: MORNING,
    goals: MORNING,
    challenges: EVENING,
    follow_ups: MORNING,
    question: EVENING,
    milestones: MORNING,
  },
  quietHours: null,
};

type Merged<T> = { [Key in keyof T]: T[Key] };

/** `base` with what `change` names. */
export function merged(base: Preferences, change: PreferencesChange): Preferences {
  const channels: Merged<Preferences["channels"]> = { ...base.channels };
  for (const kind of NOTIFICATION_KINDS) {
    const { inbox, email } = change.channels?.[kind] ?? {};
    const before = base.channels[kind];
    channels[kind] = { inbox: inbox ?? before.inbox, email: email ?? before.email };
  }
  const hours: Merged<Preferences["hours"]> = { ...base.hours };
  for (const kind of REMINDER_KINDS) hours[kind] = change.hours?.[kind] ?? base.hours[kind];
  return { channels, hours, quietHours: change.quietHours === undefined ? base.quietHours : change.quietHours };
}

// A member's row is read once per life of the object, and so is what they chose.
const known = new WeakMap<object, Preferences>();

/** What `member` chose, with the defaults where nothing was chosen. */
export function preferencesOf(member: Pick<Member, "preferences">): Preferences {
  let preferences = known.get(member);
  if (preferences === undefined) {
    const stored = changeSchema.safeParse(JSON.parse(member.preferences));
    preferences = merged(DEFAULT_PREFERENCES, stored.success ? stored.data : {});
    known.set(member, preferences);
  }
  return preferences;
}

export function isReminderKind(kind: NotificationKind): kind is ReminderKind {
  return (REMINDER_KINDS as readonly string[]).includes(kind);
}

/** In a pause and after a parting the hours pass in silence; whatever lies in them is not made up for. */
export function remindsIn(status: RelationshipStatus): boolean {
  return status === "active" || status === "solo";
}
