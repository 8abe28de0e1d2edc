import { createHmac, timingSafeEqual } from "node:crypto";
import { config } from "../lib/config.ts";

/**
 * The secret of a calendar address: HMAC-SHA256 (256 bits) of the feed under the deployment's secret, in base64url. It
 * is stored nowhere, and an address that somebody made up is known as such without asking any object.
 */
function signature(env: Env, relationshipId: string, feedId: string): string {
  return createHmac("sha256", config(env).AUTH_SECRET)
    .update(`calendar-feed\n${relationshipId}\n${feedId}`)
    .digest("base64url");
}

/** The address that a calendar application subscribes to. The secret is in the query, which logs leave out. */
export function calendarAddress(env: Env, relationshipId: string, feedId: string): string {
  const url = new URL(`/calendar/${relationshipId}/${feedId}.ics`, config(env).APP_URL);
  url.searchParams.set("key", signature(env, relationshipId, feedId));
  return url.href;
}

export function isSigned(env: Env, relationshipId: string, feedId: string, key: string): boolean {
  const expected = Buffer.from(signature(env, relationshipId, feedId));
  const given = Buffer.from(key);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
