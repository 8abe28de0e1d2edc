import type { MembershipRow } from "../db/members.ts";
import { insertFirstMemberStatement, listLiveMembershipStatement } from "../db/members.ts";
import type { ReceivedInvitationRow } from "../db/invitations.ts";
import { listReceivedStatements } from "../db/invitations.ts";
import { queueMembershipStatement } from "../db/object-outbox.ts";
import { insertSoloRelationshipStatement } from "../db/relationships.ts";
import type { PartedRow } from "../db/reunions.ts";
import { listPartedStatement } from "../db/reunions.ts";
import { FREEZE_MS } from "../domain/parting/rules.ts";
import { isConstraintFailure } from "../db/failures.ts";
import { assert } from "../lib/assert.ts";
import { config } from "../lib/config.ts";
import { newId } from "../protocol/ids.ts";
import { deliverNow } from "./outbox.ts";
import type { Parted, ReceivedInvitation, RelationshipSummary } from "./schema.ts";
import { hashKeptAddress } from "./secrets.ts";

/** Who asks, as the session says. */
export interface Person {
  userId: string;
  /** Confirmed, as of everybody who has a session; anybody can sign up with the address of somebody else. */
  email: string;
  timezone: string;
}

/**
 * The live relationship of a person; whoever has none gets one in which they are alone. Safe to call from any number of
 * devices at once: the database lets one of them create it. Also tries to tell the object whatever it has not heard yet,
 * however often that failed; it is no error when it fails again.
 * @param now epoch milliseconds
 */
export async function openRelationship(
  env: Env,
  person: Person,
  now: number,
): Promise<{ relationship: RelationshipSummary; created: boolean }> {
  const existing = await findLiveRelationship(env.DB, person.userId);
  if (existing !== null) {
    await deliverNow(env, now, [existing.id]);
    return { relationship: existing, created: false };
  }
  const created = await createSolo(env, person, now);
  const relationship = await findLiveRelationship(env.DB, person.userId);
  assert(relationship !== null, "a person has a live relationship right after it was created");
  await deliverNow(env, now, [relationship.id]);
  return { relationship, created };
}

async function createSolo(env: Env, person: Person, now: number): Promise<boolean> {
  const id = newId("relationship", now);
  const jurisdiction = config(env).OBJECT_JURISDICTION || null;
  const solo = { id, userId: person.userId, homeTimezone: person.timezone, jurisdiction };
  try {
    await env.DB.batch([
      insertSoloRelationshipStatement(env.DB, solo, now),
      insertFirstMemberStatement(env.DB, id, person.userId, now),
      queueMembershipStatement(env.DB, id, now),
    ]);
    return true;
  } catch (error) {
    // Another device was faster, and the whole batch was undone.
    if (isConstraintFailure(error)) return false;
    throw error;
  }
}

export async function findLiveRelationship(db: D1Database, userId: string): Promise<RelationshipSummary | null> {
  const { results } = await listLiveMembershipStatement(db, userId).all<MembershipRow>();
  return toSummary(results, userId);
}

/** What the start screen of a person needs before any object is asked: one round trip to D1. */
export async function readPairing(
  env: Env,
  person: Person,
  now: number,
): Promise<{ relationship: RelationshipSummary | null; parted: Parted[]; invitations: ReceivedInvitation[] }> {
  const db = env.DB;
  const address = { email: person.email, hmac: hashKeptAddress(config(env).CODE_PEPPER, person.email) };
  const [members, parted, ...received] = await db.batch<MembershipRow | PartedRow | ReceivedInvitationRow>([
    listLiveMembershipStatement(db, person.userId),
    listPartedStatement(db, person.userId),
    ...listReceivedStatements(db, person.userId, address, now),
  ]);
  return {
    relationship: toSummary((members?.results ?? []) as MembershipRow[], person.userId),
    parted: ((parted?.results ?? []) as PartedRow[]).map(toParted),
    invitations: received.flatMap(({ results }) => (results as ReceivedInvitationRow[]).map(toReceived)),
  };
}

function toSummary(rows: readonly MembershipRow[], userId: string): RelationshipSummary | null {
  const [first] = rows;
  if (first === undefined) return null;
  return {
    id: first.relationship_id,
    status: first.status,
    version: first.membership_version,
    relationshipType: first.relationship_type,
    startDate: first.start_date,
    anniversaryDate: first.anniversary_date,
    homeTimezone: first.home_timezone,
    createdAt: first.created_at,
    members: rows.map((row) => ({
      userId: row.user_id,
      slot: row.slot,
      name: row.display_name,
      timezone: row.timezone,
      joinedAt: row.joined_at,
      isMe: row.user_id === userId,
    })),
  };
}

function toParted(row: PartedRow): Parted {
  return {
    id: row.id,
    frozenAt: row.frozen_at,
    endsAt: row.frozen_at + FREEZE_MS,
    myVote: row.has_voted === 1,
  };
}

function toReceived(row: ReceivedInvitationRow): ReceivedInvitation {
  return {
    id: row.id,
    inviterName: row.inviter_name,
    message: row.message,
    expiresAt: row.expires_at,
    state: row.awaiting_confirmation === 1 ? "awaiting_confirmation" : "pending",
  };
}
