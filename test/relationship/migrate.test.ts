import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { migrate, type ObjectMigration } from "../../src/relationship/migrate.ts";
import { sqlOf } from "../../src/relationship/sql-storage.ts";
import type { Sql } from "../../src/domain/sql.ts";
import { newId } from "../../src/protocol/ids.ts";

const first: ObjectMigration = {
  version: 1,
  name: "0001_a",
  sql: "CREATE TABLE a (x INTEGER NOT NULL) STRICT; INSERT INTO a VALUES (1);",
  minCodeVersion: 1,
};
const second: ObjectMigration = {
  version: 2,
  name: "0002_b",
  sql: "ALTER TABLE a ADD COLUMN y TEXT; CREATE TABLE b (z TEXT) STRICT;",
  minCodeVersion: 1,
};
const breaking: ObjectMigration = { ...second, minCodeVersion: 2 };

/** An object of its own that no `init` has touched. */
async function onFreshStorage(test: (sql: Sql) => void): Promise<void> {
  const stub = env.RELATIONSHIP.getByName(newId("relationship", 1));
  await runInDurableObject(stub, (_, state) => test(sqlOf(state.storage)));
}

const tables = (sql: Sql): string[] =>
  sql.all<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").map((row) => row.name);

it("applies each file once, in order, over old rows", () =>
  onFreshStorage((sql) => {
    expect(migrate(sql, [first])).toBe(1);
    expect(migrate(sql, [first, second])).toBe(2);
    expect(migrate(sql, [first, second])).toBe(2);
    expect(sql.all("SELECT x, y FROM a")).toEqual([{ x: 1, y: null }]);
  }));

it("leaves the version before a failing file in place, and goes on once the file is mended", () =>
  onFreshStorage((sql) => {
    const bad = { ...second, sql: "CREATE TABLE b (z TEXT) STRICT; CREATE TABLE broken (" };
    migrate(sql, [first]);
    expect(() => migrate(sql, [first, bad])).toThrow(/syntax error|incomplete/);
    expect(() => migrate(sql, [first, bad])).toThrow(/syntax error|incomplete/);
    expect(tables(sql)).toEqual(["_migrations", "a"]);
    expect(migrate(sql, [first, second])).toBe(2);
    expect(tables(sql)).toEqual(["_migrations", "a", "b"]);
  }));

it("lets older code run on newer tables that it can still read, and refuses the others", () =>
  onFreshStorage((sql) => {
    migrate(sql, [first, second]);
    expect(migrate(sql, [first])).toBe(2);
    const other = { ...breaking, version: 3, name: "0003_c", sql: "DROP TABLE b;", minCodeVersion: 3 };
    migrate(sql, [first, second, other]);
    expect(() => migrate(sql, [first, second])).toThrow(/needs code version 3/);
  }));

it("refuses a history that was edited after it landed", () =>
  onFreshStorage((sql) => {
    migrate(sql, [first]);
    expect(() => migrate(sql, [{ ...first, name: "0001_other" }])).toThrow(/was applied as/);
  }));

it("keeps foreign keys on and consistent in a new couple's object", async () => {
  const { createCouple } = await import("../support/couple.ts");
  const couple = await createCouple();
  await runInDurableObject(env.RELATIONSHIP.getByName(couple.relationshipId), (_, state) => {
    expect(state.storage.sql.exec("PRAGMA foreign_keys").toArray()).toEqual([{ foreign_keys: 1 }]);
    expect(state.storage.sql.exec("PRAGMA foreign_key_check").toArray()).toEqual([]);
  });
});
