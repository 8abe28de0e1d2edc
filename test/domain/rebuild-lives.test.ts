import { env } from "cloudflare:workers";
import { runDurableObjectAlarm } from "cloudflare:test";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { addDays } from "../../src/domain/calendar.ts";
import { eraseMember } from "../../src/domain/erasure/services.ts";
import { rebuildService } from "../../src/domain/insights/rebuild.ts";
import { DAY_MS } from "../../src/protocol/limits.ts";
import { callService } from "../../src/relationship/stub.ts";
import { createCouple, createSolo, join, NOON, type TestCouple } from "../support/couple.ts";
import { rowsOf } from "../support/object.ts";

const LIVES = 4;
const STEPS = 120;
const SEED = 20_310_615;
const TODAY = "2026-06-15";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOON });
});

afterEach(() => {
  vi.useRealTimers();
});

interface Step {
  isFirst: boolean;
  act: number;
  back: number;
  flag: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  isFirst: fc.boolean(),
  act: fc.nat(15),
  back: fc.nat(2),
  flag: fc.boolean(),
});

/** One thing that somebody does, or a night that passes; what is not allowed then is refused and changes nothing. */
async function live(couple: TestCouple, { isFirst, act, back, flag }: Step, day: number): Promise<number> {
  const now = NOON + day * DAY_MS;
  const member = isFirst ? couple.a : couple.b;
  const date = addDays(TODAY, day - back);
  const tell = (name: string, input: object) => member.reply(name, input, { now });
  const idIn = async (table: string): Promise<string | undefined> =>
    (await rowsOf<{ id: string }>(couple, `SELECT id FROM ${table} ORDER BY id ${flag ? "DESC" : "ASC"} LIMIT 1`))[0]
      ?.id;
  if (act < 6) await tell("checkins.submit", { date, mood: 5, ...(flag && { gratitudeNote: "Tea" }) });
  if (act === 6)
    await tell("activities.log", { name: "x", type: flag ? "date_night" : "adventure", private: back === 2 });
  if (act === 7) await tell("goals.create", { name: "x", type: "custom", targetCount: 2 });
  if (act === 8) await tell("goals.add_progress", { id: await idIn("shared_goals"), delta: flag ? 1 : -1 });
  if (act === 9) await tell("conversations.log", { type: "deep_talk", private: back === 2 });
  if (act === 10) await tell("challenges.start", { challengeId: flag ? "daily_gratitude_7" : "communication_boost" });
  const participationId = act > 10 && act < 14 ? await idIn("challenge_participation") : undefined;
  if (act === 11 || act === 12)
    await tell("challenges.log_entry", { participationId, date, completed: act === 11 || flag });
  if (act === 13) await tell(`challenges.${["pause", "resume", "abandon"][back] ?? "pause"}`, { participationId });
  if (act === 14)
    await tell(
      flag ? "checkins.share" : "dates.add",
      flag ? { date, withNotes: true } : { name: "x", type: "anniversary", date },
    );
  return act === 15 ? day + 1 : day;
}

it("everything that rules wrote follows from the tables after lives of any kind, also over pairing, the flush and an erasure", async () => {
  const lives = fc.sample(fc.array(step, { minLength: STEPS, maxLength: STEPS }), { numRuns: LIVES, seed: SEED });
  const awards: number[] = [];
  const rebuilt = async ({ relationshipId }: TestCouple): Promise<unknown> =>
    (await callService(env, relationshipId, rebuildService, { apply: false }, Date.now())).differences;
  for (const [index, steps] of lives.entries()) {
    const beginsAlone = index % 2 === 1;
    let couple = beginsAlone ? await createSolo({ createdAt: NOON }) : await createCouple({ createdAt: NOON });
    let day = 0;
    for (const [position, one] of steps.entries()) {
      if (beginsAlone && position === STEPS / 2) couple = await join(couple, "UTC", NOON + day * DAY_MS);
      day = await live(couple, one, day);
    }
    vi.setSystemTime(NOON + (day + 1) * DAY_MS);
    await runDurableObjectAlarm(env.RELATIONSHIP.getByName(couple.relationshipId));
    expect(await rebuilt(couple)).toEqual([]);
    const [counted] = await rowsOf<{ n: number }>(couple, "SELECT COUNT(*) AS n FROM event_summaries");
    expect(counted?.n).toBeGreaterThan(0);
    awards.push((await rowsOf(couple, "SELECT 1 FROM user_achievements")).length);
    // Something that no flush has seen yet is erased, too.
    await couple.a.run("dates.add", { name: "x", type: "custom", date: TODAY }, { now: Date.now() });
    await callService(env, couple.relationshipId, eraseMember, { userId: couple.a.userId }, Date.now());
    expect(await rebuilt(couple)).toEqual([]);
    await runDurableObjectAlarm(env.RELATIONSHIP.getByName(couple.relationshipId));
    expect(await rebuilt(couple)).toEqual([]);
    const ofErased = "SELECT event_name FROM event_summaries WHERE user_id NOT IN (?, 'system')";
    expect(await rowsOf(couple, ofErased, couple.b.userId)).toEqual([]);
    vi.setSystemTime(NOON);
  }
  // The lives are worth something: rules had a lot to write.
  expect(Math.max(...awards)).toBeGreaterThanOrEqual(5);
});

it("finds every lost award in the tables alone, with its points and the day on which it was earned", async () => {
  const couple = await createCouple({ createdAt: NOON - DAY_MS });
  const { a, b, relationshipId } = couple;
  const at = (day: number, minutes = 0): { now: number } => ({ now: NOON + day * DAY_MS + minutes * 60_000 });
  const { id: challenge } = await a.run<{ id: string }>(
    "challenges.start",
    { challengeId: "daily_gratitude_7" },
    at(0),
  );
  await a.run("dates.add", { name: "x", type: "anniversary", date: "2020-06-17" }, at(0));
  const { id: goal } = await a.run<{ id: string }>(
    "goals.create",
    { name: "x", type: "custom", targetCount: 1 },
    at(0),
  );
  for (let day = 0; day < 8; day++) {
    const date = addDays(TODAY, day);
    for (const member of [a, b]) {
      // One of them is a day late on the seventh, so that a week is full on the eighth only.
      const when = day === 6 && member === b ? at(7, 5) : at(day, 10);
      await member.run("checkins.submit", { date, mood: 5, gratitudeNote: "Tea" }, when);
      const entry = { participationId: challenge, date, completed: true };
      if (day < 7) await member.run("challenges.log_entry", entry, when);
    }
    await a.run(
      "activities.log",
      { name: "x", type: ["date_night", "adventure", "custom"][day % 3], completedDate: date },
      at(day),
    );
    await b.run("conversations.log", { type: "deep_talk" }, at(day));
  }
  await b.run("goals.add_progress", { id: goal, delta: 1 }, at(4));
  const later = NOON + 90 * DAY_MS;
  const earned = "SELECT achievement_id, earned_date FROM user_achievements ORDER BY 1";
  const points = "SELECT subject_id, points, member_id FROM points ORDER BY 1";
  const before = [await rowsOf(couple, earned), await rowsOf(couple, points)];
  expect(JSON.stringify(before)).toMatch(/week_streak.*perfect_week/s);
  expect(before[0]?.length).toBeGreaterThanOrEqual(9);
  for (const table of ["user_achievements", "points", "relationship_events"]) {
    await rowsOf(couple, `DELETE FROM ${table}`);
  }
  // The streak is long over by then.
  await callService(env, relationshipId, rebuildService, { apply: true }, later);
  expect([await rowsOf(couple, earned), await rowsOf(couple, points)]).toEqual(before);
});
