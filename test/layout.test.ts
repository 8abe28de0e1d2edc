import { expect, it } from "vitest";
import { OBJECT_MIGRATIONS } from "../src/relationship/migrate.ts";

const sources = import.meta.glob<string>("../src/**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true });
const objectMigrations = import.meta.glob<string>("../do-migrations/*.sql", {
  query: "?raw",
  import: "default",
  eager: true,
});
const databaseMigrations = import.meta.glob("../migrations/*.sql");

/** Source files in which `pattern` occurs, comments left out. */
function filesWith(pattern: RegExp): string[] {
  return Object.entries(sources)
    .filter(([, text]) => pattern.test(text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "")))
    .map(([path]) => path.replace("../", ""))
    .toSorted();
}

it("lists every object migration once, in order and without a gap", () => {
  const files = Object.keys(objectMigrations).map((path) => path.replace(/^.*\/|\.sql$/g, ""));
  expect(OBJECT_MIGRATIONS.map((migration) => migration.name)).toEqual(files.toSorted());
  expect(OBJECT_MIGRATIONS.map((migration) => migration.version)).toEqual(files.map((_, index) => index + 1));
  for (const migration of OBJECT_MIGRATIONS) {
    expect(migration.sql).toBe(objectMigrations[`../do-migrations/${migration.name}.sql`]);
    expect(migration.name.startsWith(String(migration.version).padStart(4, "0"))).toBe(true);
  }
});

it("numbers D1 migrations without a gap", () => {
  const numbers = Object.keys(databaseMigrations).map((path) => Number(/(\d{4})_/.exec(path)?.[1]));
  expect(numbers.toSorted((a, b) => a - b)).toEqual(numbers.map((_, index) => index + 1));
});

it("reaches the object's SQLite through one wrapper that drains every cursor", () => {
  expect(filesWith(/\.exec\(query/)).toEqual(["src/relationship/sql-storage.ts"]);
  expect(filesWith(/storage\.sql\b|sql\.exec\(/)).toEqual(["src/relationship/sql-storage.ts"]);
});

it("keeps SQL text in stores, in D1 files and in the object's own lifecycle files", () => {
  const home = /^src\/(db\/|domain\/(.*\/)?[a-z-]*store\.ts$|relationship\/(migrate|schedule|tickets|flush)\.ts$)/;
  const outside = filesWith(/["'`]\s*(SELECT|INSERT INTO|UPDATE \w+\s+SET|DELETE FROM|WITH \w+ AS|PRAGMA)\b/).filter(
    (file) => !home.test(file),
  );
  expect(outside).toEqual([]);
});

it("never keeps the object awake with a timer", () => {
  const files = filesWith(/\bset(Timeout|Interval)\(/).filter((file) => /^src\/(relationship|domain)\//.test(file));
  // The stub runs in the Worker that calls the object.
  expect(files).toEqual(["src/relationship/stub.ts"]);
});

it("never turns foreign keys off", () => {
  expect(filesWith(/foreign_keys/i)).toEqual([]);
});

it("reads the clock in one place on the server", () => {
  const files = filesWith(/Date\.now\(\)|new Date\(\)/).filter((file) => !/^src\/(client|web)\//.test(file));
  expect(files).toEqual(["src/lib/clock.ts"]);
});
