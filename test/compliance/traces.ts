import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";

/** Tables of D1 in which `word` stands, in any column of any row. */
export async function tablesOfDirectoryWith(word: string): Promise<string[]> {
  const { results } = await env.DB.prepare(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_cf_%' AND name NOT LIKE 'd1_%'",
  ).all<{ name: string }>();
  const names = results.map((row) => row.name);
  const rows = await env.DB.batch(names.map((name) => env.DB.prepare(`SELECT * FROM ${name}`)));
  return names.filter((_, index) => JSON.stringify(rows[index]?.results).includes(word)).toSorted();
}

/** Tables of an object in which `word` stands. */
export async function tablesOfObjectWith(relationshipId: string, word: string): Promise<string[]> {
  return runInDurableObject(env.RELATIONSHIP.getByName(relationshipId), (_, state) => {
    const names = state.storage.sql
      .exec<{ name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '_cf_%'")
      .toArray()
      .map((row) => row.name);
    return names
      .filter((name) => JSON.stringify(state.storage.sql.exec(`SELECT * FROM ${name}`).toArray()).includes(word))
      .toSorted();
  });
}

/** Rows that point at nothing, in D1 and in an object. */
export async function danglingReferences(relationshipId: string): Promise<unknown[]> {
  const { results } = await env.DB.prepare("PRAGMA foreign_key_check").all();
  const inObject = await runInDurableObject(env.RELATIONSHIP.getByName(relationshipId), (_, state) =>
    state.storage.sql.exec("PRAGMA foreign_key_check").toArray(),
  );
  return [...results, ...inObject];
}

/** Files whose bytes or names hold `word`. */
export async function filesWith(word: string): Promise<string[]> {
  const { objects } = await env.FILES.list();
  const found = await Promise.all(
    objects.map(async ({ key }) => {
      const text = (await (await env.FILES.get(key))?.text()) ?? "";
      return key.includes(word) || text.includes(word) ? [key] : [];
    }),
  );
  return found.flat();
}
