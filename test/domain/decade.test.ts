import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { DECADE, MONTH, seedStatements, type History } from "../../bench/decade.ts";
import { Couple } from "../../src/domain/couple.ts";
import { Dispatcher } from "../../src/domain/dispatch.ts";
import { pruneTraces } from "../../src/domain/retention-store.ts";
import { pruneLog } from "../../src/domain/store.ts";
import type { Sql, SqlValue } from "../../src/domain/sql.ts";
import { uuidv7 } from "../../src/protocol/ids.ts";
import { DAY_MS, LOG_KEEP_EVENTS, LOG_KEEP_MS } from "../../src/protocol/limits.ts";
import { sqlOf } from "../../src/relationship/sql-storage.ts";
import { createCouple, NOON, type TestCouple } from "../support/couple.ts";
import { rowsOf } from "../support/object.ts";

const TODAY = "2026-06-15";
const SIZE_MAX_BYTES = 64 * 1024 * 1024;

/** A couple with `history`; what joining wrote to the log makes room for it. */
async function coupleWith(history: History): Promise<TestCouple> {
  const couple = await createCouple({ createdAt: NOON - (history.days + 1) * DAY_MS });
  await runInDurableObject(env.RELATIONSHIP.getByName(couple.relationshipId), (_object, { storage }) => {
    for (const table of ["relationship_events", "summary_cursors"]) storage.sql.exec(`DELETE FROM ${table}`);
    for (const { sql, binds } of seedStatements(history, [couple.a.userId, couple.b.userId], TODAY, NOON)) {
      storage.sql.exec(sql, ...binds);
    }
  });
  return couple;
}

interface Cost {
  statements: number;
  rowsRead: number;
}

function metered(storage: DurableObjectStorage, cost: Cost): Sql {
  const exec = <Row extends object>(query: string, binds: SqlValue[]): Row[] => {
    const cursor = storage.sql.exec(query, ...binds);
    const rows = cursor.toArray() as unknown as Row[];
    cost.statements++;
    cost.rowsRead += cursor.rowsRead;
    return rows;
  };
  return {
    all: (query, ...binds) => exec(query, binds),
    first: <Row extends object>(query: string, ...binds: SqlValue[]) => exec<Row>(query, binds)[0] ?? null,
    run: (query, ...binds) => void exec(query, binds),
    transaction: (body) => storage.transactionSync(body),
  };
}

/** What a check-in and the home screen after it cost an object that is awake. */
async function costsOf({ relationshipId, a }: TestCouple): Promise<{ checkin: Cost; dashboard: Cost; streak: number }> {
  return runInDurableObject(env.RELATIONSHIP.getByName(relationshipId), (_object, { storage }) => {
    const cost: Cost = { statements: 0, rowsRead: 0 };
    const dispatcher = new Dispatcher(new Couple(metered(storage, cost)));
    const send = (kind: "command" | "query", name: string, input: object, n: number): [Cost, string] => {
      Object.assign(cost, { statements: 0, rowsRead: 0 });
      const commandId = kind === "command" ? uuidv7(NOON + n) : null;
      const outcome = dispatcher.dispatch({
        kind,
        name,
        input,
        userId: a.userId,
        signedInAt: NOON,
        commandId,
        now: NOON,
      });
      if (!outcome.ok) throw new Error(outcome.error.message);
      return [{ ...cost }, outcome.json];
    };
    let answer = { checkin: cost, dashboard: cost, streak: 0 };
    // The first round wakes everything that is read once in the life of an object.
    for (const n of [1, 2]) {
      const [checkin] = send("command", "checkins.submit", { date: TODAY, mood: n }, n);
      const [dashboard, json] = send("query", "insights.dashboard", {}, n);
      const { data } = JSON.parse(json) as { data: { streaks: { mine: { current: number } } } };
      answer = { checkin, dashboard, streak: data.streaks.mine.current };
    }
    return answer;
  });
}

it("asks as much of an object after ten years as after a month, to within a half", async () => {
  const [young, old] = [await costsOf(await coupleWith(MONTH)), await costsOf(await coupleWith(DECADE))];
  expect([young.streak, old.streak]).toEqual([31, 3_651]);
  for (const what of ["checkin", "dashboard"] as const) {
    expect(old[what].statements).toBe(young[what].statements);
    expect(old[what].rowsRead).toBeLessThanOrEqual(young[what].rowsRead * 1.5);
  }
});

it("fits ten years into 64 MB, and keeps of the log and the inbox what is still of use", async () => {
  const couple = await coupleWith(DECADE);
  const stub = env.RELATIONSHIP.getByName(couple.relationshipId);
  const count = async (table: string): Promise<number> =>
    (await rowsOf<{ n: number }>(couple, `SELECT COUNT(*) AS n FROM ${table}`))[0]?.n ?? 0;
  const full = await runInDurableObject(stub, (_object, { storage }) => storage.sql.databaseSize);
  expect(full).toBeLessThan(SIZE_MAX_BYTES);
  expect([await count("daily_checkins"), await count("relationship_events")]).toEqual([7_300, 50_000]);
  expect(await count("activities")).toBeGreaterThanOrEqual(4_000);
  await rowsOf(couple, "INSERT INTO app_days VALUES ('x', '2016-01-01'), ('x', ?)", TODAY);
  await rowsOf(couple, "INSERT INTO reminders_sent VALUES ('x', 'checkin', '2016-01-01', 'inbox', 1)");
  await runInDurableObject(stub, (_object, { storage }) => {
    const sql = sqlOf(storage);
    pruneLog(sql, NOON - LOG_KEEP_MS, LOG_KEEP_EVENTS);
    pruneTraces(sql, NOON);
  });
  expect(await count("relationship_events")).toBe(LOG_KEEP_EVENTS);
  expect(await count("notifications")).toBeLessThanOrEqual(366);
  expect([await count("app_days"), await count("reminders_sent")]).toEqual([1, 0]);
  expect(await count("daily_checkins")).toBe(7_300);
  const cut = await runInDurableObject(stub, (_object, { storage }) => storage.sql.databaseSize);
  expect(cut).toBeLessThanOrEqual(full);
});
