import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * Session tokens as a client holds them: `<token>.<base64 HMAC-SHA256 of the token under AUTH_SECRET>`, the format of
 * the auth library's signed cookies. Checking it here costs one hash and keeps the library, which is slow to load, out
 * of the path of every request; test/auth/session.test.ts holds the two implementations together.
 */

/** How long a session lives without being used. */
export const SESSION_TTL_MS = 30 * 86_400_000;
/** A session in use is extended at most this often, so that using the app does not mean writing to D1. */
export const SESSION_EXTEND_EVERY_MS = 86_400_000;

const COOKIE_PREFIX = "bt";
const COOKIE_KEY = "session_token";
const SIGNED_TOKEN_MAX_CHARACTERS = 256;

export { COOKIE_PREFIX };

/** Browsers refuse a `__Secure-` cookie over plain HTTP, which is what a development machine serves. */
export function sessionCookieName(appUrl: string): string {
  return `${appUrl.startsWith("https://") ? "__Secure-" : ""}${COOKIE_PREFIX}.${COOKIE_KEY}`;
}

/** The token inside a signed one, or null when it is malformed or not signed by us. */
export function verifySignedToken(signed: string, secret: string): string | null {
  if (signed.length > SIGNED_TOKEN_MAX_CHARACTERS) return null;
  const plain = signed.includes("%") ? decodePercent(signed) : signed;
  const dot = plain.indexOf(".");
  if (dot < 1) return null;
  const token = plain.slice(0, dot);
  const expected = createHmac("sha256", secret).update(token).digest();
  const given = Buffer.from(plain.slice(dot + 1), "base64");
  return given.length === expected.length && timingSafeEqual(given, expected) ? token : null;
}

/** What a request shows to prove a session: apps a bearer token, browsers a cookie. */
export interface PresentedToken {
  via: "bearer" | "cookie";
  signed: string;
}

/** A bearer token wins, and then the cookie is not looked at: an app never depends on what a web view left behind. */
export function presentedToken(headers: Headers, appUrl: string): PresentedToken | null {
  const authorization = headers.get("authorization");
  if (authorization !== null) {
    const bearer = /^bearer +(\S+)$/i.exec(authorization.trim());
    return bearer?.[1] === undefined ? null : { via: "bearer", signed: bearer[1] };
  }
  const name = sessionCookieName(appUrl);
  for (const pair of (headers.get("cookie") ?? "").split(";")) {
    const equals = pair.indexOf("=");
    if (equals > 0 && pair.slice(0, equals).trim() === name) {
      return { via: "cookie", signed: pair.slice(equals + 1).trim() };
    }
  }
  return null;
}

/** The `Set-Cookie` value that keeps a browser's cookie alive as long as its extended session. */
export function sessionCookie(signed: string, appUrl: string, maxAgeSeconds: number): string {
  const value = signed.includes("%") ? signed : encodeURIComponent(signed);
  const secure = appUrl.startsWith("https://") ? "; Secure" : "";
  return `${sessionCookieName(appUrl)}=${value}; Max-Age=${maxAgeSeconds}; Path=/; HttpOnly${secure}; SameSite=Lax`;
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
