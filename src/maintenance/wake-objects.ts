import { listOverdueRelationships, postponeOverdue } from "../db/relationships.ts";
import { errorText, log } from "../lib/log.ts";
import { callRelationship } from "../relationship/stub.ts";

/** An object that is later than this by its own account has lost its alarm. */
const OVERDUE_AFTER_MS = 15 * 60_000;
const CONCURRENT_CALLS = 6;

/**
 * Wakes objects that wanted to be awake a quarter of an hour ago, so that each arms its alarm again. The first flush
 * after it reports a new due time; until then the object counts as due now, so that it is woken again a quarter of an
 * hour later and does not stand in the way of others.
 * @param now epoch milliseconds
 * @returns how many were woken
 */
export async function wakeOverdueObjects(env: Env, now: number, options: { limit: number }): Promise<number> {
  const overdue = await listOverdueRelationships(env.DB, now - OVERDUE_AFTER_MS, options.limit);
  let woken = 0;
  for (let start = 0; start < overdue.length; start += CONCURRENT_CALLS) {
    const chunk = overdue.slice(start, start + CONCURRENT_CALLS);
    const results = await Promise.all(chunk.map(({ id }) => wake(env, id)));
    woken += results.filter(Boolean).length;
  }
  if (overdue.length > 0) {
    log.warn("objects.overdue", { count: overdue.length });
    await postponeOverdue(env.DB, overdue, now);
  }
  return woken;
}

async function wake(env: Env, relationshipId: string): Promise<boolean> {
  try {
    await callRelationship(env, relationshipId, async (stub) => stub.ensureAlarm());
    return true;
  } catch (error) {
    log.warn("objects.wake_failed", { relationshipId, error: errorText(error) });
    return false;
  }
}
