import { env } from "cloudflare:workers";
import { runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Conversation } from "../../src/domain/conversations/schema.ts";
import type { Participation } from "../../src/domain/challenges/schema.ts";
import { DAY_MS, HOUR_MS } from "../../src/protocol/limits.ts";
import { createCouple, createSolo, join, NOON, type TestCouple, type TestMember } from "../support/couple.ts";
import { rowsOf } from "../support/object.ts";
import { inside } from "./reminders-steps.ts";

const CANARY = "Canary-Zitronenfalter";
const MORNING = NOON - 3 * HOUR_MS;
const EVENING = NOON + 7 * HOUR_MS;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: MORNING - HOUR_MS });
});

afterEach(() => {
  vi.useRealTimers();
});

const newCouple = () => createCouple({ createdAt: MORNING - HOUR_MS });

async function wakeAt(couple: TestCouple, time: number): Promise<void> {
  vi.setSystemTime(time);
  await runDurableObjectAlarm(env.RELATIONSHIP.getByName(couple.relationshipId));
}

/** Lives through the time until `end`, reminders only. */
const live = (couple: TestCouple, end: number, repeats = 0) =>
  inside(couple, MORNING - HOUR_MS, (clockwork) => clockwork.runUntil(end, { repeats }));

async function told(couple: TestCouple, { userId }: TestMember, title?: string): Promise<string[]> {
  const rows = await rowsOf<{ title: string; message: string }>(
    couple,
    "SELECT title, message FROM notifications WHERE user_id = ? AND notification_type = 'reminder' ORDER BY id",
    userId,
  );
  return rows.filter((row) => title === undefined || row.title === title).map((row) => row.message);
}

it("reminds whoever has not checked in at their own evening, by the object's alarm, and nobody else", async () => {
  const couple = await createCouple({ createdAt: MORNING - HOUR_MS, zones: ["UTC", "Europe/Berlin"] });
  await couple.a.run("checkins.submit", { date: "2026-06-15", mood: 7 });
  const berlinEvening = EVENING - 2 * HOUR_MS;
  await wakeAt(couple, MORNING);
  await wakeAt(couple, berlinEvening - 1);
  expect(await told(couple, couple.b)).toEqual([]);
  await wakeAt(couple, berlinEvening);
  await wakeAt(couple, EVENING);
  await wakeAt(couple, EVENING + 1);
  expect(await told(couple, couple.b)).toEqual(["You have not checked in today."]);
  expect(await told(couple, couple.a)).toEqual([]);
});

it("sends one although the job runs again and again before its row is moved", async () => {
  const couple = await newCouple();
  await live(couple, EVENING + 3 * DAY_MS, 3);
  expect(await told(couple, couple.a)).toHaveLength(4);
});

it("says nothing of days during which the object was asleep", async () => {
  const couple = await newCouple();
  await wakeAt(couple, EVENING + 5 * DAY_MS);
  expect(await told(couple, couple.a)).toEqual([]);
  await wakeAt(couple, EVENING + 6 * DAY_MS);
  expect(await told(couple, couple.a)).toHaveLength(1);
});

it.each([
  ["active", 4],
  ["paused", 2],
  ["frozen", 2],
])("is silent while the relationship is paused or frozen and makes up for nothing: %s", async (status, count) => {
  const couple = await newCouple();
  await inside(couple, MORNING, (clockwork) => {
    clockwork.runUntil(EVENING);
    clockwork.sql.run("UPDATE _meta SET status = ?", status);
    clockwork.runUntil(EVENING + 2 * DAY_MS);
    clockwork.sql.run("UPDATE _meta SET status = 'active'");
    clockwork.runUntil(EVENING + 3 * DAY_MS);
  });
  expect(await told(couple, couple.a, "Time to check in")).toHaveLength(count);
});

it("stops for good when the relationship has ended or the member is gone", async () => {
  const couple = await newCouple();
  await inside(couple, MORNING, (clockwork) => {
    clockwork.sql.run("UPDATE members SET left_at = 1 WHERE user_id = ?", couple.b.userId);
    clockwork.runUntil(EVENING);
    expect(clockwork.jobs()).toEqual([`reminders.due ${couple.a.userId}`]);
    clockwork.sql.run("UPDATE _meta SET status = 'ended'");
    clockwork.runUntil(EVENING + DAY_MS);
    expect(clockwork.jobs()).toEqual([]);
  });
});

it("reminds of a date when it comes near, once, and on the day itself unless it is being celebrated", async () => {
  const couple = await newCouple();
  const date = (day: string, name = "x") => ({ name, type: "custom", date: day, reminderDaysBefore: 3 });
  await couple.a.run("dates.add", date("2026-06-19"));
  await couple.a.run("dates.add", date("2026-06-22", CANARY));
  await live(couple, EVENING + 4 * DAY_MS);
  expect(await told(couple, couple.b, "A date of yours")).toEqual([
    "One of your dates is coming up.",
    // 19 June goes before 22 June, which comes near on that day, too.
    "Today is one of your dates.",
  ]);
  await inside(couple, EVENING + 4 * DAY_MS, (clockwork) => clockwork.runUntil(EVENING + 5 * DAY_MS));
  expect((await told(couple, couple.b, "A date of yours")).slice(2)).toEqual(["One of your dates is coming up."]);
  const celebration = { name: "Cake", type: "custom", completedDate: "2026-06-22" };
  await couple.b.run("activities.log", celebration, { now: Date.UTC(2026, 5, 22, 8) });
  await inside(couple, EVENING + 5 * DAY_MS, (clockwork) => clockwork.runUntil(EVENING + 9 * DAY_MS));
  expect(await told(couple, couple.b, "A date of yours")).toHaveLength(3);
});

it("reminds of goals three days before and on the day, and not of those that are reached or put off", async () => {
  const couple = await newCouple();
  const goal = (targetDate: string) => ({ name: CANARY, type: "custom", targetCount: 1, targetDate });
  await couple.a.run("goals.create", goal("2026-06-18"));
  const { id } = await couple.a.run<{ id: string }>("goals.create", goal("2026-06-17"));
  await couple.b.run("goals.add_progress", { id, delta: 1 });
  await live(couple, EVENING + 5 * DAY_MS);
  expect(await told(couple, couple.a, "Your goals")).toEqual([
    "One of your goals is due soon.",
    "One of your goals is due today.",
  ]);
});

it("reminds of a daily challenge until the day's part is done or its time is over", async () => {
  const couple = await newCouple();
  const input = { challengeId: "daily_gratitude_7" };
  const { id } = await couple.a.run<Participation>("challenges.start", input);
  await couple.a.run("challenges.log_entry", { participationId: id, date: "2026-06-15", completed: true });
  await couple.b.run("challenges.log_entry", { participationId: id, date: "2026-06-15", completed: false });
  await live(couple, EVENING + 20 * DAY_MS);
  // 15 to 22 June: the last day is the target date.
  expect(await told(couple, couple.a, "Your challenge")).toHaveLength(7);
  expect(await told(couple, couple.b, "Your challenge")).toHaveLength(8);
});

it("reminds of a follow-up exactly once, and once more only when its date is moved", async () => {
  const couple = await newCouple();
  const talk = { type: "deep_talk", topic: CANARY, outcome: "needs_follow_up", followUpDate: "2026-06-17" };
  const { id, version } = await couple.a.run<Conversation>("conversations.log", talk);
  await live(couple, EVENING + 10 * DAY_MS, 1);
  expect(await told(couple, couple.a, "A follow-up")).toHaveLength(1);
  expect(await told(couple, couple.b, "A follow-up")).toHaveLength(0);
  const later = { id, version, followUpDate: "2026-06-28" };
  await couple.a.run("conversations.update", later, { now: NOON + 10 * DAY_MS });
  await inside(couple, EVENING + 10 * DAY_MS, (clockwork) => clockwork.runUntil(EVENING + 20 * DAY_MS));
  expect(await told(couple, couple.a, "A follow-up")).toHaveLength(2);
});

it("says nothing of a follow-up that is done, and after a pause reminds once of one whose day lay in it", async () => {
  const couple = await newCouple();
  const talk = (followUpDate: string) => ({ type: "planning", outcome: "needs_follow_up", followUpDate });
  const done = await couple.a.run<Conversation>("conversations.log", talk("2026-06-16"));
  await couple.b.run("conversations.log", talk("2026-06-17"));
  await couple.a.run("conversations.follow_up_done", { id: done.id });
  await inside(couple, MORNING - HOUR_MS, (clockwork) => {
    clockwork.sql.run("UPDATE _meta SET status = 'paused'");
    clockwork.runUntil(EVENING + 5 * DAY_MS);
    clockwork.sql.run("UPDATE _meta SET status = 'active'");
    clockwork.runUntil(EVENING + 9 * DAY_MS);
  });
  expect(await told(couple, couple.a, "A follow-up")).toHaveLength(0);
  expect(await told(couple, couple.b, "A follow-up")).toHaveLength(1);
});

it("reminds of the daily question who has not answered it, while anybody has a use for the questions", async () => {
  const couple = await newCouple();
  await couple.a.run("questions.answer", { date: "2026-06-15", text: CANARY });
  await live(couple, EVENING + 20 * DAY_MS);
  expect(await told(couple, couple.b, "The daily question")).toHaveLength(15);
  expect(await told(couple, couple.a, "The daily question")).toHaveLength(14);
});

it("keeps to oneself what was written alone, and repeats no word that a person wrote", async () => {
  const solo = await createSolo({ createdAt: MORNING - HOUR_MS });
  await solo.a.run("dates.add", { name: CANARY, type: "custom", date: "2026-06-16", reminderDaysBefore: 1 });
  await solo.a.run("goals.create", { name: CANARY, type: "custom", targetCount: 1, targetDate: "2026-06-16" });
  await solo.a.run("challenges.start", { challengeId: "daily_gratitude_7" });
  const couple = await join(solo, "UTC", MORNING - HOUR_MS);
  await live(couple, EVENING + DAY_MS);
  expect((await told(couple, couple.a)).length).toBeGreaterThan(5);
  expect(new Set(await told(couple, couple.b))).toEqual(new Set(["You have not checked in today."]));
  const everything = await rowsOf(couple, "SELECT * FROM notifications");
  expect(JSON.stringify(everything)).not.toContain(CANARY);
});

it("reminds once on the days on which the clock leaves out or repeats the member's hour", async () => {
  const couple = await createCouple({ createdAt: Date.UTC(2026, 0, 1) });
  await inside(couple, 0, (clockwork) => {
    for (const [date, from] of [
      ["2026-03-08", Date.UTC(2026, 2, 8)],
      ["2026-11-01", Date.UTC(2026, 10, 1)],
    ] as const) {
      clockwork.reset(couple.a.userId);
      clockwork.now = from - 5 * 60_000;
      // The hour after two is left out in March, the hour after one comes twice in November.
      const hour = date === "2026-03-08" ? 2 : 1;
      clockwork.change(couple.a.userId, { timezone: "America/New_York", preferences: { hours: { checkin: hour } } });
      clockwork.runUntil(from + DAY_MS);
      const times = clockwork.reminders(couple.a.userId).map(({ at }) => new Date(at).toISOString());
      expect(times.filter((time) => time.startsWith(`${date}T0`))).toEqual([
        date === "2026-03-08" ? "2026-03-08T07:00:00.000Z" : "2026-11-01T05:00:00.000Z",
      ]);
    }
  });
});

it("plans nothing with a command", async () => {
  const couple = await newCouple();
  const jobs = () => rowsOf(couple, "SELECT kind, key, due_at FROM schedule WHERE kind = 'reminders.due' ORDER BY key");
  const before = await jobs();
  expect(before).toHaveLength(2);
  await couple.a.run("goals.create", { name: "x", type: "custom", targetCount: 1, targetDate: "2026-06-16" });
  await couple.a.run("dates.add", { name: "x", type: "custom", date: "2026-06-16" });
  expect(await jobs()).toEqual(before);
});
