import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { Couple } from "../../src/domain/couple.ts";
import { Dispatcher } from "../../src/domain/dispatch.ts";
import type { Sql, SqlValue } from "../../src/domain/sql.ts";
import { uuidv7 } from "../../src/protocol/ids.ts";
import { createCouple, NOON, type TestMember } from "../support/couple.ts";

const TODAY = "2026-06-15";

interface Cost {
  statements: number;
  rowsRead: number;
}

/** The object's own SQL, with what it costs added up in `cost`. */
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

/** A couple whose members checked in on each of `days` days up to yesterday, and what today's commands cost them. */
async function costsAfter(days: number): Promise<{ first: Cost; second: Cost; edit: Cost }> {
  const { a, b, relationshipId } = await createCouple();
  return runInDurableObject(env.RELATIONSHIP.getByName(relationshipId), (_object, { storage }) => {
    for (const { userId } of [a, b]) {
      storage.sql.exec(
        `WITH RECURSIVE day (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM day WHERE n < ?2)
         INSERT INTO daily_checkins (id, user_id, checkin_date, mood_score, gratitude_note, visibility, notes_visibility,
           created_at, updated_at)
         SELECT ?1 || n, ?1, date('2026-06-15', '-' || n || ' days'), 5, 'soup', 'shared', 'shared', 1, 1 FROM day`,
        userId,
        days,
      );
    }
    const cost: Cost = { statements: 0, rowsRead: 0 };
    const dispatcher = new Dispatcher(new Couple(metered(storage, cost)));
    const ask = (name: string, userId: string) => {
      const query = { kind: "query" as const, name, input: {}, userId, signedInAt: NOON, commandId: null, now: NOON };
      expect(dispatcher.dispatch(query)).toMatchObject({ ok: true });
    };
    let commands = 0;
    const submit = ({ userId }: TestMember, input: object): Cost => {
      // What is read once per life of the object is not the command's.
      ask("membership.get", userId);
      Object.assign(cost, { statements: 0, rowsRead: 0 });
      const command = {
        kind: "command" as const,
        name: "checkins.submit",
        userId,
        signedInAt: NOON,
        commandId: uuidv7(NOON + ++commands),
        now: NOON,
      };
      expect(dispatcher.dispatch({ ...command, input: { date: TODAY, ...input } })).toMatchObject({ ok: true });
      return { ...cost };
    };
    // The first one earns what the history is worth; a new day shows what is asked every time.
    submit(a, { mood: 5 });
    storage.sql.exec("DELETE FROM daily_checkins WHERE checkin_date = ?", TODAY);
    return {
      first: submit(a, { mood: 5, gratitudeNote: "soup" }),
      second: submit(b, { mood: 5, gratitudeNote: "soup" }),
      edit: submit(a, { mood: 6 }),
    };
  });
}

it("costs three statements to edit and a bounded number of rows, whatever the history", async () => {
  const young = await costsAfter(100);
  const old = await costsAfter(3650);
  expect(old.edit.statements).toBeLessThanOrEqual(3);
  for (const which of ["first", "second", "edit"] as const) {
    expect(old[which].statements).toBe(young[which].statements);
    expect(Math.abs(old[which].rowsRead - young[which].rowsRead)).toBeLessThan(50);
    expect(old[which].rowsRead).toBeLessThan(1_000);
  }
});
