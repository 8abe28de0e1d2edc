import { AppError, errorBody, ERRORS, type ErrorBody } from "../protocol/errors.ts";
import { CLOSE, cursorsSchema, SOCKET_PROTOCOL, type Cursors } from "../protocol/frames.ts";
import type { Actor } from "../protocol/actor.ts";
import type { Parts } from "./parts.ts";
import type { Tickets, TokenKind } from "./tickets.ts";

/**
 * Opens a socket for whoever holds a ticket or a resume token. Tokens travel as subprotocols, where no log sees them;
 * cursors travel in the query, so that the first frame already brings what was missed.
 */
export function acceptUpgrade(
  request: Request,
  parts: Pick<Parts, "tickets" | "sockets" | "catchUp" | "couple" | "isMember">,
  now: number,
): Response {
  const offered = (request.headers.get("sec-websocket-protocol") ?? "").split(",").map((part) => part.trim());
  const actor = consume(offered, parts.tickets, now);
  if (actor === null) return refusal(errorBody("unauthenticated", "The ticket is unknown, used or expired"));
  if (!parts.isMember(actor.userId)) return refusal(errorBody("not_found", "No such relationship"));

  const { 0: client, 1: server } = new WebSocketPair();
  if (!offered.includes(SOCKET_PROTOCOL)) return tooOld(client, server, offered);
  try {
    parts.sockets.accept(server, actor, parts.couple.relationship.statusVersion, now);
  } catch (error) {
    if (error instanceof AppError) return refusal(error.body);
    throw error;
  }
  const resume = parts.tickets.issue("resume", actor, now).token;
  const head = JSON.stringify({
    type: "ready",
    protocol: SOCKET_PROTOCOL,
    userId: actor.userId,
    serverTime: now,
    resume,
  });
  const missed = parts.catchUp.fields(actor.userId, cursorsOf(request), now);
  parts.sockets.send(server, `${head.slice(0, -1)},${missed}}`);
  return switching(client, SOCKET_PROTOCOL);
}

function consume(offered: readonly string[], tickets: Tickets, now: number): Actor | null {
  for (const kind of ["ticket", "resume"] satisfies TokenKind[]) {
    const token = offered.find((part) => part.startsWith(`${kind}.`))?.slice(kind.length + 1);
    if (token !== undefined) return tickets.consume(kind, token, now);
  }
  return null;
}

// A browser hides every refusal before the handshake, so that an old client is told by a close code after it.
function tooOld(client: WebSocket, server: WebSocket, offered: readonly string[]): Response {
  server.accept();
  server.send(
    JSON.stringify({ type: "error", error: errorBody("client_too_old", `This server speaks ${SOCKET_PROTOCOL}`) }),
  );
  server.close(CLOSE.clientTooOld, "client too old");
  const version = offered.find((part) => /^bt\.v\d{1,4}$/.test(part));
  return switching(client, version);
}

function switching(client: WebSocket, protocol: string | undefined): Response {
  const headers = protocol === undefined ? undefined : { "sec-websocket-protocol": protocol };
  return new Response(null, { status: 101, webSocket: client, ...(headers && { headers }) });
}

function cursorsOf(request: Request): Cursors | null {
  const query = new URL(request.url).searchParams;
  const number = (name: string): number => Number(query.get(name) ?? Number.NaN);
  const parsed = cursorsSchema.safeParse({ epoch: number("epoch"), couple: number("couple"), own: number("own") });
  return parsed.success ? parsed.data : null;
}

function refusal(error: ErrorBody): Response {
  return Response.json({ error }, { status: ERRORS[error.code].status });
}
