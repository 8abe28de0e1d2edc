import type { Actor } from "../protocol/actor.ts";
import { CLOSE } from "../protocol/frames.ts";
import type { Tickets } from "./tickets.ts";

/** Why a socket is served no longer, and the close code that says so. */
export interface Ending {
  code: number;
  reason: string;
}

/** Whether `actor` may be served at `now`: still a member, with a session that lives. Null when so. */
export function endingOf(actor: Actor, now: number, tickets: Tickets, isMember: boolean): Ending | null {
  if (!isMember) return { code: CLOSE.membershipEnded, reason: "membership ended" };
  const isOver = actor.sessionExpiresAt <= now || tickets.hasEnded(actor.sessionId);
  return isOver ? { code: CLOSE.sessionEnded, reason: "session ended" } : null;
}
