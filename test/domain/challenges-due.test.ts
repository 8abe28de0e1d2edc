import { env } from "cloudflare:workers";
import { runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { endOfDay } from "../../src/domain/calendar.ts";
import type { Participation } from "../../src/domain/challenges/schema.ts";
import { createCouple, createSolo, join, NOON, type TestCouple } from "../support/couple.ts";
import { rowsOf } from "../support/object.ts";

const HOME = "America/New_York";
// daily_gratitude_7, started on 2026-06-15.
const DUE = endOfDay("2026-06-22", HOME);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOON });
});

afterEach(() => {
  vi.useRealTimers();
});

async function begin(couple: TestCouple): Promise<string> {
  const input = { challengeId: "daily_gratitude_7" };
  return (await couple.a.run<Participation>("challenges.start", input)).id;
}

async function wakeAt(couple: TestCouple, time: number): Promise<void> {
  vi.setSystemTime(time);
  await runDurableObjectAlarm(env.RELATIONSHIP.getByName(couple.relationshipId));
}

async function reminded(couple: TestCouple): Promise<string[]> {
  const rows = await rowsOf<{ user_id: string }>(
    couple,
    "SELECT user_id FROM notifications WHERE notification_type = 'reminder' ORDER BY user_id",
  );
  return rows.map((row) => row.user_id);
}

const dueTimes = async (couple: TestCouple) => {
  const rows = await rowsOf<{ due_at: number }>(couple, "SELECT due_at FROM schedule WHERE kind = 'challenge.due'");
  return rows.map((row) => row.due_at);
};

const newCouple = () => createCouple({ createdAt: NOON, homeTimezone: HOME });

it("reminds both members once when the target date ends at home", async () => {
  const couple = await newCouple();
  await begin(couple);
  expect(await dueTimes(couple)).toEqual([DUE]);
  await wakeAt(couple, DUE - 1);
  expect(await reminded(couple)).toEqual([]);
  await wakeAt(couple, DUE);
  const both = [couple.a.userId, couple.b.userId].toSorted();
  expect(await reminded(couple)).toEqual(both);
  expect(await dueTimes(couple)).toEqual([]);
  await wakeAt(couple, DUE + 60_000);
  expect(await reminded(couple)).toEqual(both);
});

it("reminds once even when the job runs twice for one due time", async () => {
  const couple = await newCouple();
  const id = await begin(couple);
  await wakeAt(couple, DUE);
  await rowsOf(couple, "INSERT INTO schedule (kind, key, due_at) VALUES ('challenge.due', ?, ?)", id, DUE);
  await wakeAt(couple, DUE + 1_000);
  expect(await reminded(couple)).toHaveLength(2);
  expect(await dueTimes(couple)).toEqual([]);
});

it.each(["challenges.pause", "challenges.abandon"])("reminds nobody after %s", async (name) => {
  const couple = await newCouple();
  const participationId = await begin(couple);
  await couple.b.run(name, { participationId });
  expect(await dueTimes(couple)).toEqual([]);
  await rowsOf(couple, "INSERT INTO schedule (kind, key, due_at) VALUES ('challenge.due', ?, ?)", participationId, DUE);
  await wakeAt(couple, DUE);
  expect(await reminded(couple)).toEqual([]);
});

it("still takes entries after the target date", async () => {
  const couple = await newCouple();
  const participationId = await begin(couple);
  await wakeAt(couple, DUE);
  const entry = { participationId, date: "2026-06-25", completed: true };
  const logged = await couple.a.run("challenges.log_entry", entry, { now: Date.UTC(2026, 5, 25, 12) });
  expect(logged).toMatchObject({ progress: { couple: 7 }, participation: { status: "active" } });
});

it("moves the reminder with the target when a challenge goes on", async () => {
  const couple = await newCouple();
  const participationId = await begin(couple);
  await couple.a.run("challenges.pause", { participationId });
  await couple.a.run("challenges.resume", { participationId }, { now: Date.UTC(2026, 5, 20, 12) });
  expect(await dueTimes(couple)).toEqual([endOfDay("2026-06-27", HOME)]);
});

it("waits for the new day's end when the home zone moved west meanwhile", async () => {
  const couple = await newCouple();
  await begin(couple);
  await couple.a.run("membership.update_profile", { version: 1, homeTimezone: "Pacific/Honolulu" });
  await wakeAt(couple, DUE);
  expect(await reminded(couple)).toEqual([]);
  expect(await dueTimes(couple)).toEqual([endOfDay("2026-06-22", "Pacific/Honolulu")]);
});

it("reminds only its author of a challenge that was begun alone", async () => {
  const solo = await createSolo({ createdAt: NOON, homeTimezone: HOME });
  await begin(solo);
  const couple = await join(solo, "UTC", NOON);
  await wakeAt(couple, DUE);
  expect(await reminded(couple)).toEqual([couple.a.userId]);
});
