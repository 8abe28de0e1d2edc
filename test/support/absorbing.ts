import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import type { RelationshipObject } from "../../src/relationship/relationship-object.ts";

/** What the directory still has on its way into `targetId`. */
export async function waitingFor(targetId: string): Promise<string[]> {
  const { results } = await env.DB.prepare(
    "SELECT source_id FROM absorptions WHERE target_id = ? AND finished_at IS NULL",
  )
    .bind(targetId)
    .all<{ source_id: string }>();
  return results.map((row) => row.source_id);
}

/** Whether the object of `relationshipId` has any table or alarm. */
export async function isAlive(relationshipId: string): Promise<boolean> {
  return runInDurableObject(env.RELATIONSHIP.getByName(relationshipId), async (_, state) => {
    const tables = state.storage.sql
      .exec("SELECT 1 FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'")
      .toArray();
    return tables.length > 0 || (await state.storage.getAlarm()) !== null;
  });
}

/** Has the object do now what it has planned for moving rows and for its own end, whenever that would be due. */
export async function runMoves(relationshipId: string): Promise<void> {
  await runInDurableObject(env.RELATIONSHIP.getByName(relationshipId), async (instance: RelationshipObject, state) => {
    const { sql } = state.storage;
    if (sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'schedule'").toArray().length === 0) return;
    sql.exec("UPDATE schedule SET due_at = 0 WHERE kind IN ('absorb', 'destroy')").toArray();
    await instance.alarm();
  });
}

/** Runs the moves of `relationshipIds` in turn until nothing is on its way into any of them. */
export async function settle(...relationshipIds: string[]): Promise<void> {
  for (let round = 0; round < 20; round++) {
    for (const id of relationshipIds) await runMoves(id);
    const waiting = await Promise.all(relationshipIds.map(waitingFor));
    if (waiting.every((sources) => sources.length === 0)) return;
  }
  throw new Error("The moves do not come to an end");
}
