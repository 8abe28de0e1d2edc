import type { Sql } from "../domain/sql.ts";
import initial from "../../do-migrations/0001_relationship.sql";
import life from "../../do-migrations/0002_life.sql";

export interface ObjectMigration {
  version: number;
  name: string;
  sql: string;
  /** The oldest code version that still works on the migrated tables; older code refuses to start on them. */
  minCodeVersion: number;
}

/** Append-only: what has landed is never edited, reordered or removed. One line for each file of do-migrations. */
export const OBJECT_MIGRATIONS: readonly ObjectMigration[] = [
  { version: 1, name: "0001_relationship", sql: initial, minCodeVersion: 1 },
  { version: 2, name: "0002_life", sql: life, minCodeVersion: 2 },
];

/** What this code migrates every object to. */
export const SCHEMA_VERSION = OBJECT_MIGRATIONS.at(-1)?.version ?? 0;

/** Whether `init` has made this object; a guessed id reaches an object that has no tables and gets none. */
export function isInitialised(sql: Sql): boolean {
  return hasTable(sql, "_meta");
}

function hasTable(sql: Sql, name: string): boolean {
  return sql.first("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", name) !== null;
}

/**
 * Brings the tables to the newest version that this code knows, each file in a transaction with its version row, so that
 * a failing file leaves the version before it in place and is tried again at the next start.
 * @throws Error when the tables need newer code than this, or when the history differs from the list
 */
export function migrate(sql: Sql, migrations: readonly ObjectMigration[] = OBJECT_MIGRATIONS): number {
  const codeVersion = migrations.at(-1)?.version ?? 0;
  if (!hasTable(sql, "_migrations")) {
    sql.run(
      `CREATE TABLE _migrations (
         version INTEGER PRIMARY KEY, name TEXT NOT NULL, min_code_version INTEGER NOT NULL
       ) STRICT`,
    );
  }
  const applied = sql.all<{ version: number; name: string; min_code_version: number }>(
    "SELECT version, name, min_code_version FROM _migrations ORDER BY version",
  );
  for (const row of applied) {
    if (row.min_code_version > codeVersion) {
      throw new Error(
        `Object schema ${row.version} needs code version ${row.min_code_version}; this is ${codeVersion}`,
      );
    }
    const known = migrations.find((migration) => migration.version === row.version);
    if (known !== undefined && known.name !== row.name) {
      throw new Error(`Object migration ${row.version} was applied as ${row.name} and is now ${known.name}`);
    }
  }
  const reached = applied.at(-1)?.version ?? 0;
  for (const migration of migrations) {
    if (migration.version <= reached) continue;
    sql.transaction(() => {
      sql.run(migration.sql);
      sql.run(
        "INSERT INTO _migrations (version, name, min_code_version) VALUES (?, ?, ?)",
        migration.version,
        migration.name,
        migration.minCodeVersion,
      );
    });
  }
  return Math.max(reached, codeVersion);
}
