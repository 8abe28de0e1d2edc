import { env } from "cloudflare:workers";
import { runDurableObjectAlarm } from "cloudflare:test";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { addDays, dayNumber, daysBetween } from "../../src/domain/calendar.ts";
import { nextMilestones, pastMilestones } from "../../src/domain/dates/milestones.ts";
import type { Profile } from "../../src/domain/membership/schema.ts";
import { createCouple, NOON, type TestCouple } from "../support/couple.ts";
import { eventsOf, rowsOf } from "../support/object.ts";

const HOME = "Pacific/Auckland";
// 00:00 of 2026-06-16 in Auckland, twelve hours ahead.
const MIDNIGHT = Date.UTC(2026, 5, 15, 12);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOON - 3_600_000 });
});

afterEach(() => {
  vi.useRealTimers();
});

async function wakeAt(couple: TestCouple, time: number): Promise<void> {
  vi.setSystemTime(time);
  await runDurableObjectAlarm(env.RELATIONSHIP.getByName(couple.relationshipId));
}

const newCouple = () => createCouple({ createdAt: Date.now(), homeTimezone: HOME });
const profile = async (couple: TestCouple, change: object) => {
  const { relationship } = await couple.a.run<Profile>("membership.get", {}, { now: Date.now() });
  const edit = { version: relationship.version, ...change };
  return couple.a.run("membership.update_profile", edit, { now: Date.now() });
};
const start = (couple: TestCouple, startDate: string | null) => profile(couple, { startDate });
const told = async (couple: TestCouple) =>
  (await eventsOf(couple, "milestone.reached")).map(
    (event) => JSON.parse(event.data) as { days: number; date: string },
  );
const due = (couple: TestCouple) => rowsOf(couple, "SELECT due_at FROM schedule WHERE kind = 'milestones.due'");

/** Slow and obvious: whether `date` is a milestone, asked day after day. */
function isMilestone(startDate: string, date: string): boolean {
  const days = daysBetween(startDate, date);
  if (days <= 0) return false;
  const byCount = [100, 200, 365, 500, 730, 1_000, 1_095].includes(days) || (days > 1_095 && days % 500 === 0);
  const lastOfFebruary =
    startDate.slice(5) === "02-29" && date.slice(5) === "02-28" && addDays(date, 1).slice(8) === "01";
  return byCount || date.slice(5) === startDate.slice(5) || lastOfFebruary;
}

it("finds the milestones that trying day after day finds", () => {
  const dates = fc.integer({ min: dayNumber("1950-01-01"), max: dayNumber("2026-06-15") });
  const starts = fc.oneof(
    fc.constantFrom("2024-02-29", "2000-02-29"),
    dates.map((day) => addDays("1970-01-01", day)),
  );
  fc.assert(
    fc.property(starts, fc.integer({ min: -400, max: 9_000 }), (startDate, offset) => {
      const from = addDays(startDate, offset);
      const ahead = Array.from({ length: 1_500 }, (_, days) => addDays(from, days));
      const next = ahead.filter((date) => isMilestone(startDate, date)).slice(0, 4);
      expect(nextMilestones(startDate, from, 4).map(({ date }) => date)).toEqual(next);
      const back = Array.from({ length: 1_500 }, (_, days) => addDays(from, -1 - days));
      const past = back.filter((date) => isMilestone(startDate, date)).slice(0, 3);
      expect(
        pastMilestones(startDate, from, 3)
          .map(({ date }) => date)
          .slice(0, past.length),
      ).toEqual(past);
    }),
    { numRuns: 30 },
  );
});

it("makes one milestone of 365 days and one year on the same date, and two where a leap day lies between", () => {
  expect(nextMilestones("2025-01-10", "2025-12-01", 1)).toEqual([{ date: "2026-01-10", days: 365, years: 1 }]);
  expect(nextMilestones("2024-01-10", "2024-12-01", 2)).toEqual([
    { date: "2025-01-09", days: 365, years: null },
    { date: "2025-01-10", days: 366, years: 1 },
  ]);
});

it("tells a milestone once, at the start of its day at home, to both", async () => {
  const couple = await newCouple();
  await start(couple, addDays("2026-06-16", -500));
  expect(await due(couple)).toEqual([{ due_at: MIDNIGHT }]);
  await wakeAt(couple, MIDNIGHT - 1);
  expect(await told(couple)).toEqual([]);
  await wakeAt(couple, MIDNIGHT);
  await wakeAt(couple, MIDNIGHT + 60_000);
  expect(await told(couple)).toEqual([{ date: "2026-06-16", days: 500, years: null }]);
  const inbox = await rowsOf(couple, "SELECT user_id, title FROM notifications ORDER BY user_id");
  const users = [couple.a.userId, couple.b.userId].toSorted();
  expect(inbox).toEqual(users.map((user_id) => ({ user_id, title: "500 days together" })));
});

it("tells today's milestone at once when the start date is set, and no date twice whatever the start date becomes", async () => {
  const couple = await newCouple();
  await start(couple, addDays("2026-06-15", -100));
  await wakeAt(couple, Date.now() + 1_000);
  expect((await told(couple)).map(({ days }) => days)).toEqual([100]);
  for (const days of [200, 365]) {
    await start(couple, addDays("2026-06-15", -days));
    await wakeAt(couple, Date.now() + 1_000);
  }
  expect((await told(couple)).map(({ days }) => days)).toEqual([100]);
  await start(couple, null);
  expect(await due(couple)).toEqual([]);
});

it("remembers without a word what was slept through for more than a day", async () => {
  const couple = await newCouple();
  await start(couple, addDays("2026-06-16", -100));
  await wakeAt(couple, MIDNIGHT + 90_000_000);
  expect(await told(couple)).toEqual([]);
  expect(await rowsOf(couple, "SELECT milestone_date FROM milestones_reached")).toEqual([
    { milestone_date: "2026-06-16" },
  ]);
  // 200 days lie a hundred further on.
  const [next] = await rowsOf<{ due_at: number }>(couple, "SELECT due_at FROM schedule WHERE kind = 'milestones.due'");
  expect(new Date(Number(next?.due_at)).toISOString().slice(0, 10)).toBe("2026-09-23");
});

it("is silent in a pause and makes nothing up for it afterwards", async () => {
  const couple = await newCouple();
  await start(couple, addDays("2026-06-16", -100));
  await couple.a.run("membership.pause", {}, { now: Date.now() });
  await wakeAt(couple, MIDNIGHT);
  await wakeAt(couple, MIDNIGHT + 90_000_000);
  await couple.b.run("membership.resume", {}, { now: Date.now() });
  await wakeAt(couple, Date.now() + 60_000);
  expect(await told(couple)).toEqual([]);
  expect(await due(couple)).toHaveLength(1);
});

it("follows the home time zone", async () => {
  const couple = await newCouple();
  await start(couple, addDays("2026-06-16", -100));
  await profile(couple, { homeTimezone: "Europe/Lisbon" });
  expect(await due(couple)).toEqual([{ due_at: Date.UTC(2026, 5, 15, 23) }]);
});

it("lists what comes and what was, and counts them among the next days", async () => {
  const couple = await newCouple();
  await start(couple, addDays("2026-06-15", -400));
  const listed = await couple.b.run("dates.milestones", { next: 1, past: 2 }, { now: Date.now() });
  expect(listed).toMatchObject({
    today: "2026-06-15",
    daysTogether: 400,
    next: [{ date: "2026-09-23", days: 500 }],
    past: [{ date: "2026-05-11", days: 365, years: 1 }, { days: 200 }],
  });
  await couple.a.run("dates.add", { name: "Party", type: "custom", date: "2026-09-20" }, { now: Date.now() });
  expect(await couple.b.run("dates.upcoming", { days: 120 }, { now: Date.now() })).toMatchObject({
    items: [
      { kind: "date", on: "2026-09-20", daysLeft: 97, date: { name: "Party" } },
      { kind: "milestone", on: "2026-09-23", daysLeft: 100, milestone: { days: 500 } },
    ],
  });
});
