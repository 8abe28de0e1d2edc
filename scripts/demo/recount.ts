import assert from "node:assert/strict";
import type { Stage } from "./stage.ts";

/** Throws unless everything derived in the object of `relationshipId` follows from its tables. */
export async function requireNothingToMend({ origin }: Stage, relationshipId: string): Promise<void> {
  const answer = await fetch(`${origin}/api/dev/rebuild/${relationshipId}`);
  assert.equal(answer.status, 200);
  assert.deepEqual(((await answer.json()) as { differences: unknown[] }).differences, []);
}
