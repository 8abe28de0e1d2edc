import type { InvitationRow } from "../db/invitations.ts";
import {
  findInvitationsSince,
  freeLapsedCodeStatement,
  insertInvitationStatement,
  renewStatement,
  replaceCodeStatement,
  requireRenewedStatement,
  revokePendingStatement,
} from "../db/invitation-moves.ts";
import { isConstraintFailure, isDuplicate } from "../db/failures.ts";
import { config } from "../lib/config.ts";
import { enqueueInvitationMail } from "../mail/outbox.ts";
import { partnerInvitationMail } from "../mail/templates.ts";
import { AppError } from "../protocol/errors.ts";
import { newId } from "../protocol/ids.ts";
import { DAY_MS } from "../protocol/limits.ts";
import { requireSent, toSent } from "./invitations.ts";
import { alreadyPaired, pairingConflict, requirePending } from "./refusals.ts";
import type { Person } from "./relationships.ts";
import { openRelationship } from "./relationships.ts";
import type { CreateInvitationInput, IssuedInvitation } from "./schema.ts";
import type { InvitationSecret } from "./secrets.ts";
import { hashKeptAddress, newCode, newSecret } from "./secrets.ts";

const INVITATION_DAYS = 7;
const INVITATIONS_A_DAY = 10;
const RESENDS_A_DAY = 3;
/** Digits that a pending invitation has are drawn again; with this many tries a failure is no bad luck. */
const CODE_DRAWS = 8;

export interface Inviter extends Person {
  name: string;
}

/**
 * A new invitation, which makes nothing but an invitation; the one before it is revoked. What it answers is the same
 * whether or not the invited address has an account, because nobody looks.
 * @throws AppError `already_paired`, `rate_limited`, or `invalid_input` for the inviter's own address
 */
export async function createInvitation(
  env: Env,
  inviter: Inviter,
  input: CreateInvitationInput,
  now: number,
): Promise<IssuedInvitation> {
  if (input.inviteeEmail === inviter.email.toLowerCase()) {
    const issues = [{ path: "inviteeEmail", message: "Must be the address of somebody else" }];
    throw new AppError("invalid_input", "The body is not valid", { issues });
  }
  const { relationship } = await openRelationship(env, inviter, now);
  if (relationship.status !== "solo") throw alreadyPaired();

  const invitation = {
    id: newId("invitation", now),
    relationshipId: relationship.id,
    inviterId: inviter.userId,
    inviteeEmail: input.inviteeEmail ?? null,
    message: input.message ?? null,
    expiresAt: now + INVITATION_DAYS * DAY_MS,
  };
  const limits = { since: now - DAY_MS, maxADay: INVITATIONS_A_DAY };
  try {
    const secret = await withNewSecret(env, now, invitation.expiresAt, async (drawn) => {
      await env.DB.batch([
        revokePendingStatement(env.DB, relationship.id, now),
        freeLapsedCodeStatement(env.DB, drawn.stored.codeHmac, now),
        insertInvitationStatement(env.DB, invitation, drawn.stored, now, limits),
        ...invitationMail(env, { ...invitation, inviterName: inviter.name }, drawn, now),
      ]);
    });
    return await issued(env, inviter.userId, invitation.id, secret, now);
  } catch (error) {
    if (!isConstraintFailure(error)) throw error;
    const { count, oldestAt } = await findInvitationsSince(env.DB, relationship.id, limits.since);
    if (count < INVITATIONS_A_DAY || oldestAt === null) throw alreadyPaired();
    throw tooManyInvitations(oldestAt + DAY_MS - now);
  }
}

/** Mails the invitation again, with a new link: the old one cannot be read back from its hash, and so it ends. */
export async function resendInvitation(env: Env, userId: string, id: string, now: number): Promise<IssuedInvitation> {
  const invitation = await requireSent(env.DB, userId, id);
  requirePending(invitation, now);
  requireNobodyWaits(invitation);
  if (invitation.invitee_email === null) throw pairingConflict("no_address", "This invitation was not sent by e-mail");

  const today = new Date(now).toISOString().slice(0, 10);
  const renewal = { expiresAt: now + INVITATION_DAYS * DAY_MS, today, maxADay: RESENDS_A_DAY };
  const mail = {
    id,
    inviterId: userId,
    inviteeEmail: invitation.invitee_email,
    inviterName: invitation.inviter_name,
  };
  try {
    const secret = await withNewSecret(env, now, renewal.expiresAt, async (drawn) => {
      await env.DB.batch([
        freeLapsedCodeStatement(env.DB, drawn.stored.codeHmac, now),
        renewStatement(env.DB, id, drawn.stored, renewal, now),
        requireRenewedStatement(env.DB, id, drawn.stored.tokenHash),
        ...invitationMail(env, mail, drawn, now),
      ]);
    });
    return await issued(env, userId, id, secret, now);
  } catch (error) {
    if (!isConstraintFailure(error)) throw error;
    const current = await requireSent(env.DB, userId, id);
    requirePending(current, now);
    requireNobodyWaits(current);
    // Resends are counted by day, and days are UTC here.
    throw tooManyInvitations(DAY_MS - (now % DAY_MS));
  }
}

/** Six new digits for the same invitation; its link stays. */
export async function renewCode(
  env: Env,
  userId: string,
  id: string,
  now: number,
): Promise<{ code: string; codeExpiresAt: number }> {
  const invitation = await requireSent(env.DB, userId, id);
  requirePending(invitation, now);
  requireNobodyWaits(invitation);
  return drawUntilFree(async () => {
    const code = newCode(config(env).CODE_PEPPER, now, invitation.expires_at);
    const [, replaced] = await env.DB.batch<{ id: string }>([
      freeLapsedCodeStatement(env.DB, code.codeHmac, now),
      replaceCodeStatement(env.DB, id, code, now),
    ]);
    if (replaced?.results.length !== 1)
      throw pairingConflict("awaiting_confirmation", "Somebody waits for your answer");
    return { code: code.code, codeExpiresAt: code.codeExpiresAt };
  });
}

function requireNobodyWaits(invitation: InvitationRow): void {
  if (invitation.provisional_user_id !== null) {
    throw pairingConflict("awaiting_confirmation", "Somebody waits for your answer; confirm or reject them first");
  }
}

async function withNewSecret(
  env: Env,
  now: number,
  expiresAt: number,
  store: (secret: InvitationSecret) => Promise<void>,
): Promise<InvitationSecret> {
  return drawUntilFree(async () => {
    const secret = newSecret(config(env).CODE_PEPPER, now, expiresAt);
    await store(secret);
    return secret;
  });
}

async function drawUntilFree<T>(draw: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await draw();
    } catch (error) {
      if (tries === CODE_DRAWS || !isDuplicate(error, "partner_invitations.code_hmac")) throw error;
    }
  }
}

function invitationLink(env: Env, token: string): string {
  // Behind the #, the token is sent to no server and stands in no log.
  return new URL(`/invitation#token=${token}`, config(env).APP_URL).href;
}

function invitationMail(
  env: Env,
  invitation: { id: string; inviterId: string; inviteeEmail: string | null; inviterName: string },
  secret: InvitationSecret,
  now: number,
): D1PreparedStatement[] {
  if (invitation.inviteeEmail === null) return [];
  const link = invitationLink(env, secret.token);
  const content = partnerInvitationMail({
    inviterName: invitation.inviterName,
    link,
    code: secret.code,
    expiresInDays: INVITATION_DAYS,
  });
  const mail = {
    idempotencyKey: `partner_invitation:${invitation.id}:${secret.stored.tokenHash}`,
    recipientUserId: null,
    recipientEmail: invitation.inviteeEmail,
    content,
  };
  const addressHmac = hashKeptAddress(config(env).CODE_PEPPER, invitation.inviteeEmail);
  return [enqueueInvitationMail(env.DB, mail, { inviterId: invitation.inviterId, addressHmac }, now)];
}

async function issued(
  env: Env,
  userId: string,
  id: string,
  secret: InvitationSecret,
  now: number,
): Promise<IssuedInvitation> {
  const link = invitationLink(env, secret.token);
  return {
    invitation: toSent(await requireSent(env.DB, userId, id), now),
    token: secret.token,
    link,
    qrContent: link,
    code: secret.code,
    codeExpiresAt: secret.stored.codeExpiresAt,
  };
}

function tooManyInvitations(waitMs: number): AppError {
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1_000));
  return new AppError("rate_limited", "Too many invitations today", { retryAfterSeconds });
}
