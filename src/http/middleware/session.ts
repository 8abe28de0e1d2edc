import type { Context, MiddlewareHandler } from "hono";
import type { PresentedToken } from "../../auth/session-token.ts";
import {
  presentedToken,
  SESSION_EXTEND_EVERY_MS,
  SESSION_TTL_MS,
  sessionCookie,
  verifySignedToken,
} from "../../auth/session-token.ts";
import type { LiveSessionRow } from "../../db/sessions.ts";
import { extendSession, findLiveSession } from "../../db/sessions.ts";
import { runAfterAnswer } from "../../lib/background.ts";
import { config } from "../../lib/config.ts";
import { AppError } from "../../protocol/errors.ts";
import type { AppEnv, Session } from "../app-env.ts";
import { isAllowedOrigin } from "./browser-safety.ts";

const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Sets `c.var.session` at the cost of one D1 query: the token's signature is checked first, so a made-up token costs
 * none. A cookie counts only for requests of our own pages. Once a day a session in use is extended after the answer.
 * @throws AppError `unauthenticated`, or `origin_not_allowed` for a changing request that another site sent
 */
export const requireSession: MiddlewareHandler<AppEnv> = async (c, next) => {
  const session = await readSession(c);
  if (session === null) throw new AppError("unauthenticated", "Please sign in");
  c.set("session", session);
  await next();
};

/** The session of a request, or null when it has none that lives. */
export async function readSession(c: Context<AppEnv>): Promise<Session | null> {
  const { AUTH_SECRET, APP_URL } = config(c.env);
  const presented = presentedToken(c.req.raw.headers, APP_URL);
  if (presented === null) return null;
  const token = verifySignedToken(presented.signed, AUTH_SECRET);
  if (token === null) return null;
  if (presented.via === "cookie" && !SAFE_METHODS.has(c.req.method)) requireOwnOrigin(c);
  const row = await findLiveSession(c.env.DB, token, c.var.now);
  if (row === null) return null;
  const session = toSession(row);
  extendWhenDue(c, session, presented);
  return session;
}

// Browsers name the sending page's origin on every changing request, so that one without it is not from our pages.
function requireOwnOrigin(c: Context<AppEnv>): void {
  const origin = c.req.header("origin");
  if (origin === undefined || !isAllowedOrigin(c.env, origin)) {
    throw new AppError("origin_not_allowed", "This origin is not allowed");
  }
}

export function toSession(row: LiveSessionRow): Session {
  return {
    userId: row.user_id,
    sessionId: row.session_id,
    expiresAt: Date.parse(row.expires_at),
    signedInAt: row.confirmed_at ?? Date.parse(row.created_at),
    email: row.email,
    name: row.name,
    timezone: row.timezone,
    role: row.role,
  };
}

function extendWhenDue(c: Context<AppEnv>, session: Session, presented: PresentedToken): void {
  const now = c.var.now;
  if (session.expiresAt - now > SESSION_TTL_MS - SESSION_EXTEND_EVERY_MS) return;
  session.expiresAt = now + SESSION_TTL_MS;
  runAfterAnswer(extendSession(c.env.DB, session.sessionId, session.expiresAt, now), "session.extend");
  // An upgrade's answer carries no cookie; the next request renews it.
  if (presented.via === "cookie" && c.req.header("upgrade") === undefined) {
    const cookie = sessionCookie(presented.signed, config(c.env).APP_URL, SESSION_TTL_MS / 1_000);
    c.header("set-cookie", cookie, { append: true });
  }
}
