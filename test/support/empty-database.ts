import { env } from "cloudflare:workers";

const OURS = "name NOT LIKE '\\_cf%' ESCAPE '\\' AND name NOT LIKE 'sqlite%' AND name <> 'd1_migrations'";

interface Thing {
  type: "table" | "trigger";
  name: string;
  sql: string;
}

// Of the migrations; whatever else is there was made by a test.
const migrated = new Set(
  env.TEST_MIGRATIONS.flatMap(({ queries }) => queries).flatMap((query) => {
    const made = /CREATE (?:TABLE|TRIGGER) (\w+)/.exec(query)?.[1];
    return made === undefined ? [] : [made];
  }),
);

/**
 * Leaves no row in D1, and no table or trigger of a test. Files share a runtime, one after the other, and each begins
 * with this. The triggers of append-only tables step aside for it.
 */
export async function emptyDatabase(): Promise<void> {
  const { results } = await env.DB.prepare(
    `SELECT type, name, sql FROM sqlite_master WHERE type IN ('table', 'trigger') AND ${OURS}`,
  ).all<Thing>();
  const tables = results.filter(({ type }) => type === "table");
  const triggers = results.filter(({ type }) => type === "trigger");
  await env.DB.batch([
    env.DB.prepare("PRAGMA defer_foreign_keys = on"),
    ...triggers.map(({ name }) => env.DB.prepare(`DROP TRIGGER ${name}`)),
    ...tables.map(({ name }) => env.DB.prepare(migrated.has(name) ? `DELETE FROM ${name}` : `DROP TABLE ${name}`)),
    ...triggers.flatMap(({ name, sql }) => (migrated.has(name) ? [env.DB.prepare(sql)] : [])),
  ]);
}
