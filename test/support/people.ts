import { createHmac } from "node:crypto";
import { env } from "cloudflare:workers";
import { config } from "../../src/lib/config.ts";
import { newId, uuidv7 } from "../../src/protocol/ids.ts";

const MONTH_MS = 30 * 86_400_000;

export interface Person {
  userId: string;
  sessionId: string;
  email: string;
  name: string;
  /** As an app holds it. */
  token: string;
  /** `Authorization` header of this person. */
  headers: { authorization: string };
}

interface PersonOptions {
  name?: string;
  email?: string;
  timezone?: string;
  /** Without a confirmed address the session is one that must not work. */
  emailVerified?: boolean;
  role?: "user" | "support" | "finance" | "admin";
  now?: number;
}

/** A person who is signed in, written straight into D1: no password is hashed and no mail is sent. */
export async function signedInPerson(options: PersonOptions = {}): Promise<Person> {
  const now = options.now ?? Date.now();
  const userId = newId("user", now);
  const name = options.name ?? "Robin";
  const email = options.email ?? `${userId}@people.test`;
  const at = new Date(now).toISOString();
  await env.DB.prepare(
    `INSERT INTO users (id, email, email_verified, name, timezone, role, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
    .bind(
      userId,
      email,
      (options.emailVerified ?? true) ? 1 : 0,
      name,
      options.timezone ?? "UTC",
      options.role ?? "user",
      at,
      at,
    )
    .run();
  const session = await openSession(userId, now);
  return { userId, email, name, ...session };
}

/** One more session, as another device would have it. */
export async function openSession(
  userId: string,
  now = Date.now(),
  expiresAt = now + MONTH_MS,
): Promise<Pick<Person, "sessionId" | "token" | "headers">> {
  const sessionId = newId("session", now);
  const token = uuidv7(now).replaceAll("-", "");
  const at = new Date(now).toISOString();
  await env.DB.prepare(
    `INSERT INTO sessions (id, user_id, token, expires_at, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)`,
  )
    .bind(sessionId, userId, token, new Date(expiresAt).toISOString(), at, at)
    .run();
  const signed = signToken(token);
  return { sessionId, token: signed, headers: { authorization: `Bearer ${signed}` } };
}

/** As the link of the mail does, for tests that are about something else. */
export async function confirmAddress(email: string): Promise<void> {
  await env.DB.prepare("UPDATE users SET email_verified = 1 WHERE email = ?").bind(email).run();
}

/** Signs as the auth library does; test/auth/session.test.ts holds it to that. */
export function signToken(token: string): string {
  return `${token}.${createHmac("sha256", config(env).AUTH_SECRET).update(token).digest("base64")}`;
}
