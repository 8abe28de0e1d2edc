import { env } from "cloudflare:workers";
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { addDays } from "../../src/domain/calendar.ts";
import { Couple } from "../../src/domain/couple.ts";
import { dailyScore, dailySnapshot } from "../../src/domain/insights/daily.ts";
import { Scope } from "../../src/domain/scope.ts";
import type { Sql, SqlValue } from "../../src/domain/sql.ts";
import { DAY_MS, HOUR_MS } from "../../src/protocol/limits.ts";
import { createSolo, join, type TestCouple } from "../support/couple.ts";
import { rowsOf } from "../support/object.ts";

// Far ahead, so that no alarm fires by itself in the middle of a test.
const START = Date.UTC(2031, 2, 3, 12);
const DAY = "2031-03-03";
const DAYS = 9;
const STEPS = 110;
const LIVES = 3;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: START });
});

afterEach(() => {
  vi.useRealTimers();
});

const step = fc.record({ isFirst: fc.boolean(), act: fc.nat(16), back: fc.nat(2), flag: fc.boolean() });
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** What may be done on `date`, by the number of the act; `id` is of a row of the table that the act is about. */
const ACTS: readonly (readonly [name: string, table: string | null, input: (date: string, flag: boolean) => object])[] =
  [
    ["checkins.submit", null, (date, flag) => ({ date, connection: flag ? 9 : 2, gratitudeNote: "Tea" })],
    ["checkins.submit", null, (date) => ({ date, satisfaction: 7, mood: 4 })],
    ["checkins.share", null, (date, flag) => ({ date, withNotes: flag })],
    ["activities.log", null, (date, flag) => ({ name: "x", type: "custom", completedDate: date, private: flag })],
    ["activities.plan", null, (date, flag) => ({ name: "x", type: "custom", plannedDate: date, private: flag })],
    ["activities.complete", "activities", () => ({})],
    ["activities.share", "activities", () => ({})],
    [
      "goals.create",
      null,
      (date, flag) => ({
        name: "x",
        type: "custom",
        private: flag,
        ...(date < "2031-03-06" && { startDate: date, targetDate: date }),
      }),
    ],
    ["goals.update_status", "shared_goals", () => ({ status: "completed" })],
    ["goals.update_status", "shared_goals", () => ({ status: "active" })],
    ["goals.share", "shared_goals", () => ({})],
    ["conversations.log", null, (date, flag) => ({ type: "deep_talk", date, private: flag })],
    ["conversations.update", "communication_log", (date) => ({ version: 1, date })],
    ["conversations.share", "communication_log", () => ({})],
    [
      "challenges.start",
      null,
      (date, flag) => ({ challengeId: flag ? "acts_of_service" : "daily_gratitude_7", startDate: date, private: flag }),
    ],
    ["challenges.log_entry", "challenge_participation", (date) => ({ date, completed: true })],
    ["challenges.share", "challenge_participation", () => ({})],
  ];

/** What is not allowed then is refused and changes nothing. */
async function live(couple: TestCouple, { isFirst, act, back, flag }: Step, day: number): Promise<void> {
  const [name, table, input] = ACTS[act] ?? ["", null, () => ({})];
  const order = flag ? "DESC" : "ASC";
  const [row] =
    table === null ? [] : await rowsOf<{ id: string }>(couple, `SELECT id FROM ${table} ORDER BY id ${order}`);
  const key = table === "challenge_participation" ? "participationId" : "id";
  const about = row === undefined ? {} : { [key]: row.id };
  const member = isFirst ? couple.a : couple.b;
  await member.reply(name, { ...input(addDays(DAY, day - back), flag), ...about }, { now: Date.now() });
}

const LATE: readonly [name: string, table: string, key: string, input: object][] = [
  ["challenges.share", "challenge_participation", "participationId", {}],
  ["conversations.update", "communication_log", "id", { version: 1, date: addDays(DAY, -2) }],
  ["goals.update_status", "shared_goals", "id", { status: "active" }],
  ["goals.update_status", "shared_goals", "id", { status: "completed" }],
  ["goals.share", "shared_goals", "id", {}],
  ["goals.update_status", "shared_goals", "id", { status: "active" }],
];

/** Days later, when nothing else moves their days, whoever can shares and opens again what there is. */
async function lookBack(couple: TestCouple): Promise<number> {
  let done = 0;
  for (const [name, table, key, input] of LATE) {
    vi.setSystemTime(Date.now() + 3 * DAY_MS);
    for (const { id } of await rowsOf<{ id: string }>(couple, `SELECT id FROM ${table} ORDER BY id`)) {
      for (const member of [couple.a, couple.b]) {
        if ((await member.reply(name, { [key]: id, ...input }, { now: Date.now() })).ok) done += 1;
      }
    }
    await expectEqual(couple);
  }
  return done;
}

/** Lets an evening pass. */
async function flush(couple: TestCouple): Promise<void> {
  vi.setSystemTime(Date.now() + HOUR_MS);
  await runDurableObjectAlarm(env.RELATIONSHIP.getByName(couple.relationshipId));
}

function sqlOf(storage: DurableObjectStorage): Sql {
  const all = <Row extends object>(query: string, ...binds: SqlValue[]): Row[] =>
    storage.sql.exec(query, ...binds).toArray() as unknown as Row[];
  return {
    all,
    first: <Row extends object>(query: string, ...binds: SqlValue[]) => all<Row>(query, ...binds)[0] ?? null,
    run: (query, ...binds) => void all(query, ...binds),
    transaction: (body) => storage.transactionSync(body),
  };
}

/** The numbers of every day, as they follow from the rows now; days of which there is nothing to say have no score. */
async function computed(couple: TestCouple, snapshotDates: string[]): Promise<[object[], object[]]> {
  return runInDurableObject(env.RELATIONSHIP.getByName(couple.relationshipId), (_, { storage }) => {
    const scope = new Scope(new Couple(sqlOf(storage)), Date.now());
    const scores = Array.from({ length: DAYS + 4 }, (_day, index) => addDays(DAY, index - 3)).flatMap((date) =>
      scope.members.flatMap(({ userId }) => {
        const { score } = dailyScore(scope, userId, date);
        return score === 0 ? [] : [{ userId, date, score }];
      }),
    );
    const snapshots = snapshotDates.map((date) => {
      const { averageConnectionScore, checkinStreak, goalsCompletedThisMonth, ...rest } = dailySnapshot(scope, date);
      const { activitiesCompletedThisMonth: activities, overallHealthScore: health } = rest;
      const [connection, streak, goals] = [averageConnectionScore, checkinStreak, goalsCompletedThisMonth];
      return { date, connection, streak, activities, goals, checkins: rest.communicationFrequencyScore, health };
    });
    return [snapshots, scores.toSorted(byKey)];
  });
}

const byKey = (a: object, b: object): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

async function inDatabase(couple: TestCouple): Promise<[{ date: string }[], object[]]> {
  const ask = async <Row>(query: string): Promise<Row[]> =>
    (await env.DB.prepare(query).bind(couple.relationshipId).all<Row>()).results;
  const snapshots = await ask<{ date: string }>(
    `SELECT analytics_date AS date, average_connection_score AS connection, checkin_streak AS streak,
       activities_completed_this_month AS activities, goals_completed_this_month AS goals,
       communication_frequency_score AS checkins, overall_health_score AS health
     FROM relationship_analytics WHERE relationship_id = ? ORDER BY analytics_date`,
  );
  const scores = await ask<object>(
    `SELECT user_id AS userId, score_date AS date, engagement_score AS score FROM engagement_scores
     WHERE relationship_id = ? AND engagement_score > 0`,
  );
  return [snapshots, scores.toSorted(byKey)];
}

async function expectEqual(couple: TestCouple): Promise<void> {
  for (let evening = 0; evening < 2; evening++) await flush(couple);
  const [snapshots, scores] = await inDatabase(couple);
  expect(snapshots.length).toBeGreaterThan(5);
  expect(scores.length).toBeGreaterThan(8);
  expect([snapshots, scores]).toEqual(
    await computed(
      couple,
      snapshots.map(({ date }) => date),
    ),
  );
}

it("ends with D1 equal to a fresh computation of every day, over sharing, reopening and joining", async () => {
  const lives = fc.sample(fc.array(step, { minLength: STEPS, maxLength: STEPS }), { numRuns: LIVES, seed: 310 });
  for (const [index, steps] of lives.entries()) {
    vi.setSystemTime(START);
    let couple = await createSolo({ createdAt: START - DAY_MS });
    for (const [position, one] of steps.entries()) {
      const day = Math.floor((position / STEPS) * DAYS);
      if (position === 20 + 10 * index) couple = await join(couple, "UTC", Date.now());
      if (START + day * DAY_MS > Date.now()) {
        await flush(couple);
        vi.setSystemTime(START + day * DAY_MS);
      }
      await live(couple, one, day);
    }
    await expectEqual(couple);
    expect(await lookBack(couple)).toBeGreaterThan(5);
  }
});
