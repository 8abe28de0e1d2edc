import type { AttemptCount, AttemptScope } from "../db/sign-in-attempts.ts";
import { countAttempts, uncountAttempts } from "../db/sign-in-attempts.ts";
import { AppError } from "../protocol/errors.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * Exact limits, counted in D1 by HMAC keys. An address prefix is shared by an office or a dormitory, so it gets more
 * than an account. Windows begin with the first attempt.
 */
const LIMITS: Record<AttemptScope, { max: number; windowMs: number }> = {
  sign_in_account: { max: 10, windowMs: 15 * MINUTE_MS },
  sign_in_address: { max: 100, windowMs: 15 * MINUTE_MS },
  sign_up_account: { max: 5, windowMs: HOUR_MS },
  sign_up_address: { max: 100, windowMs: HOUR_MS },
  mail_link_account: { max: 5, windowMs: HOUR_MS },
  mail_link_address: { max: 100, windowMs: HOUR_MS },
  token_address: { max: 100, windowMs: 15 * MINUTE_MS },
  code_address: { max: 10, windowMs: HOUR_MS },
};

/** Keys of one attempt, made by `accountKey` and `addressKey`. */
export type AttemptKeys = Partial<Record<AttemptScope, string>>;

/**
 * Counts one attempt before it is made, so that a hundred at once cannot all slip through.
 * @throws AppError `rate_limited` with the seconds until the last exceeded window ends
 */
export async function requireAttempt(db: D1Database, keys: AttemptKeys, now: number): Promise<void> {
  const rows = await countAttempts(db, toCounts(keys), now);
  const exceeded = rows.filter((row) => row.attempts > LIMITS[row.scope].max);
  if (exceeded.length === 0) return;
  const endsAt = Math.max(...exceeded.map((row) => row.window_ends_at));
  throw new AppError("rate_limited", "Too many attempts", {
    retryAfterSeconds: Math.max(1, Math.ceil((endsAt - now) / 1_000)),
  });
}

/** Only failures count: a success takes its own attempt back, and nobody else's. */
export async function forgetAttempt(db: D1Database, keys: AttemptKeys): Promise<void> {
  await uncountAttempts(db, toCounts(keys));
}

function toCounts(keys: AttemptKeys): AttemptCount[] {
  const scopes = Object.keys(LIMITS) as AttemptScope[];
  return scopes.flatMap((scope) => {
    const keyHmac = keys[scope];
    return keyHmac === undefined ? [] : [{ scope, keyHmac, windowMs: LIMITS[scope].windowMs }];
  });
}
