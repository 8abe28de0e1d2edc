import type { Context } from "hono";
import { Hono } from "hono";
import { ANSWER_FLOOR_MS, notBefore } from "../../auth/answer-floor.ts";
import { forgetAttempt, requireAttempt } from "../../auth/attempts.ts";
import { confirmIdentity } from "../../auth/confirm.ts";
import {
  confirmIdentitySchema,
  emailOnlySchema,
  emptySchema,
  resetPageQuerySchema,
  resetPasswordSchema,
  revokeSessionSchema,
  signInSchema,
  signUpSchema,
  verifyEmailQuerySchema,
} from "../../auth/input.ts";
import { endSessionsAndTell } from "../../auth/end-sessions.ts";
import { callLibrary } from "../../auth/library-call.ts";
import { resetPage } from "../../auth/reset-page.ts";
import { sessionCookie } from "../../auth/session-token.ts";
import { config } from "../../lib/config.ts";
import { AppError } from "../../protocol/errors.ts";
import type { AppEnv } from "../app-env.ts";
import { accountKey, addressKey, rateLimit, requireWithinRate } from "../middleware/rate-limit.ts";
import { readSession, requireSession } from "../middleware/session.ts";
import { parse, parseBody } from "../middleware/validate.ts";
import { listOwnSessions } from "./me.ts";
import { signIn } from "./sign-in.ts";

/**
 * /api/auth: the whole list of what the auth library is asked for. Its other endpoints do not exist here. Sign-up,
 * reset and verification mail answer alike, and no sooner, for an address that is known and one that is not.
 */
export const auth = new Hono<AppEnv>();

// A key per route: whoever looks at their sessions is not kept from signing in.
auth.use(rateLimit("RATE_AUTH", (c) => `${addressKey(c)}:${c.req.path}`));

auth.post("/sign-up/email", async (c) => {
  const input = await parseBody(c, signUpSchema);
  await requireAllowed(c, "sign_up", input.email);
  await notBefore(ANSWER_FLOOR_MS, signUp(c, input));
  return c.json({ status: "confirmation_sent" });
});

async function signUp(c: Context<AppEnv>, input: Record<string, unknown>): Promise<void> {
  try {
    await callLibrary(c.env, { method: "POST", path: "/sign-up/email", body: input });
  } catch (error) {
    // Two sign-ups with one address raced; the other one won, and its mail is on the way.
    if (!(error instanceof AppError && error.code === "conflict")) throw error;
  }
}

auth.post("/sign-in/email", async (c) => {
  const input = await parseBody(c, signInSchema);
  await requireWithinRate(c, "RATE_AUTH", accountKey(c.env, input.email));
  return signIn(c, input);
});

auth.post("/sign-out", async (c) => {
  await parseBody(c, emptySchema);
  const session = await readSession(c);
  if (session !== null) {
    await endSessionsAndTell(c.env, { userId: session.userId, sessionId: session.sessionId }, c.var.now);
  }
  c.header("set-cookie", sessionCookie("", config(c.env).APP_URL, 0));
  return c.json({ status: "signed_out" });
});

auth.get("/verify-email", async (c) => {
  const query = parse(verifyEmailQuerySchema, c.req.query(), "query");
  await requireAttempt(c.env.DB, { token_address: addressKey(c) }, c.var.now);
  const verified = callLibrary(c.env, { method: "GET", path: "/verify-email", query: { token: query.token } });
  if (query.callbackURL === undefined) {
    await verified;
    return c.json({ status: "verified" });
  }
  return c.redirect(await verificationOutcome(verified, query.callbackURL), 303);
});

// Whoever opens the link of a mail lands on a page, also when the link is too old.
async function verificationOutcome(verified: Promise<unknown>, path: string): Promise<string> {
  const separator = path.includes("?") ? "&" : "?";
  try {
    await verified;
    return `${path}${separator}verified=1`;
  } catch (error) {
    if (error instanceof AppError && error.code === "invalid_input") return `${path}${separator}verified=0`;
    throw error;
  }
}

auth.post("/send-verification-email", async (c) => {
  const { email } = await parseBody(c, emailOnlySchema);
  await requireAllowed(c, "mail_link", email);
  const call = callLibrary(c.env, { method: "POST", path: "/send-verification-email", body: { email } });
  await notBefore(ANSWER_FLOOR_MS, call);
  return c.json({ status: "sent_if_needed" });
});

auth.post("/request-password-reset", async (c) => {
  const { email } = await parseBody(c, emailOnlySchema);
  await requireAllowed(c, "mail_link", email);
  const call = callLibrary(c.env, { method: "POST", path: "/request-password-reset", body: { email } });
  await notBefore(ANSWER_FLOOR_MS, call);
  return c.json({ status: "sent_if_known" });
});

auth.get("/reset-password", (c) => {
  const { token } = parse(resetPageQuerySchema, c.req.query(), "query");
  const page = resetPage(token !== undefined, crypto.randomUUID());
  c.header("content-security-policy", page.contentSecurityPolicy);
  c.header("referrer-policy", "no-referrer");
  c.header("cache-control", "no-store");
  return c.html(page.html);
});

auth.post("/reset-password", async (c) => {
  const input = await parseBody(c, resetPasswordSchema);
  await requireAttempt(c.env.DB, { token_address: addressKey(c) }, c.var.now);
  await callLibrary(c.env, { method: "POST", path: "/reset-password", body: input });
  return c.json({ status: "password_changed" });
});

auth.post("/confirm", requireSession, async (c) => {
  const { password } = await parseBody(c, confirmIdentitySchema);
  const account = accountKey(c.env, c.var.session.email);
  await requireWithinRate(c, "RATE_AUTH", account);
  // Counted with sign-ins: a stolen session gives no further guesses.
  const keys = { sign_in_account: account, sign_in_address: addressKey(c) };
  await requireAttempt(c.env.DB, keys, c.var.now);
  await confirmIdentity(c.env, c.var.session, password, c.var.now);
  await forgetAttempt(c.env.DB, keys);
  return c.json({ status: "confirmed" });
});

auth.get("/list-sessions", requireSession, async (c) => c.json(await listOwnSessions(c)));

auth.post("/revoke-session", requireSession, async (c) => {
  const { sessionId } = await parseBody(c, revokeSessionSchema);
  const ended = await endSessionsAndTell(c.env, { userId: c.var.session.userId, sessionId }, c.var.now);
  if (ended === 0) throw new AppError("not_found", "No such session");
  return c.json({ status: "revoked" });
});

auth.post("/revoke-other-sessions", requireSession, async (c) => {
  await parseBody(c, emptySchema);
  const { userId, sessionId } = c.var.session;
  const ended = await endSessionsAndTell(c.env, { userId, exceptSessionId: sessionId }, c.var.now);
  return c.json({ status: "revoked", ended });
});

/** The fence and the exact counts of a route that is asked about an address. */
async function requireAllowed(c: Context<AppEnv>, what: "sign_up" | "mail_link", email: string): Promise<void> {
  const account = accountKey(c.env, email);
  await requireWithinRate(c, "RATE_AUTH", account);
  const keys =
    what === "sign_up"
      ? { sign_up_account: account, sign_up_address: addressKey(c) }
      : { mail_link_account: account, mail_link_address: addressKey(c) };
  await requireAttempt(c.env.DB, keys, c.var.now);
}
