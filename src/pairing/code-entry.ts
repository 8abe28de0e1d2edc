import { forgetAttempt, requireAttempt } from "../auth/attempts.ts";
import { countCodeAttempt, uncountCodeAttempt } from "../db/code-attempts.ts";
import type { InvitationRow } from "../db/invitations.ts";
import { findPendingInvitationByCode, wasJoinedByCode } from "../db/invitations.ts";
import { config } from "../lib/config.ts";
import { AppError } from "../protocol/errors.ts";
import { accept } from "./accept.ts";
import { hold } from "./holding.ts";
import { requireSent } from "./invitations.ts";
import { alreadyPaired, pairingConflict, requirePending } from "./refusals.ts";
import { findLiveRelationship } from "./relationships.ts";
import type { Acceptance, RelationshipSummary } from "./schema.ts";
import { hashCode } from "./secrets.ts";

/**
 * Six digits can be guessed, so they are worth less than a link: whoever types them waits until the inviter has seen
 * their name and said yes. Wrong codes are counted per account and per address prefix.
 * @param addressKey HMAC of the caller's address prefix
 * @throws AppError `not_found` for a wrong code, `rate_limited` when too many were
 */
export async function enterCode(
  env: Env,
  userId: string,
  code: string,
  addressKey: string,
  now: number,
): Promise<Acceptance> {
  const codeHmac = hashCode(config(env).CODE_PEPPER, code);
  const live = await findLiveRelationship(env.DB, userId);
  if (live !== null && live.status !== "solo") {
    // A lost answer makes people type the code again; nobody else learns from this whether a code is right.
    if (await wasJoinedByCode(env.DB, live.id, userId, codeHmac)) return { status: "accepted", relationship: live };
    throw alreadyPaired();
  }
  const invitation = await requireRightCode(env, userId, codeHmac, addressKey, now);
  if (invitation.inviter_user_id === userId) throw pairingConflict("own_invitation", "This is your own invitation");
  return hold(env, invitation, { codeHmac }, userId, now);
}

/**
 * The inviter says that whoever typed the code is the person they meant. Saying so again answers the same.
 * @param expectedUserId whose name the inviter saw, if the client says so
 * @returns the relationship as the inviter sees it
 */
export async function confirmAccepter(
  env: Env,
  inviterId: string,
  invitationId: string,
  expectedUserId: string | undefined,
  now: number,
): Promise<RelationshipSummary> {
  const invitation = await requireSent(env.DB, inviterId, invitationId);
  const accepterId = invitation.accepted_by_user_id ?? invitation.provisional_user_id;
  if (invitation.status !== "accepted") requirePending(invitation, now);
  if (accepterId === null) throw pairingConflict("nobody_waits", "Nobody waits for your answer");
  if (expectedUserId !== undefined && expectedUserId !== accepterId) {
    throw pairingConflict("other_person_waits", "Somebody else waits for your answer now");
  }
  try {
    await accept(env, invitation, accepterId, { confirmed: true }, now);
  } catch (error) {
    throw asInviterSeesIt(error);
  }
  const relationship = await findLiveRelationship(env.DB, inviterId);
  if (relationship === null) throw pairingConflict("inviter_unavailable", "You have left this relationship");
  return relationship;
}

/** Counts first and looks then; see `countCodeAttempt`. A code that is already in use is as wrong as any other. */
async function requireRightCode(
  env: Env,
  userId: string,
  codeHmac: string,
  addressKey: string,
  now: number,
): Promise<InvitationRow> {
  const addressAttempt = { code_address: addressKey };
  await requireAttempt(env.DB, addressAttempt, now);
  const attempt = await countCodeAttempt(env.DB, userId, now);
  if (!attempt.allowed) {
    await forgetAttempt(env.DB, addressAttempt);
    throw new AppError("rate_limited", "Too many wrong codes", {
      reason: "code_entry_locked",
      retryAfterSeconds: Math.max(1, Math.ceil((attempt.lockedUntilAt - now) / 1_000)),
    });
  }
  const invitation = await findPendingInvitationByCode(env.DB, codeHmac);
  if (invitation === null || !isOpenFor(invitation, userId, now)) {
    throw new AppError("not_found", "This code is not valid", {
      reason: "wrong_code",
      attemptsLeft: attempt.attemptsLeft,
    });
  }
  await uncountCodeAttempt(env.DB, userId);
  await forgetAttempt(env.DB, addressAttempt);
  return invitation;
}

function isOpenFor(invitation: InvitationRow, userId: string, now: number): boolean {
  if (invitation.expires_at <= now) return false;
  if (invitation.provisional_user_id !== null) return invitation.provisional_user_id === userId;
  return invitation.code_expires_at !== null && invitation.code_expires_at > now;
}

/** Why the other person cannot join is theirs to tell. */
function asInviterSeesIt(error: unknown): unknown {
  if (!(error instanceof AppError)) return error;
  switch (error.code) {
    case "already_paired":
      return pairingConflict("accepter_unavailable", "The other person cannot join at the moment");
    case "not_found":
      return pairingConflict("nobody_waits", "Nobody waits for your answer any more");
    default:
      return error;
  }
}
