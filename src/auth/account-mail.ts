import { createHash } from "node:crypto";
import { findRecentMails } from "../db/mail-outbox.ts";
import { cancelRecoveriesStatement } from "../db/recoveries.ts";
import { markEmailVerified } from "../db/users.ts";
import { runAfterAnswer } from "../lib/background.ts";
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
const VERIFICATION_PAUSE_MS = 5 * 60_000;
/** As many as the mail routes allow an account (src/auth/attempts.ts), whatever caused them. */
const VERIFICATIONS_AN_HOUR = 5;

export async function mailVerification(env: Env, user: Recipient, token: string, now: number): Promise<void> {
  await send(env, user, `verification:${digest(token)}`, verificationContent(env, user, token), now);
}

/**
 * The right password of an address that is not confirmed yet: whoever lost the first link gets another. It happens after
 * the answer, which takes no longer than that to a wrong password, and what limits it are the mails themselves: the
 * limits of the mail routes can be felt from outside, and spending them here would tell that the account exists.
 */
export function mailVerificationAgain(env: Env, user: Recipient, token: string, now: number): void {
  const work = async (): Promise<void> => {
    const { count, newestAt } = await findRecentMails(env.DB, user.id, "verification", now - HOUR_MS);
    if (count >= VERIFICATIONS_AN_HOUR || (newestAt ?? 0) > now - VERIFICATION_PAUSE_MS) return;
    // The key holds two sign-ins at once to one mail, which would both have found none.
    const key = `verification:${user.id}:${Math.floor(now / VERIFICATION_PAUSE_MS)}`;
    await send(env, user, key, verificationContent(env, user, token), now);
  };
  runAfterAnswer(work(), "auth.verification");
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
 * owner could read the link, and the owner is told. Whoever can choose a password needs no recovery by others.
 */
export async function passwordWasReset(env: Env, user: Recipient, now: number): Promise<void> {
  await cancelRecoveriesStatement(env.DB, user.id, now).run();
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

function verificationContent(env: Env, user: Recipient, token: string): MailContent {
  const link = `${config(env).APP_URL}/api/auth/verify-email?token=${encodeURIComponent(token)}&callbackURL=%2Finvitation%2F`;
  return verificationMail({ name: user.name, link });
}

function resetAddress(env: Env): string {
  return `${config(env).APP_URL}/api/auth/reset-password`;
}

// The outbox outlives a token; its key must not be one.
function digest(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}
