import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { secureHeaders } from "hono/secure-headers";
import { config } from "../../lib/config.ts";
import { AppError } from "../../protocol/errors.ts";
import type { AppEnv } from "../app-env.ts";

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/** Whether a browser on `origin` may talk to us: our own pages may. Clients that are no browsers send none. */
export function isAllowedOrigin(env: Env, origin: string): boolean {
  const { APP_URL, allowedOrigins } = config(env);
  return allowedOrigins.includes(origin) || origin === new URL(APP_URL).origin;
}

/** Exact origins only; credentials only for them. */
export const crossOrigin: MiddlewareHandler<AppEnv> = cors({
  origin: (origin, c) => (isAllowedOrigin(c.env as Env, origin) ? origin : null),
  allowHeaders: ["authorization", "content-type", "idempotency-key"],
  allowMethods: ["GET", "POST", "PUT", "PATCH", "DELETE"],
  exposeHeaders: ["retry-after", "set-auth-token", "x-request-id"],
  credentials: true,
  maxAge: 600,
});

/**
 * A cookie travels with requests that other sites make, so that a change needs an allowed Origin. Bearer tokens and
 * webhooks have no cookie and are not concerned.
 */
export const originCheck: MiddlewareHandler<AppEnv> = async (c, next) => {
  const origin = c.req.header("origin");
  const foreign = origin !== undefined && !isAllowedOrigin(c.env, origin);
  if (foreign && !SAFE_METHODS.has(c.req.method))
    throw new AppError("origin_not_allowed", "This origin is not allowed");
  if (origin === undefined && !SAFE_METHODS.has(c.req.method) && c.req.header("sec-fetch-site") === "cross-site") {
    throw new AppError("origin_not_allowed", "This origin is not allowed");
  }
  await next();
};

const defaultHeaders: MiddlewareHandler<AppEnv> = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    styleSrc: ["'unsafe-inline'"],
    imgSrc: ["data:"],
    frameSrc: ["'self'"],
    frameAncestors: ["'none'"],
    formAction: ["'self'"],
    baseUri: ["'none'"],
  },
  crossOriginResourcePolicy: "same-site",
  referrerPolicy: "no-referrer",
});

/** Headers for whatever a browser renders. Answers of the API are data and load nothing; a page may bring its own policy. */
export const safetyHeaders: MiddlewareHandler<AppEnv> = async (c, next) => {
  let own: string | null = null;
  await defaultHeaders(c, async () => {
    await next();
    own = c.res.headers.get("content-security-policy");
  });
  if (own !== null) c.header("content-security-policy", own);
};
