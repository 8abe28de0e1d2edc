import type { SessionSelection } from "../db/sessions.ts";
import { endSessions } from "../db/sessions.ts";
import { deliverSoon } from "../pairing/outbox.ts";

/**
 * Ends sessions and has the person's relationship object close their sockets. The message to the object is written with
 * the deletion and delivered right away; if that fails, the five-minute sweep delivers it.
 * @returns how many sessions ended
 */
export async function endSessionsAndTell(env: Env, selection: SessionSelection, now: number): Promise<number> {
  const { sessionIds, relationshipIds } = await endSessions(env.DB, selection, now);
  deliverSoon(env, now, relationshipIds);
  return sessionIds.length;
}
