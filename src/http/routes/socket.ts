import { Hono } from "hono";
import { AppError } from "../../protocol/errors.ts";
import { relationshipStub } from "../../relationship/stub.ts";
import type { AppEnv } from "../app-env.ts";
import { isAllowedOrigin } from "../middleware/browser-safety.ts";
import { requireRelationshipId } from "./operations.ts";

/** The WebSocket upgrade. Costs no query: the ticket carries the session, and the object knows its members. */
export const socket = new Hono<AppEnv>().get("/:id/socket", async (c) => {
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
