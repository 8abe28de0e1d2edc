import type { Actor } from "../protocol/actor.ts";
import { CLOSE } from "../protocol/frames.ts";
import type { Tickets } from "./tickets.ts";

/** Why a socket is served no longer, and the close code that says so. */
export interface Ending {
  code: number;
  reason: string;
}

export const MEMBERSHIP_ENDED: Ending = { code: CLOSE.membershipEnded, reason: "membership ended" };

interface Standing {
  isMember: boolean;
  /** The status version of the last parting, 0 before the first. */
  partedVersion: number;
}

/**
 * Whether the socket of `actor` may be served at `now`: still a member, not parted since it was opened, with a session
 * that lives. Null when so.
 * @param openedAtVersion the status version with which the socket was opened
 */
export function endingOf(
  actor: Actor,
  openedAtVersion: number,
  now: number,
  tickets: Tickets,
  standing: Standing,
): Ending | null {
  if (!standing.isMember || openedAtVersion < standing.partedVersion) return MEMBERSHIP_ENDED;
  const isOver = actor.sessionExpiresAt <= now || tickets.hasEnded(actor.sessionId);
  return isOver ? { code: CLOSE.sessionEnded, reason: "session ended" } : null;
}
