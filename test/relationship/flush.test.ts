import { env } from "cloudflare:workers";
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { OBJECT_MIGRATIONS } from "../../src/relationship/migrate.ts";
import { relationshipStub } from "../../src/relationship/stub.ts";
import { DAY_MS, HOUR_MS } from "../../src/protocol/limits.ts";
import { createCouple, type TestCouple } from "../support/couple.ts";

// Far ahead, so that no alarm fires by itself in the middle of a test.
const START = Date.UTC(2031, 2, 3, 12);
const DATE = "2031-03-03";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: START });
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const stubOf = (couple: TestCouple) => env.RELATIONSHIP.getByName(couple.relationshipId);

async function busyCouple(): Promise<TestCouple> {
  const couple = await createCouple({ createdAt: START - HOUR_MS });
  await couple.a.run("checkins.submit", { date: DATE, mood: 7, connection: 8 }, { now: START });
  await couple.b.run("checkins.submit", { date: DATE, mood: 6, connection: 4 }, { now: START });
  await couple.a.run("activities.plan", { name: "Walk", type: "adventure" }, { now: START });
  return couple;
}

/** Lets the clock pass the next flush and fires the alarm. */
async function flush(couple: TestCouple): Promise<void> {
  vi.setSystemTime(Date.now() + HOUR_MS);
  expect(await runDurableObjectAlarm(stubOf(couple))).toBe(true);
}

interface Counter {
  bucket_at: number;
  event_name: string;
  user_id: string;
  event_count: number;
}

async function inDatabase(couple: TestCouple): Promise<Counter[]> {
  const rows = await env.DB.prepare(
    `SELECT bucket_at, event_name, user_id, event_count FROM relationship_event_summaries WHERE relationship_id = ?
     ORDER BY bucket_at, event_name, user_id`,
  )
    .bind(couple.relationshipId)
    .all<Counter>();
  return rows.results;
}

async function inObject(couple: TestCouple): Promise<Counter[]> {
  return runInDurableObject(stubOf(couple), (_, state) =>
    state.storage.sql
      .exec<Counter & Record<string, SqlStorageValue>>(
        `SELECT bucket_at, event_name, user_id, event_count FROM event_summaries ORDER BY bucket_at, event_name, user_id`,
      )
      .toArray(),
  );
}

type Batch = typeof env.DB.batch;

function spyBatch(): { mockImplementation: (body: Batch) => void; calls: () => number; original: Batch } {
  const prototype = Object.getPrototypeOf(env.DB) as { batch: Batch };
  const original = prototype.batch;
  const spy = vi.spyOn(prototype, "batch");
  return {
    mockImplementation: (body) => void spy.mockImplementation(body),
    calls: () => spy.mock.calls.length,
    original,
  };
}

it("brings D1 to what the object counted, in one batch with at most one statement a table", async () => {
  const couple = await busyCouple();
  const spy = vi.spyOn(Object.getPrototypeOf(env.DB) as { batch: Batch }, "batch");
  await flush(couple);
  expect(spy).toHaveBeenCalledTimes(1);
  expect(spy.mock.calls[0]?.[0].length).toBeLessThanOrEqual(4);
  expect(await inDatabase(couple)).toEqual(await inObject(couple));
  const counted = await inDatabase(couple);
  expect(counted).toContainEqual(
    expect.objectContaining({ event_name: "checkin.submitted", user_id: couple.b.userId, event_count: 1 }),
  );
  const snapshot = await env.DB.prepare("SELECT * FROM relationship_analytics WHERE relationship_id = ?")
    .bind(couple.relationshipId)
    .first<{ analytics_date: string; average_connection_score: number; checkin_streak: number }>();
  expect(snapshot).toMatchObject({ analytics_date: DATE, average_connection_score: 6, checkin_streak: 1 });
});

interface Score {
  user_id: string;
  score_date: string;
  engagement_score: number;
}

async function scores(couple: TestCouple): Promise<Score[]> {
  const rows = await env.DB.prepare(
    `SELECT user_id, score_date, engagement_score FROM engagement_scores WHERE relationship_id = ?
     ORDER BY score_date, user_id`,
  )
    .bind(couple.relationshipId)
    .all<Score>();
  return rows.results;
}

it("scores each member's days, again when a day changes later, and equal after a lost answer and a replay", async () => {
  const couple = await busyCouple();
  const { a, b } = couple;
  await a.run("activities.log", { name: "Walk", type: "adventure" }, { now: START });
  await b.run("insights.opened", {}, { now: START });
  const spy = spyBatch();
  let lost = true;
  spy.mockImplementation(async function (this: D1Database, statements) {
    const answer = await spy.original.call(this, statements);
    if (!lost) return answer as never;
    lost = false;
    throw new Error("D1_ERROR: Network connection lost");
  });
  await flush(couple);
  await flush(couple);
  const day = (userId: string, date: string, score: number): Score => {
    return { user_id: userId, score_date: date, engagement_score: score };
  };
  const first = [day(a.userId, DATE, 50), day(b.userId, DATE, 50)];
  expect(await scores(couple)).toEqual(first);
  vi.restoreAllMocks();
  await b.run("conversations.log", { type: "deep_talk", date: DATE }, { now: Date.now() });
  await a.run("checkins.submit", { date: DATE, gratitudeNote: "Soup" }, { now: Date.now() });
  await flush(couple);
  const second = [day(a.userId, DATE, 55), day(b.userId, DATE, 55)];
  expect(await scores(couple)).toEqual(second);
  await relationshipStub(env, couple.relationshipId).replayFlush();
  await flush(couple);
  expect(await scores(couple)).toEqual(second);
});

it("makes the health scores again of all days that an activity was overdue", async () => {
  const couple = await createCouple({ createdAt: START - 3 * DAY_MS });
  const { a, b } = couple;
  const now = () => ({ now: Date.now() });
  const healthOf = async (): Promise<(number | null)[]> => {
    const rows = await env.DB.prepare(
      "SELECT overall_health_score AS score FROM relationship_analytics WHERE relationship_id = ? ORDER BY analytics_date",
    )
      .bind(couple.relationshipId)
      .all<{ score: number | null }>();
    return rows.results.map(({ score }) => score);
  };
  const plan = await a.run<{ id: string }>("activities.plan", { name: "x", type: "custom", plannedDate: DATE }, now());
  for (let days = 0; days < 5; days++) {
    vi.setSystemTime(START + days * DAY_MS);
    const date = new Date().toISOString().slice(0, 10);
    for (const member of [a, b]) await member.run("checkins.submit", { date, connection: 10, satisfaction: 10 }, now());
    await flush(couple);
  }
  const before = await healthOf();
  // Putting it off and back again changes nothing in the end, and everything in between.
  const edit = (version: number, plannedDate: string): Promise<unknown> =>
    a.run("activities.update", { id: plan.id, version, plannedDate }, now());
  await edit(1, "2031-06-01");
  await flush(couple);
  expect((await healthOf()).at(-1)).toBeGreaterThan(before.at(-1) ?? 100);
  await edit(2, DATE);
  await flush(couple);
  expect(await healthOf()).toEqual(before);
  // The day on which they joined, and two days with too little to say.
  expect(before.slice(0, 3)).toEqual([null, null, null]);
  expect(before.at(-1)).toBeLessThan(80);
  await b.run("activities.complete", { id: plan.id }, now());
  await flush(couple);
  const after = await healthOf();
  expect(after).toHaveLength(6);
  for (const index of [3, 4, 5]) expect(after[index]).toBeGreaterThanOrEqual((before[index] ?? 0) + 20);
});

it("leaves no alarm for a flush when nothing is dirty", async () => {
  const couple = await busyCouple();
  await flush(couple);
  const kinds = await runInDurableObject(stubOf(couple), (_, state) =>
    state.storage.sql.exec("SELECT kind FROM schedule ORDER BY kind").toArray(),
  );
  expect(kinds.map(({ kind }) => kind)).not.toContain("flush");
});

it("changes nothing when D1 took the batch and the answer was lost", async () => {
  const couple = await busyCouple();
  const spy = spyBatch();
  let lost = true;
  spy.mockImplementation(async function (this: D1Database, statements) {
    const answer = await spy.original.call(this, statements);
    if (!lost) return answer as never;
    lost = false;
    throw new Error("D1_ERROR: Network connection lost");
  });
  await flush(couple);
  const once = await inDatabase(couple);
  expect(once).toEqual(await inObject(couple));
  await flush(couple);
  expect(await inDatabase(couple)).toEqual(once);
  expect(spy.calls()).toBe(2);
});

it("keeps everything dirty and arms itself again when D1 is away, also after the platform's last try", async () => {
  const couple = await busyCouple();
  const spy = spyBatch();
  spy.mockImplementation(() => Promise.reject(new Error("D1_ERROR: D1 DB is overloaded")));
  for (let attempt = 0; attempt < 8; attempt++) {
    vi.setSystemTime(Date.now() + 2 * HOUR_MS);
    await runInDurableObject(stubOf(couple), async (instance, state) => {
      await instance.alarm();
      expect(await state.storage.getAlarm()).toBeGreaterThan(Date.now());
    });
    await couple.a.run("activities.plan", { name: "Still here", type: "custom" }, { now: Date.now() });
  }
  expect(await inDatabase(couple)).toEqual([]);
  vi.restoreAllMocks();
  await flush(couple);
  await flush(couple);
  expect(await inDatabase(couple)).toEqual(await inObject(couple));
});

it("does not mark what was written while D1 answered", async () => {
  const couple = await busyCouple();
  const spy = spyBatch();
  let written = false;
  spy.mockImplementation(async function (this: D1Database, statements) {
    const answer = await spy.original.call(this, statements);
    if (!written) {
      written = true;
      await couple.b.run("activities.plan", { name: "Meanwhile", type: "custom" }, { now: Date.now() });
    }
    return answer as never;
  });
  await flush(couple);
  const planned = async (): Promise<string[]> =>
    (await inDatabase(couple)).filter((row) => row.event_name === "activity.planned").map((row) => row.user_id);
  expect(await planned()).toEqual([couple.a.userId]);
  await flush(couple);
  expect((await planned()).toSorted()).toEqual([couple.a.userId, couple.b.userId].toSorted());
  expect(await inDatabase(couple)).toEqual(await inObject(couple));
});

it("gives up only the row that D1 refuses, and delivers the others", async () => {
  const couple = await busyCouple();
  await runInDurableObject(stubOf(couple), (_, state) => {
    state.storage.sql
      .exec(
        "INSERT INTO event_summaries VALUES (7, 'poison', 'x', 1, (SELECT COALESCE(MAX(source_seq), 0) + 1 FROM event_summaries), 0)",
      )
      .toArray();
  });
  await flush(couple);
  const expected = (await inObject(couple)).filter((row) => row.event_name !== "poison");
  expect(await inDatabase(couple)).toEqual(expected);
});

it("never replaces a newer value by an older one, and always one of an older epoch", async () => {
  const couple = await busyCouple();
  await flush(couple);
  const before = await inDatabase(couple);
  await runInDurableObject(stubOf(couple), (_, state) => {
    state.storage.sql.exec("UPDATE event_summaries SET event_count = 99, source_seq = 1, flushed_seq = 0").toArray();
  });
  await relationshipStub(env, couple.relationshipId).replayFlush();
  await flush(couple);
  expect(await inDatabase(couple)).toEqual(before);
  await runInDurableObject(stubOf(couple), (_, state) => {
    state.storage.sql.exec("UPDATE _meta SET epoch = 2").toArray();
    state.storage.sql.exec("UPDATE event_summaries SET flushed_seq = 0").toArray();
  });
  await evictDurableObject(stubOf(couple));
  await relationshipStub(env, couple.relationshipId).replayFlush();
  await flush(couple);
  expect((await inDatabase(couple)).every((row) => row.event_count === 99)).toBe(true);
});

it("sends everything again after D1 was restored from a backup", async () => {
  const couple = await busyCouple();
  await flush(couple);
  const rows = await inDatabase(couple);
  await env.DB.prepare("DELETE FROM relationship_event_summaries WHERE relationship_id = ?")
    .bind(couple.relationshipId)
    .run();
  await relationshipStub(env, couple.relationshipId).replayFlush();
  await flush(couple);
  expect(await inDatabase(couple)).toEqual(rows);
});

it("reports to the directory when it next wants to be awake", async () => {
  const couple = await busyCouple();
  await flush(couple);
  const row = await env.DB.prepare("SELECT next_due_at, last_flush_at, schema_version FROM relationships WHERE id = ?")
    .bind(couple.relationshipId)
    .first<{ next_due_at: number; last_flush_at: number; schema_version: number }>();
  expect(row?.next_due_at).toBeGreaterThan(START);
  expect(row).toMatchObject({ last_flush_at: Date.now(), schema_version: OBJECT_MIGRATIONS.length });
});

interface Snapshot {
  analytics_date: string;
  average_connection_score: number;
  checkin_streak: number;
}

async function snapshots(couple: TestCouple): Promise<Snapshot[]> {
  const rows = await env.DB.prepare(
    `SELECT analytics_date, average_connection_score, checkin_streak FROM relationship_analytics
     WHERE relationship_id = ? ORDER BY analytics_date`,
  )
    .bind(couple.relationshipId)
    .all<Snapshot>();
  return rows.results;
}

it("brings a late entry into the snapshot of its own day and of the days since", async () => {
  const couple = await createCouple({ createdAt: START - HOUR_MS });
  await couple.a.run("checkins.submit", { date: DATE, connection: 8 }, { now: START });
  await flush(couple);
  vi.setSystemTime(START + DAY_MS);
  await couple.a.run("checkins.submit", { date: "2031-03-04", connection: 8 }, { now: Date.now() });
  await flush(couple);
  await couple.b.run("checkins.submit", { date: DATE, connection: 2 }, { now: Date.now() });
  await flush(couple);
  expect(await snapshots(couple)).toEqual([
    { analytics_date: DATE, average_connection_score: 5, checkin_streak: 1 },
    { analytics_date: "2031-03-04", average_connection_score: 6, checkin_streak: 1 },
  ]);
});

it("snapshots the right day in a zone whose midnight is not on the hour", async () => {
  const midnight = Date.UTC(2031, 2, 3, 18, 30);
  vi.setSystemTime(midnight + 15 * 60_000);
  const couple = await createCouple({ createdAt: START, zones: ["Asia/Kolkata", "Asia/Kolkata"] });
  await couple.a.run("checkins.submit", { date: "2031-03-04", connection: 7 }, { now: Date.now() });
  await flush(couple);
  expect((await snapshots(couple)).at(-1)).toMatchObject({ analytics_date: "2031-03-04", average_connection_score: 7 });
});
