import { now as clockNow } from "../lib/clock.ts";
import { errorText, log } from "../lib/log.ts";
import { callRelationship } from "../relationship/stub.ts";
import { deliverNow } from "./outbox.ts";
import { acceptanceInProgress, ownHistoryExists } from "./refusals.ts";

/**
 * While somebody moves from their own relationship into another one, nothing may be written in the first: it would be
 * left behind unseen. A lease of its object refuses writes for a minute. It is only meant to last until the object hears
 * that the relationship has ended; an acceptance that is cut off in between is not protected beyond that minute.
 */

/** The same acceptance may take its own lease again, so that a retry after a crash need not wait. */
export function leaseHolder(invitationId: string, userId: string): string {
  return `accept:${invitationId}:${userId}`;
}

/**
 * Takes the lease on a person's own object.
 * @throws AppError `own_history_exists` when it holds anything; `relationship_not_writable`, which may be tried again,
 *   when another acceptance has the lease or the object could not be made yet
 */
export async function requireEmptySolo(
  env: Env,
  soloId: string,
  userId: string,
  holder: string,
  now: number,
): Promise<void> {
  // An object that was never told of its member does not exist and cannot hold a lease; so it is told first.
  await deliverNow(env, now, [soloId]);
  // The object compares with the clock of its own calls, so the lease begins now, not when the request came.
  const request = { holder, userId, now: clockNow() };
  const lease = await callRelationship(env, soloId, async (stub) => stub.takeWriteLease(request));
  if (lease.granted) return;
  throw lease.reason === "has_rows" ? ownHistoryExists() : acceptanceInProgress();
}

/** Best effort: a lease that stays lapses within a minute. */
export async function releaseLease(env: Env, soloId: string, holder: string): Promise<void> {
  try {
    await callRelationship(env, soloId, async (stub) => stub.releaseWriteLease(holder));
  } catch (error) {
    log.warn("lease.release_failed", { relationshipId: soloId, error: errorText(error) });
  }
}
