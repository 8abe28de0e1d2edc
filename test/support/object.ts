import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import type { TestCouple } from "./couple.ts";

/** Rows of a couple's own object, read past every rule. */
export async function rowsOf<Row = Record<string, unknown>>(
  couple: Pick<TestCouple, "relationshipId">,
  query: string,
  ...binds: SqlStorageValue[]
): Promise<Row[]> {
  const stub = env.RELATIONSHIP.getByName(couple.relationshipId);
  return runInDurableObject(stub, (_, state) => state.storage.sql.exec(query, ...binds).toArray() as Row[]);
}

export interface EventRow {
  stream: string;
  name: string;
  actor_id: string;
  subject_id: string | null;
  data: string;
}

/** The whole event log, oldest first within each stream. */
export async function eventsOf(couple: Pick<TestCouple, "relationshipId">, name?: string): Promise<EventRow[]> {
  const events = await rowsOf<EventRow>(couple, "SELECT * FROM relationship_events ORDER BY stream, seq");
  return name === undefined ? events : events.filter((event) => event.name === name);
}
