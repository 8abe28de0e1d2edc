import { env } from "cloudflare:workers";
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { nextFlushAt } from "../../src/relationship/flush.ts";
import { backoffMs, Schedule } from "../../src/relationship/schedule.ts";
import { sqlOf } from "../../src/relationship/sql-storage.ts";
import { relationshipStub } from "../../src/relationship/stub.ts";
import { newId } from "../../src/protocol/ids.ts";
import { DAY_MS, HOUR_MS } from "../../src/protocol/limits.ts";
import { createCouple, type TestCouple } from "../support/couple.ts";

const START = Date.UTC(2031, 2, 3, 12);
const INTERVAL_MS = 600_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: START });
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const stubOf = (couple: TestCouple) => env.RELATIONSHIP.getByName(couple.relationshipId);
const sql = (couple: TestCouple, query: string, ...binds: SqlStorageValue[]) =>
  runInDurableObject(stubOf(couple), (_, state) => state.storage.sql.exec(query, ...binds).toArray());
const armedAt = (couple: TestCouple) => runInDurableObject(stubOf(couple), (_, state) => state.storage.getAlarm());

async function newCouple(): Promise<TestCouple> {
  const couple = await createCouple({ createdAt: START });
  await couple.a.run("checkins.submit", { date: "2031-03-03", mood: 7 }, { now: START });
  return couple;
}

it("arms the alarm for the earliest job", async () => {
  const couple = await newCouple();
  const due = await sql(couple, "SELECT MIN(due_at) AS due FROM schedule");
  expect(await armedAt(couple)).toBe(due[0]?.["due"]);
  const soon = START + 1;
  await sql(couple, "INSERT INTO schedule (kind, key, due_at) VALUES ('challenge.due', 'none', ?)", soon);
  await relationshipStub(env, couple.relationshipId).ensureAlarm();
  expect(await armedAt(couple)).toBe(soon);
});

it("asks to be looked after soon for work that is due once, and days later for what comes back daily", async () => {
  const couple = await newCouple();
  const stub = relationshipStub(env, couple.relationshipId);
  const now = START + HOUR_MS;
  vi.setSystemTime(now);
  await runInDurableObject(stubOf(couple), async (_, state) => {
    const schedule = new Schedule(sqlOf(state.storage), state.storage, () => "rel");
    const look = (): number | null => schedule.lookAt(now, ["cleanup", "reminders.due"], "flush");
    expect(look()).toBe(now + 3 * DAY_MS);
    state.storage.sql
      .exec("INSERT INTO schedule (kind, key, due_at) VALUES ('challenge.due', 'x', ?)", now + 5)
      .toArray();
    expect(look()).toBe(now + 5);
    // What should have run is asked about at once, routine or not.
    state.storage.sql.exec("UPDATE schedule SET due_at = ? WHERE kind = 'cleanup'", now - 1).toArray();
    expect(look()).toBe(now - 1);
    await schedule.ensureAlarm(now, true);
  });
  expect((await stub.ensureAlarm()).nextDueAt).toBeLessThan(now);
});

it.each([["a command a minute later"], ["the sweep"], ["a socket's write after eviction"]])(
  "arms a lost alarm again with %s",
  async (who) => {
    const couple = await newCouple();
    await runInDurableObject(stubOf(couple), (_, state) => state.storage.deleteAlarm());
    if (who === "the sweep") await relationshipStub(env, couple.relationshipId).ensureAlarm();
    else {
      if (who !== "a command a minute later") await evictDurableObject(stubOf(couple));
      await couple.a.run("activities.plan", { name: "Walk", type: "custom" }, { now: START + 61_000 });
    }
    expect(await armedAt(couple)).not.toBeNull();
  },
);

it("takes an alarm that is long past for lost", async () => {
  const couple = await newCouple();
  await runInDurableObject(stubOf(couple), async (_, state) => {
    const set = vi.spyOn(state.storage, "setAlarm");
    vi.spyOn(state.storage, "getAlarm").mockResolvedValue(Date.now() - 300_000);
    const schedule = new Schedule(sqlOf(state.storage), state.storage, () => "rel");
    await schedule.ensureAlarm(Date.now());
    set.mockClear();
    await schedule.ensureAlarm(Date.now(), true);
    expect(set).toHaveBeenCalled();
  });
});

it("runs each job by itself: one that fails delays no other", async () => {
  const couple = await newCouple();
  await sql(couple, "INSERT INTO schedule (kind, key, due_at) VALUES ('unknown.kind', 'x', ?)", START);
  vi.setSystemTime(START + HOUR_MS);
  await runDurableObjectAlarm(stubOf(couple));
  const jobs = await sql(
    couple,
    "SELECT kind, attempts, due_at FROM schedule WHERE kind <> 'reminders.due' ORDER BY kind",
  );
  expect(jobs.map((job) => job["kind"])).toEqual(["cleanup", "unknown.kind"]);
  expect(jobs[1]).toMatchObject({ attempts: 1 });
  expect(Number(jobs[1]?.["due_at"])).toBeGreaterThan(Date.now());
});

it("parks a job that keeps failing, and stops waking for it", async () => {
  const couple = await newCouple();
  await sql(couple, "INSERT INTO schedule (kind, key, due_at) VALUES ('unknown.kind', 'x', ?)", START);
  let runs = 0;
  for (; runs < 20; runs++) {
    vi.setSystemTime(Date.now() + HOUR_MS);
    await runDurableObjectAlarm(stubOf(couple));
    const [job] = await sql(couple, "SELECT attempts, parked_at FROM schedule WHERE kind = 'unknown.kind'");
    if (job?.["parked_at"] !== null) break;
  }
  expect(runs).toBe(5);
  expect(await armedAt(couple)).toBe(
    (await sql(couple, "SELECT MIN(due_at) AS due_at FROM schedule WHERE kind <> 'unknown.kind'"))[0]?.["due_at"],
  );
});

it("backs off from seconds to an hour, spread, and never into the past", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.string(), (attempts, seed) => {
      const wait = backoffMs(attempts, seed);
      expect(wait).toBeGreaterThanOrEqual(1_500);
      expect(wait).toBeLessThanOrEqual(1.25 * HOUR_MS);
      expect(wait).toBeGreaterThanOrEqual(Math.min(2_000 * 2 ** (attempts - 1), HOUR_MS) * 0.74);
    }),
  );
});

it("flushes at most once in an interval, at a phase of its own, spread over the interval", () => {
  const buckets = new Map<number, number>();
  for (let i = 0; i < 1_000; i++) {
    const id = newId("relationship", START + i);
    const first = nextFlushAt(START, id, INTERVAL_MS);
    expect(first).toBeGreaterThan(START);
    expect(first).toBeLessThanOrEqual(START + INTERVAL_MS);
    expect(nextFlushAt(first, id, INTERVAL_MS)).toBe(first + INTERVAL_MS);
    const bucket = Math.floor((first - START) / (INTERVAL_MS / 20));
    buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
  }
  expect(Math.max(...buckets.values())).toBeLessThanOrEqual(3 * (1_000 / 20));
});

it("keeps the alarm at the earliest job under any sequence of changes", async () => {
  const couple = await newCouple();
  await runInDurableObject(stubOf(couple), async (_, state) => {
    const schedule = new Schedule(sqlOf(state.storage), state.storage, () => "rel");
    const change = fc.record({
      key: fc.constantFrom("a", "b", "c"),
      due: fc.integer({ min: 1, max: 1e6 }),
      drop: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 12 }), async (changes) => {
        for (const { key, due, drop } of changes) {
          if (drop) state.storage.sql.exec("DELETE FROM schedule WHERE kind = 'p' AND key = ?", key).toArray();
          else {
            const at = START + HOUR_MS + due;
            state.storage.sql
              .exec("INSERT OR REPLACE INTO schedule (kind, key, due_at) VALUES ('p', ?, ?)", key, at)
              .toArray();
          }
          schedule.forget();
          schedule.forget();
          await schedule.ensureAlarm(Date.now());
          const [row] = state.storage.sql.exec<{ due: number }>("SELECT MIN(due_at) AS due FROM schedule").toArray();
          // An alarm that is too early only wakes the object for nothing; one too late would lose a job.
          expect((await state.storage.getAlarm()) ?? Infinity).toBeLessThanOrEqual(row?.due ?? Infinity);
        }
      }),
      { numRuns: 30 },
    );
  });
});

it("forgets receipts after 45 days and keeps the log's newest events", async () => {
  const couple = await newCouple();
  vi.setSystemTime(START + 50 * DAY_MS);
  await runDurableObjectAlarm(stubOf(couple));
  expect(await sql(couple, "SELECT 1 FROM command_receipts")).toEqual([]);
  expect((await sql(couple, "SELECT 1 FROM relationship_events")).length).toBeGreaterThan(0);
});
