import { Hono } from "hono";
import { callRelationship, relationshipStub } from "../../relationship/stub.ts";
import { AppError } from "../../protocol/errors.ts";
import { now } from "../../lib/clock.ts";
import { SOCKET_PROTOCOL } from "../../protocol/frames.ts";
import type { AppEnv } from "../app-env.ts";
import { isAllowedOrigin } from "../middleware/browser-safety.ts";
import { renderError } from "../middleware/error-handler.ts";
import { rateLimit } from "../middleware/rate-limit.ts";
import { requireSession } from "../middleware/session.ts";
import { requireRelationshipId } from "./operations.ts";

/** Tickets, and the socket that a ticket opens. The socket itself costs no query: the ticket carries the session. */
export const socket = new Hono<AppEnv>()
  .post("/:id/tickets", requireSession, rateLimit("RATE_TICKETS", (c) => c.var.session.userId), async (c) => {
    const relationshipId = requireRelationshipId(c.req.param("id"));
    const { userId, sessionId, expiresAt: sessionExpiresAt } = c.var.session;
    const reply = await callRelationship(c.env, relationshipId, (stub) =>
      stub.issueTicket({ userId, sessionId, sessionExpiresAt }, now()),
    );
    if (!reply.ok) return renderError(c, reply.error);
    return c.json({ ticket: reply.ticket, expiresAt: reply.expiresAt, protocol: SOCKET_PROTOCOL }, 201);
  })
  .get("/:id/socket", async (c) => {
    if (c.req.header("upgrade")?.toLowerCase() !== "websocket") {
      throw new AppError("invalid_input", "Open this address as a WebSocket", {
        issues: [{ path: "upgrade", message: "Expected websocket" }],
      });
    }
    const origin = c.req.header("origin");
    if (origin !== undefined && !isAllowedOrigin(c.env, origin)) {
      throw new AppError("origin_not_allowed", "This origin is not allowed");
    }
    return relationshipStub(c.env, requireRelationshipId(c.req.param("id"))).fetch(c.req.raw);
  });
