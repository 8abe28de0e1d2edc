import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { addDays } from "../../src/domain/calendar.ts";
import { movedTarget } from "../../src/domain/membership/pauses.ts";
import { DAY_MS } from "../../src/protocol/limits.ts";
import { rowsOf } from "../support/object.ts";
import { alarm, directory, pair, START, type Pair } from "./parting-steps.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: START });
});

afterEach(() => {
  vi.useRealTimers();
});

const TODAY = "2031-03-03";
const day = (days: number): { now: number } => ({ now: START + days * DAY_MS });

async function deadlines(couple: Pair): Promise<{ goal: string; challenge: string; dueAt: number | null }> {
  const [goal] = await rowsOf<{ at: string }>(couple, "SELECT target_date AS at FROM shared_goals");
  const [challenge] = await rowsOf<{ at: string }>(couple, "SELECT target_end_date AS at FROM challenge_participation");
  const [job] = await rowsOf<{ at: number }>(couple, "SELECT due_at AS at FROM schedule WHERE kind = 'challenge.due'");
  return { goal: goal?.at ?? "", challenge: challenge?.at ?? "", dueAt: job?.at ?? null };
}

it("moves every target date by exactly the paused days, by whomever it began and ended", async () => {
  const couple = await pair();
  const { a, b } = couple;
  const targetDate = addDays(TODAY, 20);
  await a.run("goals.create", { name: "Read", type: "custom", targetCount: 3, targetDate }, day(0));
  await b.run("challenges.start", { challengeId: "daily_gratitude_7" }, day(0));
  const before = await deadlines(couple);
  await a.run("membership.pause", {}, day(2));
  expect((await deadlines(couple)).dueAt).toBeNull();
  expect(await b.run("membership.resume", {}, day(12))).toMatchObject({ relationship: { status: "active" } });
  expect(await deadlines(couple)).toEqual({
    goal: addDays(before.goal, 10),
    challenge: addDays(before.challenge, 10),
    dueAt: (before.dueAt ?? 0) + 10 * DAY_MS,
  });
  expect(await rowsOf(couple, "SELECT from_date, to_date FROM relationship_pauses")).toEqual([
    { from_date: addDays(TODAY, 2), to_date: addDays(TODAY, 11) },
  ]);
  vi.setSystemTime(START + 12 * DAY_MS);
  await alarm(couple);
  expect(await directory(couple.relationshipId)).toMatchObject({ status: "active", statusVersion: 4 });
});

it("moves a challenge by each day on which it stood still, once, however its own pause lies to the couple's", async () => {
  const couple = await pair();
  const { a, b } = couple;
  const together = [
    [3, 8],
    [12, 14],
  ] as const;
  /** Its own pauses, in days from the start: from the one until before the other. */
  const own: Record<string, readonly (readonly [number, number])[]> = {
    daily_gratitude_7: [],
    quality_time_30: [[1, 2]],
    date_night_weekly: [[1, 5]],
    deep_conversations: [
      [4, 6],
      [7, 9],
    ],
    acts_of_service: [[5, 11]],
    adventure_month: [[1, 16]],
    communication_boost: [[9, 11]],
    intimacy_builder: [[3, 8]],
  };
  const ids = new Map<string, string>();
  for (const challengeId of Object.keys(own)) {
    ids.set(challengeId, (await a.run<{ id: string }>("challenges.start", { challengeId }, day(0))).id);
  }
  const targets = async (): Promise<Record<string, string>> => {
    const rows = await rowsOf<{ id: string; at: string }>(
      couple,
      "SELECT challenge_id AS id, target_end_date AS at FROM challenge_participation",
    );
    return Object.fromEntries(rows.map(({ id, at }) => [id, at]));
  };
  const before = await targets();
  for (let at = 0; at <= 16; at++) {
    for (const [challengeId, spans] of Object.entries(own)) {
      const input = { participationId: ids.get(challengeId) };
      // Of a day on which both change, each order comes up.
      if (spans.some(([, end]) => end === at)) await b.run("challenges.resume", input, day(at));
    }
    if (together.some(([from]) => from === at)) await a.run("membership.pause", {}, day(at));
    if (together.some(([, end]) => end === at)) await b.run("membership.resume", {}, day(at));
    for (const [challengeId, spans] of Object.entries(own)) {
      const input = { participationId: ids.get(challengeId) };
      if (spans.some(([from]) => from === at)) await a.run("challenges.pause", input, day(at));
    }
  }
  const stood = (spans: readonly (readonly [number, number])[]): number =>
    new Set(
      [...spans, ...together].flatMap(([from, end]) => Array.from({ length: end - from }, (_, day) => from + day)),
    ).size;
  const moved = Object.entries(before).map(([id, target]) => [id, addDays(target, stood(own[id] ?? []))]);
  expect(await targets()).toEqual(Object.fromEntries(moved));
});

it("keeps a streak over the pause, while everything can still be written", async () => {
  const { a, b } = await pair();
  const mine = async (days: number) => {
    const streaks = await a.run<{ ours: { current: number } }>("insights.streaks", {}, day(days));
    return streaks.ours.current;
  };
  for (const days of [0, 1]) {
    for (const member of [a, b])
      await member.run("checkins.submit", { date: addDays(TODAY, days), mood: 7 }, day(days));
  }
  const before = await mine(1);
  await b.run("membership.pause", {}, day(2));
  expect(await a.run("activities.plan", { name: "Walk", type: "adventure" }, day(5))).toMatchObject({ name: "Walk" });
  await a.run("membership.resume", {}, day(30));
  expect(before).toBeGreaterThan(0);
  expect(await mine(30)).toBe(before);
});

it("is refused by name where it makes no sense, and counts nothing that was taken back the same day", async () => {
  const couple = await pair();
  const { a, b } = couple;
  expect(await a.refused("membership.resume", {}, day(0))).toMatchObject({
    code: "illegal_transition",
    details: { current: "active" },
  });
  await a.run("membership.pause", {}, day(0));
  expect(await b.refused("membership.pause", {}, day(0))).toMatchObject({
    code: "illegal_transition",
    details: { current: "paused" },
  });
  await b.run("membership.resume", {}, day(0));
  expect(await rowsOf(couple, "SELECT 1 FROM relationship_pauses")).toEqual([]);
});

it.each([
  ["ran through the whole pause", "2031-03-01", "2031-03-20", [], "2031-03-27"],
  ["was overdue before the pause", "2031-03-01", "2031-03-09", [], "2031-03-09"],
  ["fell into the pause", "2031-03-01", "2031-03-12", [], "2031-03-19"],
  ["began during the pause", "2031-03-14", "2031-03-20", [], "2031-03-23"],
  ["had a pause of its own before", "2031-03-01", "2031-03-20", [["2031-03-02", "2031-03-05"]], "2031-03-27"],
  ["went on during the pause", "2031-03-01", "2031-03-20", [["2031-03-05", "2031-03-12"]], "2031-03-25"],
  ["began after it was resumed", "2031-03-18", "2031-03-20", [], "2031-03-20"],
  [
    "stood still before by itself and was not overdue",
    "2031-03-01",
    "2031-03-13",
    [["2031-03-05", "2031-03-12"]],
    "2031-03-18",
  ],
  [
    "was overdue, and stood still by itself later",
    "2031-03-01",
    "2031-03-11",
    [["2031-03-12", "2031-03-14"]],
    "2031-03-11",
  ],
  [
    "had two pauses that share a day",
    "2031-03-01",
    "2031-03-20",
    [
      ["2031-03-10", "2031-03-12"],
      ["2031-03-11", "2031-03-13"],
    ],
    "2031-03-24",
  ],
] as const)("moves a deadline that %s by the days that it stood still", (_, startDate, targetDate, own, moved) => {
  expect(movedTarget({ startDate, targetDate }, own, "2031-03-10", "2031-03-17")).toBe(moved);
});
