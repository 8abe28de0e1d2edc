import type { Context, MiddlewareHandler } from "hono";
import { addressPrefix, keyedHash } from "../../auth/keyed-hash.ts";
import { config } from "../../lib/config.ts";
import { errorText, log } from "../../lib/log.ts";
import { AppError } from "../../protocol/errors.ts";
import type { AppEnv } from "../app-env.ts";

/** The period of all three bindings in wrangler.jsonc. */
const PERIOD_SECONDS = 60;

export type RateBinding = "RATE_AUTH" | "RATE_INVITATIONS" | "RATE_TICKETS";

/**
 * A first fence: the platform's limiter counts per location and roughly. What must be exact is counted in D1
 * (src/auth/attempts.ts) or in the object.
 * @param keyFn whom to count; an HMAC or an id of ours, never an address as it came
 * @throws AppError `rate_limited`, or `unavailable` when the limiter does not answer: it fails closed
 */
export function rateLimit(
  binding: RateBinding,
  keyFn: (c: Context<AppEnv>) => string | Promise<string>,
): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    await requireWithinRate(c, binding, await keyFn(c));
    await next();
  };
}

/** The same fence inside a handler, for a key that is known only after the body was read. */
export async function requireWithinRate(c: Context<AppEnv>, binding: RateBinding, key: string): Promise<void> {
  let success: boolean;
  try {
    ({ success } = await c.env[binding].limit({ key }));
  } catch (error) {
    log.error("rate_limit.unavailable", { requestId: c.var.requestId, kind: binding, error: errorText(error) });
    throw new AppError("unavailable", "Please try again in a moment", { retryAfterSeconds: 1 });
  }
  if (!success) {
    throw new AppError("rate_limited", "Too many requests", { retryAfterSeconds: PERIOD_SECONDS });
  }
}

/** Key of the caller's address prefix. */
export function addressKey(c: Context<AppEnv>): string {
  return keyedHash(config(c.env).CODE_PEPPER, "address", addressPrefix(c.req.header("cf-connecting-ip")));
}

/** Key of an account's e-mail address, whether or not the account exists. */
export function accountKey(env: Env, email: string): string {
  return keyedHash(config(env).CODE_PEPPER, "account", email.toLowerCase());
}

/** Key of whoever is signed in. */
export function sessionUserKey(c: Context<AppEnv>): string {
  return c.var.session.userId;
}
