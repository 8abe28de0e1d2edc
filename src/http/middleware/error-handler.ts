import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { errorText, log } from "../../lib/log.ts";
import { AppError, errorBody, ERRORS, type ErrorBody } from "../../protocol/errors.ts";
import type { AppEnv } from "../app-env.ts";

/** The one place that turns an error into an HTTP answer. */
export function renderError(c: Context<AppEnv>, error: ErrorBody): Response {
  const retryAfter = error.details?.retryAfterSeconds;
  if (retryAfter !== undefined) c.header("retry-after", String(retryAfter));
  const status: ContentfulStatusCode = ERRORS[error.code].status;
  return c.json({ error, requestId: c.var.requestId }, status);
}

export function onError(error: Error, c: Context<AppEnv>): Response {
  if (error instanceof AppError) return renderError(c, error.body);
  const isAway = isDatabaseAway(error);
  log.error("request_failed", {
    requestId: c.var.requestId,
    method: c.req.method,
    route: c.req.path.replaceAll(/_[0-9a-f-]{36}/g, "_:id").slice(0, 120),
    error: errorText(error),
  });
  if (isAway) return renderError(c, errorBody("unavailable", "Please try again in a moment", { retryAfterSeconds: 5 }));
  return renderError(c, errorBody("internal", "Something went wrong on our side"));
}

// D1 says in words what went wrong. A refused value or statement is our bug; everything else passes by itself.
function isDatabaseAway(error: Error): boolean {
  return error.message.startsWith("D1_ERROR") && !error.message.includes("SQLITE_");
}

export function onNotFound(c: Context<AppEnv>): Response {
  return renderError(c, errorBody("not_found", "No such page"));
}
