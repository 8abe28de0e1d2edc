import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addDays } from "../../src/domain/calendar.ts";
import {
  ENGAGEMENT_FORMULAS,
  ENGAGEMENT_PARTS,
  ENGAGEMENT_POINTS,
  type EngagementInputs,
} from "../../src/domain/insights/engagement.ts";
import {
  HEALTH_FORMULAS,
  HEALTH_MIN_CHECKIN_DAYS,
  HEALTH_PARTS,
  HEALTH_WEIGHTS,
  HEALTH_WINDOW_DAYS,
  type HealthInputs,
} from "../../src/domain/insights/health.ts";
import type { Trends } from "../../src/domain/insights/schema.ts";
import { DAY_MS } from "../../src/protocol/limits.ts";
import { createCouple, createSolo, join, NOON, type TestCouple } from "../support/couple.ts";
import { eventsOf, rowsOf } from "../support/object.ts";

const TODAY = "2026-06-15";
const document = import.meta.glob<string>("../../docs/INSIGHTS.md", { query: "?raw", import: "default", eager: true });

interface Health {
  version: number;
  score: number | null;
  reason: string | null;
  parts: { name: string; weight: number; value: number | null }[];
  inputs: HealthInputs;
}
interface Engagement {
  score: number;
  parts: { name: string; count: number; points: number }[];
}

const healthV1 = (inputs: Partial<HealthInputs>) =>
  HEALTH_FORMULAS[1]?.({
    alone: false,
    checkinDays: 3,
    connectionSum: 0,
    connectionCount: 0,
    satisfactionSum: 0,
    satisfactionCount: 0,
    bothDays: 0,
    possibleDays: 30,
    dueCount: 0,
    completedCount: 0,
    ...inputs,
  });

/** Domain rule 12 word by word, in the order in which it is written. */
function oracle(inputs: HealthInputs): number | null {
  if (inputs.alone || inputs.checkinDays < 3) return null;
  const parts: [weight: number, of100: number][] = [];
  if (inputs.connectionCount > 0) parts.push([30, ((inputs.connectionSum / inputs.connectionCount - 1) / 9) * 100]);
  if (inputs.satisfactionCount > 0)
    parts.push([30, ((inputs.satisfactionSum / inputs.satisfactionCount - 1) / 9) * 100]);
  // Days shared from before the two became a couple make it no more than whole.
  parts.push([20, Math.min(1, inputs.bothDays / inputs.possibleDays) * 100]);
  if (inputs.dueCount > 0) parts.push([20, (inputs.completedCount / inputs.dueCount) * 100]);
  const weights = parts.reduce((sum, [weight]) => sum + weight, 0);
  return parts.reduce((sum, [weight, value]) => sum + weight * value, 0) / weights;
}

const inputsArbitrary: fc.Arbitrary<HealthInputs> = fc
  .record({
    checkinDays: fc.nat(30),
    connections: fc.array(fc.integer({ min: 1, max: 10 }), { maxLength: 60 }),
    satisfactions: fc.array(fc.integer({ min: 1, max: 10 }), { maxLength: 60 }),
    possibleDays: fc.integer({ min: 1, max: 30 }),
    both: fc.nat(30),
    dueCount: fc.nat(200),
    completed: fc.nat(200),
  })
  .map(({ connections, satisfactions, both, completed, ...rest }) => ({
    ...rest,
    alone: false,
    connectionSum: connections.reduce((a, b) => a + b, 0),
    connectionCount: connections.length,
    satisfactionSum: satisfactions.reduce((a, b) => a + b, 0),
    satisfactionCount: satisfactions.length,
    bothDays: both,
    completedCount: Math.min(completed, rest.dueCount),
  }));

describe("the health score", () => {
  it("is the rule's number for every input, rounded half up once", () => {
    fc.assert(
      fc.property(inputsArbitrary, (inputs) => {
        const { score } = healthV1(inputs) ?? {};
        const exact = oracle(inputs);
        expect(score === null).toBe(exact === null);
        if (exact === null) return;
        // Within the noise of floating point around a half, either neighbour is the oracle's.
        expect(score).toBeGreaterThanOrEqual(exact - 0.5 - 1e-9);
        expect(score).toBeLessThanOrEqual(exact + 0.5 + 1e-9);
      }),
      { numRuns: 200, seed: 12 },
    );
    // Exactly 47.5 and exactly 2.5 go up.
    expect(
      healthV1({ connectionSum: 64, connectionCount: 10, satisfactionSum: 60, satisfactionCount: 10, bothDays: 5 })
        ?.score,
    ).toBe(48);
    expect(healthV1({ bothDays: 1, possibleDays: 20, dueCount: 1 })?.score).toBe(3);
  });

  it("says nothing for a person alone, nor from fewer than three days", async () => {
    const solo = await createSolo();
    for (let back = 0; back < 3; back++) {
      await solo.a.run("checkins.submit", { date: addDays(TODAY, -back), connection: 9 });
    }
    expect(await solo.a.run<Health>("insights.health")).toMatchObject({ score: null, reason: "alone" });
    const { a, b } = await join(solo);
    expect(await a.run<Health>("insights.health")).toMatchObject({ score: null, reason: "too_few_days" });
    for (const date of [TODAY, addDays(TODAY, -1)]) await b.run("checkins.submit", { date, connection: 9 });
    expect(await b.run<Health>("insights.health")).toMatchObject({ score: null, inputs: { checkinDays: 2 } });
    await b.run("checkins.submit", { date: addDays(TODAY, -2), connection: 9 });
    const theirs = await b.run<Health>("insights.health");
    expect(theirs.score).not.toBeNull();
    // What was written alone is in neither's number, and both have the same.
    expect(await a.run<Health>("insights.health")).toEqual(theirs);
    expect(theirs.inputs).toMatchObject({ checkinDays: 3, connectionCount: 3, bothDays: 0 });
  });

  it("leaves a part without data out, does not count paused days, and follows through what was due", async () => {
    const couple = await createCouple({ createdAt: NOON - 9 * DAY_MS });
    const { a, b } = couple;
    for (const member of [a, b]) {
      for (const back of [0, 1, 2])
        await member.run("checkins.submit", { date: addDays(TODAY, -back), connection: 10 });
    }
    const plan = async (date: string): Promise<string> =>
      (await a.run<{ id: string }>("activities.plan", { name: "x", type: "custom", plannedDate: date })).id;
    const done = await plan(TODAY);
    await plan(addDays(TODAY, 1));
    const cancelled = await plan(TODAY);
    await b.run("activities.complete", { id: done });
    await b.run("activities.cancel", { id: cancelled });
    await a.run("activities.log", { name: "Never planned", type: "custom" });
    const goal = { name: "x", type: "custom", startDate: addDays(TODAY, -3), targetDate: TODAY };
    await a.run("goals.create", goal);
    const first = await a.run<Health>("insights.health");
    expect(first.inputs).toMatchObject({ bothDays: 3, possibleDays: 10, dueCount: 2, completedCount: 1 });
    expect(first.parts.find(({ name }) => name === "satisfaction")?.value).toBeNull();
    // (30·100 + 20·30 + 20·50) ÷ 70 = 65.71
    expect(first.score).toBe(66);
    await rowsOf(couple, `INSERT INTO relationship_pauses VALUES ('p', '2026-06-08', '2026-06-11', '${a.userId}', 1)`);
    await a.run("membership.update_profile", { version: 1, relationshipType: "married" });
    expect((await b.run<Health>("insights.health")).inputs.possibleDays).toBe(6);
  });

  it("equals a slow count over the raw rows on every day of two random months", async () => {
    const couple = await createCouple({ createdAt: NOON - 45 * DAY_MS });
    const random = fc.sample(fc.record({ connection: fc.integer({ min: 1, max: 10 }), kind: fc.nat(9) }), {
      numRuns: 120,
      seed: 7,
    });
    const rows = random.flatMap(({ connection, kind }, index) => {
      const date = addDays(TODAY, -Math.floor(index / 2));
      const userId = index % 2 === 0 ? couple.a.userId : couple.b.userId;
      if (kind < 3) return [];
      return [
        {
          id: `c${index}`,
          userId,
          date,
          connection,
          visibility: kind === 3 ? "private" : "shared",
          satisfaction: kind === 4 ? null : 5,
        },
      ];
    });
    await rowsOf(
      couple,
      `INSERT INTO daily_checkins (id, user_id, checkin_date, connection_score, relationship_satisfaction, visibility,
         notes_visibility, created_at, updated_at)
       SELECT value ->> 'id', value ->> 'userId', value ->> 'date', value ->> 'connection', value ->> 'satisfaction',
         value ->> 'visibility', 'shared', 1, 1 FROM json_each(?)`,
      JSON.stringify(rows),
    );
    for (let back = 0; back < 60; back += 7) {
      const date = addDays(TODAY, -back);
      const window = rows.filter(
        (row) => row.visibility === "shared" && row.date <= date && row.date > addDays(date, -30),
      );
      const dates = new Set(window.map((row) => row.date));
      const satisfied = window.filter((row) => row.satisfaction !== null);
      const expected: HealthInputs = {
        alone: false,
        checkinDays: dates.size,
        connectionSum: window.reduce((sum, row) => sum + row.connection, 0),
        connectionCount: window.length,
        satisfactionSum: 5 * satisfied.length,
        satisfactionCount: satisfied.length,
        bothDays: [...dates].filter((day) => window.filter((row) => row.date === day).length === 2).length,
        possibleDays: Math.max(1, Math.min(30, 46 - back)),
        dueCount: 0,
        completedCount: 0,
      };
      const health = await couple.b.run<Health>("insights.health", { date, version: 1 });
      expect(health.inputs).toEqual(expected);
      const exact = oracle(expected);
      expect(health.score).toBe(exact === null ? null : Math.floor(exact + 0.5));
    }
  });

  it("asks for no day to come and for no version that never was", async () => {
    const { a } = await createCouple();
    expect((await a.refused("insights.health", { date: addDays(TODAY, 1) })).details).toMatchObject({
      issues: [{ path: "date" }],
    });
    expect((await a.refused("insights.health", { version: 2 })).code).toBe("invalid_input");
  });
});

it("trends are SQL's means of what each may see, over 7, 30 and 90 days, with a gap wherever there is no score", async () => {
  const couple = await createCouple();
  const { a, b } = couple;
  for (const [userId, step] of [[a.userId, 7] as const, [b.userId, 11] as const]) {
    await rowsOf(
      couple,
      `WITH RECURSIVE day (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM day WHERE n < 120)
       INSERT INTO daily_checkins (id, user_id, checkin_date, connection_score, mood_score, visibility,
         notes_visibility, created_at, updated_at)
       SELECT ?1 || n, ?1, date(?2, '-' || n || ' days'), iif(n % 5, 1 + n * ?3 % 10, NULL), 1 + n * ?3 % 9,
         iif(n % 13, 'shared', 'private'), 'shared', 1, 1
       FROM day WHERE n * ?3 % 4`,
      userId,
      TODAY,
      step,
    );
  }
  for (const days of [7, 30, 90]) {
    const trends = await b.run<Trends>("insights.trends", { days });
    const sql = `SELECT user_id AS userId, COUNT(*) AS checkins, AVG(connection_score) AS connection,
        AVG(mood_score) AS mood, AVG(relationship_satisfaction) AS satisfaction FROM daily_checkins
      WHERE checkin_date > date(?, '-' || ? || ' days') AND checkin_date <= ? AND (visibility = 'shared' OR user_id = ?)
      GROUP BY user_id`;
    const expected = await rowsOf<{ userId: string }>(couple, sql, TODAY, days, TODAY, b.userId);
    expect(trends.members.map(({ userId, means }) => ({ userId, ...means })).toSorted(byUser)).toEqual(
      expected.toSorted(byUser),
    );
    for (const { userId, mood } of trends.members) {
      const points = await rowsOf<{ date: string; mood: number }>(
        couple,
        `SELECT checkin_date AS date, mood_score AS mood FROM daily_checkins
         WHERE user_id = ? AND (visibility = 'shared' OR user_id = ?)`,
        userId,
        b.userId,
      );
      const byDate = new Map(points.map((point) => [point.date, point.mood]));
      expect(mood).toEqual(trends.dates.map((date) => byDate.get(date) ?? null));
      expect(mood).toContain(null);
    }
  }
});

function byUser(a: { userId: string }, b: { userId: string }): number {
  return a.userId < b.userId ? -1 : 1;
}

const counts = fc.record({
  checkin: fc.nat(1),
  activities: fc.nat(6),
  challengeEntries: fc.nat(6),
  kindWords: fc.nat(6),
  opened: fc.nat(1),
});
const engagementV1 = (inputs: EngagementInputs): number => ENGAGEMENT_FORMULAS[1]?.(inputs).score ?? Number.NaN;

describe("the engagement score", () => {
  it("never falls when somebody does more, and lies between 0 and 100", () => {
    fc.assert(
      fc.property(counts, fc.constantFrom(...ENGAGEMENT_PARTS), (inputs, part) => {
        const score = engagementV1(inputs);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(100);
        expect(engagementV1({ ...inputs, [part]: inputs[part] + 1 })).toBeGreaterThanOrEqual(score);
      }),
      { numRuns: 200, seed: 13 },
    );
  });

  it("counts my own day from what both may see, and nothing of my partner's", async () => {
    const { a, b } = await createCouple();
    await a.run("checkins.submit", { date: TODAY, mood: 5, gratitudeNote: "Tea" });
    await a.run("activities.log", { name: "x", type: "custom" });
    await a.run("activities.log", { name: "x", type: "custom", private: true });
    await b.run("activities.log", { name: "x", type: "custom" });
    await a.run("conversations.log", { type: "deep_talk", date: TODAY });
    const { id } = await a.run<{ id: string }>("challenges.start", { challengeId: "daily_gratitude_7" });
    await a.run("challenges.log_entry", { participationId: id, date: TODAY, completed: true });
    const mine = await a.run<Engagement>("insights.engagement");
    expect(mine.parts.map(({ count, points }) => [count, points])).toEqual([
      [1, 40],
      [1, 10],
      [1, 10],
      [2, 10],
      [0, 0],
    ]);
    expect(mine.score).toBe(70);
    await a.run("checkins.submit", { date: TODAY, notesPrivate: true });
    expect((await a.run<Engagement>("insights.engagement")).score).toBe(65);
    expect((await b.run<Engagement>("insights.engagement")).score).toBe(10);
  });

  it("counts opening the app once a day, for my own eyes", async () => {
    const couple: TestCouple = await createCouple();
    const { a, b } = couple;
    expect(await a.run("insights.opened")).toEqual({ date: TODAY, isNew: true });
    expect(await a.run("insights.opened")).toEqual({ date: TODAY, isNew: false });
    expect((await a.run<Engagement>("insights.engagement")).score).toBe(10);
    expect((await b.run<Engagement>("insights.engagement")).score).toBe(0);
    const events = await eventsOf(couple, "app.opened");
    expect(events.map(({ stream }) => stream)).toEqual([a.userId]);
  });
});

it("stands in the document with every weight, minimum and version", () => {
  const text = Object.values(document)[0] ?? "";
  const cells = text.split("\n").map((line) => line.split("|").map((cell) => cell.trim().replaceAll("`", "")));
  const rowOf = (name: string) => cells.find((row) => row[1] === name);
  for (const name of HEALTH_PARTS) expect(rowOf(name)?.[2]).toBe(String(HEALTH_WEIGHTS[name]));
  for (const name of ENGAGEMENT_PARTS) {
    const { each, max } = ENGAGEMENT_POINTS[name];
    expect(rowOf(name)?.slice(2, 4)).toEqual([String(each), String(max)]);
  }
  expect(text).toContain(`fewer than ${HEALTH_MIN_CHECKIN_DAYS} days`);
  expect(text).toContain(`${HEALTH_WINDOW_DAYS} days`);
  for (const version of Object.keys(HEALTH_FORMULAS)) expect(text).toContain(`Health score v${version}`);
  for (const version of Object.keys(ENGAGEMENT_FORMULAS)) expect(text).toContain(`Engagement score v${version}`);
});
