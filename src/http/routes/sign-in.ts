import type { Context } from "hono";
import * as z from "zod";
import { forgetAttempt, requireAttempt } from "../../auth/attempts.ts";
import type { signInSchema } from "../../auth/input.ts";
import { callLibrary } from "../../auth/library-call.ts";
import { SESSION_EXTEND_EVERY_MS, SESSION_TTL_MS } from "../../auth/session-token.ts";
import { extendSession, findLiveSession } from "../../db/sessions.ts";
import { assert } from "../../lib/assert.ts";
import { now, toPlatformTime } from "../../lib/clock.ts";
import type { AppEnv } from "../app-env.ts";
import { accountKey, addressKey } from "../middleware/rate-limit.ts";
import { toSession } from "../middleware/session.ts";

/**
 * Checks a password and opens a session. A browser gets a cookie that scripts cannot read; an app gets a bearer token,
 * and so does a page that asks for one by name.
 * @throws AppError `unauthenticated` for a wrong password and for an address that is not confirmed, which nobody can
 *   tell apart; `rate_limited` after ten failures of the account in 15 minutes
 */
export async function signIn(c: Context<AppEnv>, input: z.infer<typeof signInSchema>): Promise<Response> {
  const keys = { sign_in_account: accountKey(c.env, input.email), sign_in_address: addressKey(c) };
  await requireAttempt(c.env.DB, keys, c.var.now);
  const answer = await callLibrary(c.env, {
    method: "POST",
    path: "/sign-in/email",
    body: { email: input.email, password: input.password },
    userAgent: c.req.header("user-agent"),
  });
  await forgetAttempt(c.env.DB, keys);

  const { token } = libraryAnswer.parse(await answer.json());
  // The library keeps the real time, whatever clock development has put us on.
  const row = await findLiveSession(c.env.DB, token, toPlatformTime(now()));
  assert(row !== null, "a session that was opened just now is found");
  const session = toSession(row);
  if (session.expiresAt < c.var.now + SESSION_TTL_MS - SESSION_EXTEND_EVERY_MS) {
    session.expiresAt = c.var.now + SESSION_TTL_MS;
    await extendSession(c.env.DB, session.sessionId, session.expiresAt, c.var.now);
  }
  const signed = answer.headers.get("set-auth-token");
  assert(signed !== null, "the library signs the token");

  const isBrowser = c.req.header("origin") !== undefined;
  const withCookie = input.transport === "cookie" || (input.transport === undefined && isBrowser);
  if (withCookie) {
    for (const cookie of answer.headers.getSetCookie()) c.header("set-cookie", cookie, { append: true });
  } else {
    c.header("set-auth-token", signed);
  }
  return c.json({
    user: { id: session.userId, name: session.name, email: session.email },
    session: { id: session.sessionId, expiresAt: session.expiresAt },
    ...(withCookie ? {} : { token: signed }),
  });
}

const libraryAnswer = z.object({ token: z.string() });
