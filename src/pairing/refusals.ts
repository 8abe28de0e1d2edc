import type { InvitationRow } from "../db/invitations.ts";
import type { PersonRow } from "../db/members.ts";
import { AppError } from "../protocol/errors.ts";

/** Why pairing was refused; clients show a text of their own by this reason. */
export type PairingReason =
  | "own_invitation"
  | "already_accepted"
  | "inviter_unavailable"
  | "accepter_unavailable"
  | "awaiting_confirmation"
  | "nobody_waits"
  | "other_person_waits"
  | "no_address";

export function pairingConflict(reason: PairingReason, message: string): AppError {
  return new AppError("conflict", message, { reason });
}

export function noSuchInvitation(): AppError {
  return new AppError("not_found", "No such invitation");
}

export function alreadyPaired(): AppError {
  return new AppError("already_paired", "You are in a relationship with somebody already", {
    reason: "already_paired",
  });
}

/** The status of an invitation at `now`; the sweep writes `expired` down only minutes later. */
export function statusAt(invitation: InvitationRow, now: number): InvitationRow["status"] {
  return invitation.status === "pending" && invitation.expires_at <= now ? "expired" : invitation.status;
}

/** @throws AppError `invitation_not_usable`, or `conflict` when somebody accepted it */
export function requirePending(invitation: InvitationRow, now: number): void {
  const status = statusAt(invitation, now);
  if (status === "pending") return;
  if (status === "accepted") throw pairingConflict("already_accepted", "Somebody has accepted this invitation already");
  throw new AppError("invitation_not_usable", "This invitation can no longer be used", {
    reason: status,
    current: status,
  });
}

/** Alone or without any relationship. @throws AppError `already_paired` */
export function requireUnpaired(person: PersonRow): void {
  if (person.status !== null && person.status !== "solo") throw alreadyPaired();
}
