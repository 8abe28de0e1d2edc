import type { InvitationRow } from "../db/invitations.ts";
import { findInvitationById, findInvitationByToken, listSentInvitations } from "../db/invitations.ts";
import { closePending, rejectHeld } from "../db/invitation-moves.ts";
import { noSuchInvitation, requirePending, statusAt } from "./refusals.ts";
import type { InvitationPreview, SentInvitation } from "./schema.ts";
import { hashToken } from "./secrets.ts";

const SENT_LIST_LIMIT = 20;

/** All three forms end. Revoking again changes nothing. */
export async function revokeInvitation(env: Env, userId: string, id: string, now: number): Promise<SentInvitation> {
  const invitation = await requireSent(env.DB, userId, id);
  if (invitation.status !== "revoked") {
    requirePending(invitation, now);
    await closePending(env.DB, id, "revoked", now);
  }
  const current = await requireSent(env.DB, userId, id);
  if (current.status !== "revoked") requirePending(current, now);
  return toSent(current, now);
}

/** Whoever holds the link says no; an account is not needed. Declining again changes nothing. */
export async function declineInvitation(env: Env, token: string, now: number): Promise<void> {
  const invitation = await requireByToken(env.DB, token);
  if (invitation.status === "declined") return;
  requirePending(invitation, now);
  if (await closePending(env.DB, invitation.id, "declined", now)) return;
  const current = await requireByToken(env.DB, token);
  if (current.status !== "declined") requirePending(current, now);
}

/** What a person may know before they decide: who asks, and until when. */
export async function previewInvitation(db: D1Database, token: string, now: number): Promise<InvitationPreview> {
  const invitation = await requireByToken(db, token);
  requirePending(invitation, now);
  return { inviterName: invitation.inviter_name, expiresAt: invitation.expires_at };
}

export async function listSent(db: D1Database, userId: string, now: number): Promise<SentInvitation[]> {
  const rows = await listSentInvitations(db, userId, SENT_LIST_LIMIT);
  return rows.map((row) => toSent(row, now));
}

/** Whoever typed the code is not the person meant. The used code is worth nothing; the link stays. */
export async function rejectAccepter(env: Env, userId: string, id: string, now: number): Promise<SentInvitation> {
  const invitation = await requireSent(env.DB, userId, id);
  requirePending(invitation, now);
  if (invitation.provisional_user_id !== null) await rejectHeld(env.DB, id, now);
  return toSent(await requireSent(env.DB, userId, id), now);
}

/** An invitation of `userId`'s own. Somebody else's does not exist. @throws AppError `not_found` */
export async function requireSent(db: D1Database, userId: string, id: string): Promise<InvitationRow> {
  const invitation = await findInvitationById(db, id);
  if (invitation === null || invitation.inviter_user_id !== userId) throw noSuchInvitation();
  return invitation;
}

export async function requireByToken(db: D1Database, token: string): Promise<InvitationRow> {
  const invitation = await findInvitationByToken(db, hashToken(token));
  if (invitation === null) throw noSuchInvitation();
  return invitation;
}

/** What an inviter sees of their own invitation at `now`. */
export function toSent(row: InvitationRow, now: number): SentInvitation {
  const { provisional_user_id: userId, provisional_name: name, provisional_at: since } = row;
  return {
    id: row.id,
    status: statusAt(row, now),
    inviteeEmail: row.invitee_email,
    message: row.message,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    codeExpiresAt: row.code_expires_at,
    awaitingConfirmation: userId === null || name === null || since === null ? null : { userId, name, since },
  };
}
