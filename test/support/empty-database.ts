import { env } from "cloudflare:workers";

const OURS = "name NOT LIKE '\\_cf%' ESCAPE '\\' AND name NOT LIKE 'sqlite%' AND name <> 'd1_migrations'";

/**
 * Leaves no row in D1. Files share a runtime, one after the other, so whoever counts all rows of a table begins with
 * this; whoever asks about rows of their own need not. The triggers of append-only tables step aside for it.
 */
export async function emptyDatabase(): Promise<void> {
  const { results } = await env.DB.prepare(
    `SELECT type, name, sql FROM sqlite_master WHERE type IN ('table', 'trigger') AND ${OURS}`,
  ).all<{ type: string; name: string; sql: string }>();
  const tables = results.filter(({ type }) => type === "table");
  const triggers = results.filter(({ type }) => type === "trigger");
  await env.DB.batch([
    env.DB.prepare("PRAGMA defer_foreign_keys = on"),
    ...triggers.map(({ name }) => env.DB.prepare(`DROP TRIGGER ${name}`)),
    ...tables.map(({ name }) => env.DB.prepare(`DELETE FROM ${name}`)),
    ...triggers.map(({ sql }) => env.DB.prepare(sql)),
  ]);
}
