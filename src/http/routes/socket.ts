import { Hono } from "hono";
import { AppError, type ErrorBody } from "../../protocol/errors.ts";
import { callRelationship } from "../../relationship/stub.ts";
import type { AppEnv } from "../app-env.ts";
import { isAllowedOrigin } from "../middleware/browser-safety.ts";
import { renderError } from "../middleware/error-handler.ts";
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
  const relationshipId = requireRelationshipId(c.req.param("id"));
  const response = await callRelationship(c.env, relationshipId, (stub) => stub.fetch(c.req.raw));
  if (response.status === 101) return response;
  // The object's refusals get the headers and the request id of every other answer.
  const { error } = await response.json<{ error: ErrorBody }>();
  return renderError(c, error);
});
