import type { Context } from "hono";
import { config } from "../../lib/config.ts";
import { AppError } from "../../protocol/errors.ts";
import type { AppEnv } from "../app-env.ts";

/** Whether a page of `origin` may speak for a signed-in browser: ours, or one that ALLOWED_ORIGINS names exactly. */
export function isOwnOrigin(env: Env, origin: string): boolean {
  const { APP_URL, allowedOrigins } = config(env);
  return origin === new URL(APP_URL).origin || allowedOrigins.includes(origin);
}

/**
 * For a request that a cookie authenticates. Browsers name the sending page's origin on every changing request, so one
 * without it does not come from our pages.
 * @throws AppError `origin_not_allowed`
 */
export function requireOwnOrigin(c: Context<AppEnv>): void {
  const origin = c.req.header("origin");
  if (origin === undefined || !isOwnOrigin(c.env, origin)) refuse();
}

/**
 * For a request that signs in or up: apps send no origin, a browser's must be ours. So no other site can sign its
 * visitor in to an account of its choosing.
 * @throws AppError `origin_not_allowed`
 */
export function refuseForeignOrigin(c: Context<AppEnv>): void {
  const origin = c.req.header("origin");
  if (origin !== undefined && !isOwnOrigin(c.env, origin)) refuse();
}

function refuse(): never {
  throw new AppError("origin_not_allowed", "This site may not send this request");
}
