import { createHash } from "node:crypto";
import { markEmailVerified } from "../db/users.ts";
import { config } from "../lib/config.ts";
import { deliverMailSoon } from "../mail/delivery.ts";
import type { MailContent } from "../mail/layout.ts";
import { enqueueMail } from "../mail/outbox.ts";
import { alreadyRegisteredMail, passwordChangedMail, passwordResetMail, verificationMail } from "../mail/templates.ts";
import { endSessionsAndTell } from "./end-sessions.ts";

/** The mails that the auth library's events cause. */

interface Recipient {
  id: string;
  email: string;
  name: string;
}

const HOUR_MS = 3_600_000;

export async function mailVerification(env: Env, user: Recipient, token: string, now: number): Promise<void> {
  const link = `${config(env).APP_URL}/api/auth/verify-email?token=${encodeURIComponent(token)}&callbackURL=%2F`;
  await send(env, user, `verification:${digest(token)}`, verificationMail({ name: user.name, link }), now);
}

export async function mailPasswordReset(env: Env, user: Recipient, token: string, now: number): Promise<void> {
  const link = `${resetAddress(env)}?token=${encodeURIComponent(token)}`;
  await send(env, user, `password_reset:${digest(token)}`, passwordResetMail({ name: user.name, link }), now);
}

/** At most one an hour: a form that is sent twice, or a tease, is not worth two mails. */
export async function mailAlreadyRegistered(env: Env, user: Recipient, now: number): Promise<void> {
  const content = alreadyRegisteredMail({ name: user.name, resetLink: resetAddress(env) });
  await send(env, user, `already_registered:${user.id}:${Math.floor(now / HOUR_MS)}`, content, now);
}

/**
 * After a reset: every session that was opened while it ran ends too, the address counts as confirmed, since only its
 * owner could read the link, and the owner is told.
 */
export async function passwordWasReset(env: Env, user: Recipient, now: number): Promise<void> {
  await endSessionsAndTell(env, { userId: user.id }, now);
  await markEmailVerified(env.DB, user.id, now);
  const content = passwordChangedMail({ name: user.name, resetLink: resetAddress(env) });
  await send(env, user, `password_changed:${user.id}:${now}`, content, now);
}

async function send(env: Env, user: Recipient, key: string, content: MailContent, now: number): Promise<void> {
  const mail = { idempotencyKey: key, recipientUserId: user.id, recipientEmail: user.email, content };
  await enqueueMail(env.DB, mail, now).run();
  deliverMailSoon(env, now);
}

function resetAddress(env: Env): string {
  return `${config(env).APP_URL}/api/auth/reset-password`;
}

// The outbox outlives a token; its key must not be one.
function digest(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}
