import type { OverdueRow, Rescheduled } from "../db/relationships.ts";
import { listOverdueRelationships, rescheduleOverdue } from "../db/relationships.ts";
import { errorText, log } from "../lib/log.ts";
import { IDLE_WAKE_MS, HOUR_MS } from "../protocol/limits.ts";
import { callRelationship } from "../relationship/stub.ts";

/** An object that is later than this by its own account may have lost its alarm. */
const OVERDUE_AFTER_MS = 15 * 60_000;
const LONGEST_RETRY_MS = 6 * HOUR_MS;
const CONCURRENT_CALLS = 6;

/**
 * Wakes objects that wanted to be awake a quarter of an hour ago, so that each arms its alarm if that was lost. Most of
 * them are well: only a flush tells D1 of a new due time, and what an object does without anything to flush, such as its
 * clean-up, D1 does not hear of. So the time that each answers is noted here.
 * @param now epoch milliseconds
 * @returns how many were woken
 */
export async function wakeOverdueObjects(env: Env, now: number, options: { limit: number }): Promise<number> {
  const overdue = await listOverdueRelationships(env.DB, now - OVERDUE_AFTER_MS, options.limit);
  if (overdue.length === 0) return 0;
  let woken = 0;
  const rescheduled: Rescheduled[] = [];
  for (let start = 0; start < overdue.length; start += CONCURRENT_CALLS) {
    const chunk = overdue.slice(start, start + CONCURRENT_CALLS);
    const wakes = await Promise.all(chunk.map(async (row) => ({ row, ...(await wake(env, row, now)) })));
    woken += wakes.filter(({ isAwake }) => isAwake).length;
    rescheduled.push(...wakes);
  }
  await rescheduleOverdue(env.DB, rescheduled);
  log.warn("objects.overdue", { count: overdue.length });
  return woken;
}

async function wake(env: Env, row: OverdueRow, now: number): Promise<{ isAwake: boolean; nextDueAt: number }> {
  try {
    const { nextDueAt } = await callRelationship(env, row.id, async (stub) => stub.ensureAlarm());
    // Work that is due already runs in a moment; whether it did is asked a quarter of an hour from now, not before.
    return { isAwake: true, nextDueAt: Math.max(nextDueAt ?? now + IDLE_WAKE_MS, now) };
  } catch (error) {
    log.warn("objects.wake_failed", { relationshipId: row.id, error: errorText(error) });
    return { isAwake: false, nextDueAt: now + retryDelayMs(now - row.heard_at, Math.random()) };
  }
}

/**
 * As long again as the object has been silent, so that waits double, from a quarter of an hour to six hours; each is
 * shortened by up to a half so that tries spread. So objects that stay broken leave the queue to others.
 */
export function retryDelayMs(silentMs: number, jitter: number): number {
  const full = Math.min(LONGEST_RETRY_MS, Math.max(OVERDUE_AFTER_MS, silentMs));
  return Math.round(full * (1 - jitter / 2));
}
