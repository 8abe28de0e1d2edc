import type { AcceptedBy } from "../db/invitation-moves.ts";
import { forgetPartingStatement, forgetWishesStatement } from "../db/reunions.ts";
import { acceptStatement, releaseHeldElsewhereStatement, revokePendingStatement } from "../db/invitation-moves.ts";
import { insertAbsorptionStatement } from "../db/absorptions.ts";
import { isConstraintFailure } from "../db/failures.ts";
import type { InvitationRow } from "../db/invitations.ts";
import { findInvitationById } from "../db/invitations.ts";
import { forgetKeptAwayStatement } from "../db/kept-away.ts";
import type { PersonRow } from "../db/members.ts";
import { endSoloMembershipStatement, findPerson, insertAccepterStatement } from "../db/members.ts";
import { queueMembershipStatement } from "../db/object-outbox.ts";
import { activateRelationshipStatement, endSoloRelationshipStatement, listAbsorbedIds } from "../db/relationships.ts";
import { assert } from "../lib/assert.ts";
import { config } from "../lib/config.ts";
import { deliverMailSoon } from "../mail/delivery.ts";
import { enqueueMail } from "../mail/outbox.ts";
import { pairingDoneMail } from "../mail/templates.ts";
import { AppError } from "../protocol/errors.ts";
import { noSuchInvitation, pairingConflict, requirePending, requireUnpaired } from "./refusals.ts";
import { deliverUrgently } from "./outbox.ts";
import { findLiveRelationship } from "./relationships.ts";
import type { RelationshipSummary } from "./schema.ts";
import { hashKeptAddress } from "./secrets.ts";

/**
 * Makes two people a couple, by one D1 batch that the database carries out as a whole or not at all: of any number of
 * simultaneous acceptances that contradict each other, one is carried out. A crash before the batch leaves nothing; a crash
 * after it leaves outbox rows, which the same acceptance again or the sweep delivers. It then also answers the same.
 *
 * What the accepter has written alone comes along: their own object takes writes until it hears of its end or gives its
 * first page away, whichever is sooner, so that whatever it acknowledged is in some page.
 * @returns the relationship as the accepter sees it
 */
export async function accept(
  env: Env,
  invitation: InvitationRow,
  accepterId: string,
  by: AcceptedBy,
  now: number,
): Promise<RelationshipSummary> {
  const done = await findOutcome(env, invitation, accepterId, now);
  if (done !== null) return done;
  requirePending(invitation, now);
  if (invitation.inviter_user_id === accepterId) {
    throw pairingConflict("own_invitation", "This is your own invitation");
  }
  const accepter = await requirePerson(env.DB, accepterId);
  const inviter = await requirePerson(env.DB, invitation.inviter_user_id);
  requireUnpaired(accepter);
  requireInviterAlone(inviter, invitation);

  const soloId = accepter.relationship_id;
  try {
    await env.DB.batch(acceptBatch(env, { invitation, inviter, accepter, by, now }));
  } catch (error) {
    return await afterFailure(env, { invitation, accepterId, soloId, error, now });
  }
  deliverMailSoon(env, now);
  return finish(env, invitation.relationship_id, soloId, accepterId, now);
}

interface Acceptance {
  invitation: InvitationRow;
  inviter: PersonRow;
  accepter: PersonRow;
  by: AcceptedBy;
  now: number;
}

// The order matters: the accepter leaves before they join, because nobody may be in two live relationships.
function acceptBatch(env: Env, acceptance: Acceptance): D1PreparedStatement[] {
  const { invitation, inviter, accepter, by, now } = acceptance;
  const { DB } = env;
  const relationshipId = invitation.relationship_id;
  const statements = [acceptStatement(DB, invitation.id, accepter.id, by, now)];
  if (accepter.relationship_id !== null) {
    statements.push(
      endSoloMembershipStatement(DB, accepter.relationship_id, accepter.id, now),
      endSoloRelationshipStatement(DB, accepter.relationship_id, relationshipId, now),
      revokePendingStatement(DB, accepter.relationship_id, now),
      insertAbsorptionStatement(
        DB,
        { source_id: accepter.relationship_id, user_id: accepter.id, target_id: relationshipId },
        now,
      ),
      queueMembershipStatement(DB, accepter.relationship_id, now),
    );
  }
  statements.push(
    insertAccepterStatement(DB, invitation.id, accepter.id, now),
    activateRelationshipStatement(DB, relationshipId, accepter.id, now),
    queueMembershipStatement(DB, relationshipId, now),
    releaseHeldElsewhereStatement(DB, [accepter.id, inviter.id], now),
    forgetPartingStatement(DB, [accepter.id, inviter.id]),
    ...keptAwayNoMore(env, inviter, accepter),
    forgetWishesStatement(DB, [accepter.id, inviter.id]),
    ...pairingMails(env, acceptance),
  );
  return statements;
}

// One of them may have been here before, with the same address.
function keptAwayNoMore(env: Env, one: PersonRow, two: PersonRow): D1PreparedStatement[] {
  const hash = ({ email }: PersonRow): string => hashKeptAddress(config(env).CODE_PEPPER, email);
  return [forgetKeptAwayStatement(env.DB, hash(one), two.id), forgetKeptAwayStatement(env.DB, hash(two), one.id)];
}

function pairingMails(env: Env, { invitation, inviter, accepter, now }: Acceptance): D1PreparedStatement[] {
  const link = config(env).APP_URL;
  const pairs: [PersonRow, PersonRow][] = [
    [inviter, accepter],
    [accepter, inviter],
  ];
  return pairs.map(([person, partner]) =>
    enqueueMail(
      env.DB,
      {
        idempotencyKey: `pairing_done:${invitation.id}:${person.id}`,
        recipientUserId: person.id,
        recipientEmail: person.email,
        causedByUserId: partner.id,
        content: pairingDoneMail({ name: person.display_name, partnerName: partner.display_name, link }),
      },
      now,
    ),
  );
}

/** What a repeated acceptance answers, or null when this one was not made before. */
async function findOutcome(
  env: Env,
  invitation: InvitationRow,
  accepterId: string,
  now: number,
): Promise<RelationshipSummary | null> {
  if (invitation.status !== "accepted" || invitation.accepted_by_user_id !== accepterId) return null;
  const live = await findLiveRelationship(env.DB, accepterId);
  if (live?.id !== invitation.relationship_id) {
    throw new AppError("invitation_not_usable", "This invitation was used before", {
      reason: "accepted",
      current: "accepted",
    });
  }
  await deliverUrgently(env, now, [...(await listAbsorbedIds(env.DB, live.id)), live.id]);
  return live;
}

interface FailedAcceptance {
  invitation: InvitationRow;
  accepterId: string;
  soloId: string | null;
  error: unknown;
  now: number;
}

/** After a failed batch D1 says what is true: perhaps an earlier try of the same acceptance, or a lost answer. */
async function afterFailure(env: Env, failed: FailedAcceptance): Promise<RelationshipSummary> {
  const { invitation, accepterId, soloId, error, now } = failed;
  const current = await findInvitationById(env.DB, invitation.id);
  if (current === null) throw noSuchInvitation();
  if (current.accepted_by_user_id === accepterId) {
    return finish(env, current.relationship_id, soloId, accepterId, now);
  }
  if (!isConstraintFailure(error)) throw error;
  requirePending(current, now);
  requireUnpaired(await requirePerson(env.DB, accepterId));
  requireInviterAlone(await requirePerson(env.DB, current.inviter_user_id), current);
  // The link was renewed, or the accepter rejected, while this was on its way.
  throw noSuchInvitation();
}

async function finish(
  env: Env,
  relationshipId: string,
  soloId: string | null,
  accepterId: string,
  now: number,
): Promise<RelationshipSummary> {
  // If the Worker dies here or none of these tries gets through, the sweep delivers within minutes. Until then the old
  // object takes writes from devices that do not know better; they come along like the rest.
  await deliverUrgently(env, now, soloId === null ? [relationshipId] : [soloId, relationshipId]);
  const relationship = await findLiveRelationship(env.DB, accepterId);
  assert(relationship?.id === relationshipId, "the accepter is in the relationship that was accepted");
  return relationship;
}

export async function requirePerson(db: D1Database, userId: string): Promise<PersonRow> {
  const person = await findPerson(db, userId);
  if (person === null) throw noSuchInvitation();
  return person;
}

function requireInviterAlone(inviter: PersonRow, invitation: InvitationRow): void {
  if (inviter.relationship_id !== invitation.relationship_id || inviter.status !== "solo") {
    throw pairingConflict("inviter_unavailable", "The person who invited you is no longer alone there");
  }
}
