import { Hono } from "hono";
import { now } from "../../lib/clock.ts";
import { SOCKET_PROTOCOL } from "../../protocol/frames.ts";
import { callRelationship } from "../../relationship/stub.ts";
import type { AppEnv } from "../app-env.ts";
import { renderError } from "../middleware/error-handler.ts";
import { rateLimit, sessionUserKey } from "../middleware/rate-limit.ts";
import { requireSession } from "../middleware/session.ts";
import { requireRelationshipId } from "./operations.ts";

/** One-use tickets for a socket, bound to the session that asks. */
export const tickets = new Hono<AppEnv>().post(
  "/:id/tickets",
  requireSession,
  rateLimit("RATE_TICKETS", sessionUserKey),
  async (c) => {
    const relationshipId = requireRelationshipId(c.req.param("id"));
    const { userId, sessionId, expiresAt: sessionExpiresAt, signedInAt } = c.var.session;
    const actor = { userId, sessionId, sessionExpiresAt, signedInAt };
    // The object checks tickets by its own clock, never by a demo's.
    const reply = await callRelationship(c.env, relationshipId, (stub) => stub.issueTicket(actor, now()));
    if (!reply.ok) return renderError(c, reply.error);
    return c.json({ ticket: reply.ticket, expiresAt: reply.expiresAt, protocol: SOCKET_PROTOCOL }, 201);
  },
);
