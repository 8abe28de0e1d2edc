import assert from "node:assert/strict";
import { readLocalD1 } from "../local-d1.ts";
import type { Person } from "./person.ts";

/** What the people of an act did, counted by the act itself. */
export class Tally {
  readonly #counts = new Map<string, number>();

  /** `person` did what `event` names. */
  add(person: Person, event: string): void {
    const key = `${event} by ${person.userId}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Throws unless D1's summaries of the relationship count exactly this, no more and no less. */
  requireIn(persistTo: string, relationshipId: string): void {
    const rows = readLocalD1(persistTo, (database) =>
      database
        .prepare(
          `SELECT event_name || ' by ' || user_id AS done, sum(event_count) AS times
           FROM relationship_event_summaries WHERE relationship_id = ? GROUP BY done`,
        )
        .all(relationshipId),
    );
    const counted = Object.fromEntries(rows.map((row) => [String(row["done"]), Number(row["times"])]));
    assert.deepEqual(sorted(counted), sorted(Object.fromEntries(this.#counts)));
  }
}

function sorted(counts: Record<string, number>): string[] {
  return Object.entries(counts)
    .map(([done, times]) => `${times} x ${done}`)
    .toSorted();
}
