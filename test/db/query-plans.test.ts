/// <reference types="vite/types/importMeta.d.ts" />
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { bindCount, sqlOfScript, sqlOfSource, type FoundStatement } from "./sql-source.ts";

const SOURCES = import.meta.glob<string>("../../src/db/*.ts", { query: "?raw", import: "default", eager: true });
const SCRIPTS = import.meta.glob<string>("../../docs/*.sql", { query: "?raw", import: "default", eager: true });

/** Tables so small that reading them whole is the cheapest plan. */
const CATALOGUES = new Set([
  "challenges",
  "achievements",
  "subscription_plans",
  "subscription_addons",
  "credit_packs",
  "daily_questions",
]);

/**
 * Scans that are meant, by file, a piece of the statement, and the reason. Operators' queries say it themselves, in a
 * comment that begins with "-- Scan:". An entry that nothing needs any more fails the test below.
 */
const ALLOWED: readonly { file: string; sql: string; because: string }[] = [
  {
    file: "/mail-outbox.ts",
    sql: "SELECT * FROM mail_outbox ORDER BY id DESC LIMIT ?",
    because: "the development mailbox reads the newest rows from the end of the key's index, and stops at the limit",
  },
];

async function tableNames(): Promise<string[]> {
  const { results } = await env.DB.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all<{
    name: string;
  }>();
  return results.map((row) => row.name);
}

async function plan({ file, sql }: FoundStatement): Promise<string[]> {
  try {
    const statement = env.DB.prepare(`EXPLAIN QUERY PLAN ${sql}`).bind(
      ...Array.from({ length: bindCount(sql) }, () => null),
    );
    const { results } = await statement.all<{ detail: string }>();
    return results.map((row) => row.detail);
  } catch (error) {
    throw new Error(`${file}: the database refuses\n${sql}`, { cause: error });
  }
}

/**
 * Real tables that a plan reads from end to end; a plan names them as the statement does, so aliases are resolved.
 * The plan of an INSERT … SELECT also lists the tables that refer to its own, although they are only read while a
 * reference is broken; deletes and updates of a key really read them.
 */
function scannedTables(sql: string, details: readonly string[], tables: readonly string[]): string[] {
  return details.flatMap((detail) => {
    const scanned = /^SCAN (\w+)/.exec(detail)?.[1];
    if (scanned === undefined || scanned === "CONSTANT" || detail.includes("VIRTUAL TABLE")) return [];
    if (tables.includes(scanned)) return sql.startsWith("INSERT") && !sql.includes(scanned) ? [] : [scanned];
    return tables.filter((table) => new RegExp(`\\b${table}\\s+(?:AS\\s+)?${scanned}\\b`, "i").test(sql));
  });
}

async function unintendedScans(statements: readonly FoundStatement[]): Promise<string[]> {
  const tables = await tableNames();
  const found: string[] = [];
  for (const statement of statements) {
    const details = await plan(statement);
    const scanned = scannedTables(statement.sql, details, tables).filter((table) => !CATALOGUES.has(table));
    if (scanned.length === 0 || statement.sql.includes("-- Scan:")) continue;
    if (ALLOWED.some(({ file, sql }) => statement.file.endsWith(file) && statement.sql.includes(sql))) continue;
    found.push(`${statement.file} scans ${scanned.join(", ")}:\n${statement.sql}\n${details.join("\n")}`);
  }
  return found;
}

const FROM_CODE = Object.entries(SOURCES).flatMap(([file, source]) => sqlOfSource(file, source));
const FROM_SCRIPTS = Object.entries(SCRIPTS).flatMap(([file, script]) => sqlOfScript(file, script));

it("finds the statements of the code and of the operators' queries", () => {
  expect(FROM_CODE.length).toBeGreaterThan(20);
  expect(FROM_SCRIPTS.length).toBeGreaterThan(10);
  const files = new Set(FROM_CODE.map(({ file }) => file));
  expect(Object.keys(SOURCES).filter((file) => SOURCES[file]?.includes(".prepare(") && !files.has(file))).toEqual([]);
});

it("answers every query of the code by an index", async () => {
  expect(await unintendedScans(FROM_CODE)).toEqual([]);
});

it("answers every operators' query by an index, or says why not", async () => {
  expect(await unintendedScans(FROM_SCRIPTS)).toEqual([]);
});

it("allows no scan that no statement needs any more", () => {
  const unused = ALLOWED.filter(
    ({ file, sql }) => !FROM_CODE.some((statement) => statement.file.endsWith(file) && statement.sql.includes(sql)),
  );
  expect(unused).toEqual([]);
});

it("sees a scan where there is one, also behind an alias, a join and a subquery", async () => {
  const statements = [
    "SELECT id FROM users WHERE nickname = ?",
    "SELECT u.id FROM users AS u WHERE u.phone_number = ?1",
    "SELECT s.id FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.name = ?",
    "SELECT id FROM users WHERE id = ? AND EXISTS (SELECT 1 FROM relationships WHERE status = 'paused')",
    "UPDATE users SET nickname = NULL WHERE phone_number = ?",
    "DELETE FROM subscription_plans WHERE id = ?",
  ].map((sql) => ({ file: "probe", sql }));
  expect(await unintendedScans(statements)).toHaveLength(statements.length);
});

it("sees no scan in a search, in JSON rows and in a catalogue", async () => {
  const statements = [
    "SELECT id FROM users WHERE id = ?",
    "UPDATE users SET nickname = NULL WHERE id IN (SELECT value FROM json_each(?))",
    "SELECT id FROM challenges ORDER BY sort_order",
    "WITH recent AS (SELECT id FROM users WHERE id = ?) SELECT id FROM recent",
  ].map((sql) => ({ file: "probe", sql }));
  expect(await unintendedScans(statements)).toEqual([]);
});

it("refuses a value written into SQL", () => {
  expect(() => sqlOfSource("probe", "db.prepare(`SELECT 1 FROM users WHERE id = '${id}'`)")).toThrow(/not a const/);
  expect(
    sqlOfSource("probe", "const COLUMNS = `id, name`; // it's\ndb.prepare(`SELECT ${COLUMNS} FROM users`)"),
  ).toEqual([{ file: "probe", sql: "SELECT id, name FROM users" }]);
});
