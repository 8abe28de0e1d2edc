/** The words of a socket that need no schema, apart from it so that a client need not carry the schema library. */

/** The subprotocol that both sides speak. A client offers it together with `ticket.<value>` or `resume.<value>`. */
export const SOCKET_PROTOCOL = "bt.v1";
/** Answered by the platform without waking the object. */
export const PING = "ping";
export const PONG = "pong";

export const CLOSE = {
  goingAway: 1001,
  policy: 1008,
  tooBig: 1009,
  sessionEnded: 4401,
  membershipEnded: 4403,
  clientTooOld: 4426,
} as const;
