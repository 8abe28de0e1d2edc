import * as z from "zod";
import { isReader, messagesJson, type LoggedEvent } from "../domain/events.ts";
import { actorSchema, type Actor } from "../protocol/actor.ts";
import { AppError } from "../protocol/errors.ts";
import { CLOSE, PING, PONG } from "../protocol/frames.ts";
import { PRESENCE_FRESH_MS, RATE_LIMIT_STRIKES, SOCKETS_PER_MEMBER, SOCKET_STALE_MS } from "../protocol/limits.ts";
import type { Ending } from "./ending.ts";

// What survives hibernation is input: another version of this code may have written it.
const attachmentSchema = z.strictObject({
  v: z.literal(1),
  actor: actorSchema,
  connectedAt: z.int(),
  /** The status version at the time; sockets of before there was one know no parting. */
  statusVersion: z.int().default(1),
});

export interface Connection {
  actor: Actor;
  connectedAt: number;
  /** The relationship's status version when it was opened. */
  statusVersion: number;
  /** Epoch milliseconds of the last frame, as far as memory reaches. */
  seenAt: number;
  /** Token bucket of the rate limit; a woken object starts with a full one. */
  tokens: number;
  refilledAt: number;
  strikes: number;
}

export interface RateLimit {
  perSecond: number;
  burst: number;
}

export type Admission = "admitted" | "refused" | "closed";

/** The object's open sockets. Everything here can be rebuilt from the platform's list and the attachments. */
export class Sockets {
  readonly #ctx: DurableObjectState;
  readonly #limit: RateLimit;
  readonly #endOf: (connection: Connection, now: number) => Ending | null;
  #open: Map<WebSocket, Connection> | undefined;

  constructor(
    ctx: DurableObjectState,
    limit: RateLimit,
    endOf: (connection: Connection, now: number) => Ending | null,
  ) {
    this.#ctx = ctx;
    this.#limit = limit;
    this.#endOf = endOf;
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
  }

  /** Sockets and who is behind them. */
  get open(): ReadonlyMap<WebSocket, Connection> {
    return this.#connections();
  }

  /**
   * Accepts `socket` for `actor`.
   * @throws AppError `too_many_sockets` when the member has as many live ones as allowed
   */
  accept(socket: WebSocket, actor: Actor, statusVersion: number, now: number): Connection {
    this.reap(now);
    const own = [...this.open.values()].filter((other) => other.actor.userId === actor.userId);
    if (own.length >= SOCKETS_PER_MEMBER) {
      throw new AppError("too_many_sockets", `At most ${SOCKETS_PER_MEMBER} sockets a member`, {
        retryAfterSeconds: 60,
      });
    }
    this.#ctx.acceptWebSocket(socket);
    socket.serializeAttachment({ v: 1, actor, connectedAt: now, statusVersion });
    const connection = this.#connection(actor, now, statusVersion);
    this.#connections().set(socket, connection);
    return connection;
  }

  /** The connection of a socket that just spoke, or null after closing one that is not ours to serve. */
  speaking(socket: WebSocket, now: number): Connection | null {
    const connection = this.open.get(socket);
    if (connection === undefined) {
      this.close(socket, CLOSE.policy, "unknown connection");
      return null;
    }
    if (this.#closeIfEnded(socket, connection, now)) return null;
    connection.seenAt = now;
    return connection;
  }

  // A close can be lost in a crash or on its way, so that whoever should be gone may still be connected.
  #closeIfEnded(socket: WebSocket, connection: Connection, now: number): boolean {
    const ending = this.#endOf(connection, now);
    if (ending !== null) this.close(socket, ending.code, ending.reason);
    return ending !== null;
  }

  /** Takes one message out of the socket's bucket. Whoever keeps sending over the limit is closed. */
  admit(socket: WebSocket, connection: Connection, now: number): Admission {
    const { perSecond, burst } = this.#limit;
    const seconds = Math.max(0, now - connection.refilledAt) / 1_000;
    connection.tokens = Math.min(burst, connection.tokens + seconds * perSecond);
    // Forgiven one a second, so that whoever is a little over the limit is only slowed down.
    connection.strikes = Math.max(0, connection.strikes - seconds);
    connection.refilledAt = now;
    if (connection.tokens >= 1) {
      connection.tokens -= 1;
      return "admitted";
    }
    connection.strikes += 1;
    if (connection.strikes < RATE_LIMIT_STRIKES) return "refused";
    this.close(socket, CLOSE.policy, "rate limit");
    return "closed";
  }

  /** Takes `tokens` more for a message that turned out to be worth several; a debt delays the next ones. */
  charge(connection: Connection, tokens: number): void {
    connection.tokens -= tokens;
  }

  /** Sends `events` to every socket whose member may see them, except to `sender`, whose result carries its own. */
  broadcast(events: readonly LoggedEvent[], now: number, sender: WebSocket | null = null): void {
    if (events.length === 0) return;
    const frames = new Map<string, string | null>();
    for (const [socket, connection] of this.open) {
      const { actor } = connection;
      if (socket === sender || this.#closeIfEnded(socket, connection, now)) continue;
      let frame = frames.get(actor.userId);
      if (frame === undefined) {
        const visible = events.filter((event) => isReader(event, actor.userId));
        frame = visible.length === 0 ? null : `{"type":"events","events":${messagesJson(visible)}}`;
        frames.set(actor.userId, frame);
      }
      if (frame !== null) this.send(socket, frame);
    }
  }

  send(socket: WebSocket, frame: string): void {
    try {
      socket.send(frame);
    } catch {
      // The peer went away and the close event is on its way; the client resumes from its cursors.
      this.#connections().delete(socket);
    }
  }

  /** Closes every socket for which `matches` holds. */
  closeWhere(matches: (connection: Connection) => boolean, code: number, reason: string): void {
    for (const [socket, connection] of this.open) {
      if (matches(connection)) this.close(socket, code, reason);
    }
  }

  /** Closes whatever should be closed already. */
  closeEnded(now: number): void {
    for (const [socket, connection] of this.open) this.#closeIfEnded(socket, connection, now);
  }

  close(socket: WebSocket, code: number, reason: string): void {
    this.#connections().delete(socket);
    try {
      const isForGood = code === CLOSE.sessionEnded || code === CLOSE.membershipEnded;
      // Not every client hears of a close before the connection beneath it is gone, which can take seconds.
      if (isForGood && socket.readyState === WebSocket.OPEN) {
        socket.send(JSON.stringify({ type: "ended", code, reason }));
      }
      socket.close(code, reason);
    } catch {
      // Already closed by the peer.
    }
  }

  forget(socket: WebSocket): Connection | null {
    const connection = this.open.get(socket) ?? null;
    this.#connections().delete(socket);
    return connection;
  }

  /** Closes sockets without a sign of life for so long that their network is gone. */
  reap(now: number): void {
    for (const [socket, connection] of this.open) {
      if (this.#aliveAt(socket, connection) < now - SOCKET_STALE_MS) this.close(socket, CLOSE.goingAway, "silent");
    }
  }

  /** Members with a socket that gave a sign of life lately. */
  present(now: number): Set<string> {
    const present = new Set<string>();
    for (const [socket, connection] of this.open) {
      if (this.#aliveAt(socket, connection) >= now - PRESENCE_FRESH_MS) present.add(connection.actor.userId);
    }
    return present;
  }

  #aliveAt(socket: WebSocket, connection: Connection): number {
    const answered = this.#ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? 0;
    return Math.max(connection.seenAt, answered);
  }

  #connection(actor: Actor, connectedAt: number, statusVersion: number): Connection {
    const fresh = { seenAt: connectedAt, tokens: this.#limit.burst, refilledAt: connectedAt, strikes: 0 };
    return { actor, connectedAt, statusVersion, ...fresh };
  }

  #connections(): Map<WebSocket, Connection> {
    if (this.#open !== undefined) return this.#open;
    this.#open = new Map();
    for (const socket of this.#ctx.getWebSockets()) {
      const attachment = attachmentSchema.safeParse(socket.deserializeAttachment());
      if (!attachment.success) {
        this.close(socket, CLOSE.policy, "unknown connection");
        continue;
      }
      const { actor, connectedAt, statusVersion } = attachment.data;
      this.#open.set(socket, this.#connection(actor, connectedAt, statusVersion));
    }
    return this.#open;
  }
}
