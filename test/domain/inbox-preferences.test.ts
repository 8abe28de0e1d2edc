import { env } from "cloudflare:workers";
import { runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { mayNotify } from "../../src/domain/inbox/may-notify.ts";
import { notify } from "../../src/domain/inbox/notify.ts";
import type { Notification } from "../../src/domain/inbox/schema.ts";
import type { Page } from "../../src/domain/paging.ts";
import { DAY_MS, HOUR_MS } from "../../src/protocol/limits.ts";
import { recoveryTell } from "../../src/domain/recovery/services.ts";
import { callService } from "../../src/relationship/stub.ts";
import { newId } from "../../src/protocol/ids.ts";
import { createCouple, NOON, type TestCouple, type TestMember } from "../support/couple.ts";
import { eventsOf, rowsOf } from "../support/object.ts";
import { inside } from "./reminders-steps.ts";
import { connect } from "../support/socket-client.ts";

const NIGHT = Date.UTC(2026, 5, 15, 23);
const MORNING = Date.UTC(2026, 5, 16, 7);
const QUIET = { quietHours: { from: "22:00", to: "07:00" } };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOON });
});

afterEach(() => {
  vi.useRealTimers();
});

const newCouple = () => createCouple({ createdAt: NOON - HOUR_MS });
const prefer = (member: TestMember, change: object) => member.run("inbox.update_preferences", change);
const act = (member: TestMember, now: number) =>
  member.run("activities.plan", { name: "Walk", type: "custom" }, { now });
const inbox = async (member: TestMember, now: number) =>
  (await member.run<Page<Notification>>("inbox.list", {}, { now })).items;

async function wakeAt(couple: TestCouple, time: number): Promise<void> {
  vi.setSystemTime(time);
  await runDurableObjectAlarm(env.RELATIONSHIP.getByName(couple.relationshipId));
}

async function mails(userId: string): Promise<{ kind: string; subject: string; text: string; key: string }[]> {
  const { results } = await env.DB.prepare(
    `SELECT kind, subject, text, idempotency_key AS "key" FROM mail_outbox WHERE recipient_user_id = ? ORDER BY id`,
  )
    .bind(userId)
    .all<{ kind: string; subject: string; text: string; key: string }>();
  return results;
}

it("changes what is named and keeps the rest, for this member alone, and tells their devices", async () => {
  const couple = await newCouple();
  const before = await couple.a.run("inbox.get_preferences");
  expect(before).toMatchObject({ hours: { checkin: 19, dates: 9 }, quietHours: null, timezone: "UTC" });
  await prefer(couple.a, { channels: { goals: { email: true } }, hours: { checkin: 8 } });
  await prefer(couple.a, { ...QUIET, channels: { goals: { inbox: false } } });
  expect(await couple.a.run("inbox.get_preferences")).toEqual({
    ...before,
    channels: { ...(before["channels"] as object), goals: { inbox: false, email: true } },
    hours: { ...(before["hours"] as object), checkin: 8 },
    ...QUIET,
  });
  expect(await prefer(couple.a, { quietHours: null })).toMatchObject({ quietHours: null, hours: { checkin: 8 } });
  expect(await couple.b.run("inbox.get_preferences")).toEqual(before);
  const events = await eventsOf(couple, "preferences.updated");
  expect(events.map(({ stream }) => stream)).toEqual(Array(3).fill(couple.a.userId));
});

it.each([
  [{ channels: { gaols: { inbox: true } } }, "channels.gaols"],
  [{ channels: { goals: { push: true } } }, "channels.goals.push"],
  [{ channels: { goals: { inbox: "yes" } } }, "channels.goals.inbox"],
  [{ hours: { checkin: 24 } }, "hours.checkin"],
  [{ hours: { partner_activity: 3 } }, "hours.partner_activity"],
  [{ quietHours: { from: "22:00", to: "24:00" } }, "quietHours.to"],
  [{ quietHours: { from: "22:00", to: "22:00" } }, "quietHours.to"],
  [{ quietHours: { from: "22:00" } }, "quietHours.to"],
  [{ volume: 11 }, "volume"],
])("names what is wrong in %j and changes nothing", async (input, path) => {
  const { a } = await newCouple();
  const error = await a.refused("inbox.update_preferences", input);
  expect(error.code).toBe("invalid_input");
  expect(error.details?.issues?.map((issue) => issue.path)).toContain(path);
  expect(await a.run("inbox.get_preferences")).toMatchObject({ quietHours: null, hours: { checkin: 19 } });
});

it("does not tell what its reader switched off, and goes on telling the other", async () => {
  const couple = await newCouple();
  await prefer(couple.b, { channels: { partner_activity: { inbox: false } } });
  await act(couple.a, NOON);
  await act(couple.b, NOON);
  expect(await inbox(couple.b, NOON)).toEqual([]);
  expect(await inbox(couple.a, NOON)).toHaveLength(1);
  expect(await eventsOf(couple, "notification.created")).toHaveLength(1);
});

it("keeps what comes in quiet hours until they are over, unseen and uncounted, and then hands it out", async () => {
  const couple = await newCouple();
  await prefer(couple.b, QUIET);
  await act(couple.a, NIGHT);
  await act(couple.a, NIGHT + 1);
  expect(await inbox(couple.b, NIGHT + 2)).toEqual([]);
  expect(await couple.b.run("inbox.unread_count")).toEqual({ unread: 0 });
  expect(await couple.b.run("inbox.mark_all_read", {}, { now: NIGHT + 3 })).toEqual({ marked: 0, unread: 0 });
  expect(await eventsOf(couple, "notification.created")).toEqual([]);
  await wakeAt(couple, MORNING - 1);
  expect(await inbox(couple.b, MORNING - 1)).toEqual([]);
  const { socket } = await connect(couple.relationshipId, couple.b.userId);
  await wakeAt(couple, MORNING);
  await socket.next("events", (frame) => frame.events.some((event) => event.name === "notification.created"));
  const shown = await inbox(couple.b, MORNING);
  expect(shown.map(({ createdAt, type }) => [createdAt, type])).toEqual([
    [MORNING, "partner_activity"],
    [MORNING, "partner_activity"],
  ]);
  await wakeAt(couple, MORNING + 1);
  expect(await eventsOf(couple, "notification.created")).toHaveLength(2);
});

it("forgets a reminder that waited for the morning when the two have parted meanwhile, and hands out the rest", async () => {
  const couple = await newCouple();
  await prefer(couple.b, QUIET);
  await act(couple.a, NIGHT);
  await inside(couple, NIGHT, (clockwork) => {
    notify(clockwork.scope(), { userId: couple.b.userId, type: "anniversary", title: "x", message: "y" });
    clockwork.sql.run("UPDATE _meta SET status = 'frozen'");
    clockwork.runUntil(NIGHT + DAY_MS);
  });
  const rows = await rowsOf(
    couple,
    "SELECT notification_type AS type FROM notifications WHERE user_id = ?",
    couple.b.userId,
  );
  expect(rows).toEqual([{ type: "partner_activity" }]);
});

it("holds back nothing that protects an account, neither by preference nor by quiet hours", async () => {
  const couple = await newCouple();
  const off = { inbox: false };
  await prefer(couple.a, { ...QUIET, channels: { checkin: off, partner_activity: off, achievements: off } });
  const input = {
    recoveryId: newId("recovery", NIGHT),
    ownerId: couple.a.userId,
    step: "waiting_for_partner" as const,
  };
  await callService(env, couple.relationshipId, recoveryTell, input, NIGHT);
  expect(await inbox(couple.a, NIGHT)).toMatchObject([{ priority: "urgent" }]);
  await inside(couple, NIGHT, (clockwork) => {
    const notice = { type: "partner_activity", title: "x", message: "y", priority: "urgent" } as const;
    notify(clockwork.scope(), { userId: couple.a.userId, ...notice });
  });
  expect(await inbox(couple.a, NIGHT)).toHaveLength(2);
});

it.each([
  // Night over midnight, in winter and in summer.
  ["2026-01-10T23:30:00Z", "Europe/Berlin", "22:00", "07:00", "2026-01-11T06:00:00Z"],
  ["2026-07-10T20:00:00Z", "Europe/Berlin", "22:00", "07:00", "2026-07-11T05:00:00Z"],
  ["2026-07-10T05:00:00Z", "Europe/Berlin", "22:00", "07:00", "2026-07-10T05:00:00Z"],
  // Within a day.
  ["2026-07-10T12:30:00Z", "UTC", "12:00", "14:00", "2026-07-10T14:00:00Z"],
  ["2026-07-10T11:59:00Z", "UTC", "12:00", "14:00", "2026-07-10T11:59:00Z"],
  // The end that the clock leaves out is the moment of the change.
  ["2026-03-08T06:00:00Z", "America/New_York", "22:00", "02:30", "2026-03-08T07:00:00Z"],
  // An hour that comes twice: in its second turn the end is near, not a day away.
  ["2026-11-01T06:15:00Z", "America/New_York", "23:00", "01:30", "2026-11-01T06:30:00Z"],
  // Half an hour of summer time: 02:00 is 01:30 again.
  ["2026-04-04T15:00:00Z", "Australia/Lord_Howe", "22:00", "01:45", "2026-04-04T15:15:00Z"],
])("at %s in %s with quiet hours from %s to %s tells at %s", (now, timezone, from, to, at) => {
  const reader = { timezone, preferences: JSON.stringify({ quietHours: { from, to } }) };
  expect(mayNotify(reader, "dates", "inbox", Date.parse(now))).toEqual({ at: Date.parse(at) });
  expect(mayNotify(reader, "dates", "email", Date.parse(now))).toBeNull();
});

it("mails only who asked for it, that there is something and not what, once for each kind and day", async () => {
  const couple = await newCouple();
  await prefer(couple.a, { channels: { checkin: { email: true }, partner_activity: { inbox: false, email: true } } });
  await act(couple.b, NOON);
  await act(couple.b, NOON + 1);
  for (const time of [NOON + 2, NOON + 7 * HOUR_MS, NOON + 7 * HOUR_MS + 5]) await wakeAt(couple, time);
  await act(couple.b, NOON + 8 * HOUR_MS);
  // As after a crash between the mail and the schedule.
  const key = `${couple.a.userId} checkin 2026-06-15`;
  await rowsOf(couple, "INSERT INTO schedule (kind, key, due_at) VALUES ('mail.notification', ?, ?)", key, NOON);
  await wakeAt(couple, NOON + 9 * HOUR_MS);
  const sent = await mails(couple.a.userId);
  expect(sent.map((mail) => mail.key)).toEqual([
    `notification:${couple.a.userId}:partner_activity:2026-06-15:email`,
    `notification:${couple.a.userId}:checkin:2026-06-15:email`,
  ]);
  for (const { subject, text } of sent) {
    expect(subject).toBe("You have a reminder");
    expect(text).not.toMatch(/check|partner|Grace|activit/i);
  }
  expect(await mails(couple.b.userId)).toEqual([]);
});

it("mails nothing when the member changed their mind, paused or had nothing left to do before it was sent", async () => {
  const couple = await newCouple();
  await prefer(couple.a, { ...QUIET, hours: { checkin: 22 }, channels: { checkin: { email: true } } });
  await prefer(couple.b, { ...QUIET, channels: { partner_activity: { email: true } } });
  await wakeAt(couple, NIGHT - HOUR_MS);
  await act(couple.a, NIGHT);
  await couple.a.run("checkins.submit", { date: "2026-06-15", mood: 5 }, { now: NIGHT });
  await prefer(couple.b, { channels: { partner_activity: { email: false } } });
  await wakeAt(couple, MORNING);
  await wakeAt(couple, MORNING + 2);
  expect([...(await mails(couple.a.userId)), ...(await mails(couple.b.userId))]).toEqual([]);
  expect(await rowsOf(couple, "SELECT key FROM schedule WHERE kind = 'mail.notification'")).toEqual([]);
  expect((await inbox(couple.a, MORNING)).filter(({ type }) => type === "reminder")).toEqual([]);
});

it("asks before a mail goes that had to wait whether it is still needed, of every kind, and mails it when it is", async () => {
  const couple = await newCouple();
  const { a, b } = couple;
  const kinds = ["checkin", "goals", "follow_ups", "dates", "challenges"] as const;
  const wanted = {
    channels: Object.fromEntries(kinds.map((kind) => [kind, { email: true }])),
    hours: Object.fromEntries(kinds.map((kind) => [kind, 19])),
  };
  const talk = { type: "planning", outcome: "needs_follow_up", followUpDate: "2026-06-15" };
  const goal = { name: "x", type: "custom", targetCount: 1, targetDate: "2026-06-17", private: true };
  const made: { goal: string; talk: string; date: string; challenge: string }[] = [];
  for (const member of [a, b]) {
    await prefer(member, wanted);
    const date = { name: "x", type: "custom", date: "2026-06-17", reminderDaysBefore: 3, private: true };
    const names = ["goals.create", "conversations.log", "dates.add", "challenges.start"];
    const inputs = [goal, talk, date, { challengeId: "daily_gratitude_7", private: true }];
    const rows = await Promise.all(names.map((name, index) => member.run<{ id: string }>(name, inputs[index])));
    const [one, two, three, four] = rows.map(({ id }) => id);
    made.push({ goal: one ?? "", talk: two ?? "", date: three ?? "", challenge: four ?? "" });
  }
  const database = Object.getPrototypeOf(env.DB) as typeof env.DB;
  const away = vi.spyOn(database, "prepare").mockImplementation(() => {
    throw new Error("D1_ERROR: away");
  });
  await wakeAt(couple, NOON + 7 * HOUR_MS);
  away.mockRestore();
  expect(await rowsOf(couple, "SELECT 1 FROM schedule WHERE kind = 'mail.notification'")).toHaveLength(10);
  const [mine] = made;
  const late = { now: NOON + 8 * HOUR_MS };
  await a.run("checkins.submit", { date: "2026-06-15", mood: 5 }, late);
  await a.run("goals.add_progress", { id: mine?.goal, delta: 1 }, late);
  await a.run("conversations.follow_up_done", { id: mine?.talk }, late);
  await a.run("dates.remove", { id: mine?.date }, late);
  await a.run("challenges.log_entry", { participationId: mine?.challenge, date: "2026-06-15", completed: true }, late);
  await wakeAt(couple, NOON + 9 * HOUR_MS);
  expect(await mails(a.userId)).toEqual([]);
  const keys = kinds.map((kind) => `notification:${b.userId}:${kind}:2026-06-15:email`);
  expect((await mails(b.userId)).map(({ key }) => key).toSorted()).toEqual(keys.toSorted());
});

it("has one reminder of a kind a day although another job reminds of the same kind", async () => {
  const couple = await newCouple();
  await couple.a.run("challenges.start", { challengeId: "daily_gratitude_7" });
  await couple.a.run("challenges.start", { challengeId: "quality_time_30" });
  for (let time = NOON; time < NOON + 10 * DAY_MS; time += 12 * HOUR_MS) {
    await wakeAt(couple, time);
    await wakeAt(couple, time + 7 * HOUR_MS);
  }
  const rows = await rowsOf<{ day: string }>(
    couple,
    `SELECT date(created_at / 1000, 'unixepoch') AS day FROM notifications
     WHERE user_id = ? AND title IN ('Your challenge', 'A challenge is still open')`,
    couple.a.userId,
  );
  expect(new Set(rows.map(({ day }) => day)).size).toBe(rows.length);
  expect(rows.length).toBeGreaterThan(7);
});

it("puts away what its reader has seen enough of, on all devices, and tells it no second time", async () => {
  const couple = await newCouple();
  await act(couple.a, NOON);
  await act(couple.a, NOON + 1);
  const [newest, other] = await inbox(couple.b, NOON + 2);
  const foreign = await couple.a.refused("inbox.archive", { ids: [newest?.id] });
  expect(foreign).toMatchObject({ code: "not_found" });
  expect(await couple.b.run("inbox.archive", { ids: [newest?.id, newest?.id] })).toEqual({ archived: 1, unread: 1 });
  expect(await couple.b.run("inbox.archive", { ids: [newest?.id] })).toEqual({ archived: 0, unread: 1 });
  expect((await inbox(couple.b, NOON + 3)).map(({ id }) => id)).toEqual([other?.id]);
  expect(await couple.b.run("inbox.unread_by_type")).toEqual({ types: [{ type: "partner_activity", unread: 1 }] });
  expect((await couple.b.run<Page<Notification>>("inbox.list", { type: "achievement" })).items).toEqual([]);
  expect(await eventsOf(couple, "notification.archived")).toMatchObject([{ stream: couple.b.userId }]);
});
