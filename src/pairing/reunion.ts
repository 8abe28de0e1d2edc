import { insertAbsorptionStatement } from "../db/absorptions.ts";
import { isConstraintFailure } from "../db/failures.ts";
import { releaseHeldElsewhereStatement, revokePendingStatement } from "../db/invitation-moves.ts";
import { endSoloMembershipStatement } from "../db/members.ts";
import { queueMembershipStatement } from "../db/object-outbox.ts";
import { endSoloRelationshipStatement } from "../db/relationships.ts";
import {
  deleteVote,
  forgetPartingStatement,
  forgetWishesStatement,
  insertVote,
  listPartedMembers,
  rejoinStatement,
  requireReunionStatement,
  reuniteStatement,
  type PartedMemberRow,
} from "../db/reunions.ts";
import { wishReunion } from "../domain/parting/services.ts";
import { errorText, log } from "../lib/log.ts";
import { AppError } from "../protocol/errors.ts";
import { callService } from "../relationship/stub.ts";
import { deliverUrgently } from "./outbox.ts";
import { alreadyPaired } from "./refusals.ts";
import { findLiveRelationship } from "./relationships.ts";
import type { RelationshipSummary, Reunion } from "./schema.ts";

const TRIES = 3;

/**
 * `userId` wants the frozen relationship back. When both do, they are a couple again, by one D1 batch that is carried
 * out as a whole or not at all: against a simultaneous acceptance elsewhere, or the end of the thirty days, one wins.
 * What each has written alone meanwhile comes along, private to them. Saying so again answers the same.
 * @throws AppError `not_found` for whoever was not a member when it was frozen, and when it is over;
 *   `already_paired` when one of two who both want it is in another relationship with somebody
 */
export async function voteForReunion(env: Env, relationshipId: string, userId: string, now: number): Promise<Reunion> {
  const members = await listPartedMembers(env.DB, relationshipId);
  const me = members.find((member) => member.user_id === userId);
  if (me === undefined) return alreadyBack(env, relationshipId, userId, now);
  if (isPaired(me)) throw alreadyPaired();
  await insertVote(env.DB, relationshipId, userId, now);
  for (let tries = 1; ; tries++) {
    const current = await listPartedMembers(env.DB, relationshipId);
    const mine = current.find((member) => member.user_id === userId);
    if (mine === undefined) return alreadyBack(env, relationshipId, userId, now);
    if (isPaired(mine)) throw alreadyPaired();
    if (current.length < 2 || !current.every((member) => member.has_voted === 1)) {
      await tellTheOther(env, relationshipId, userId, now);
      return { status: "waiting" };
    }
    if (current.some(isPaired)) throw alreadyPaired();
    try {
      await env.DB.batch(reunionBatch(env.DB, relationshipId, current, now));
    } catch (error) {
      // Something moved meanwhile; what is true now decides.
      if (!isConstraintFailure(error) || tries === TRIES) throw error;
      continue;
    }
    const solos = current.flatMap(({ live_id }) => (live_id === null ? [] : [live_id]));
    await deliverUrgently(env, now, [...solos, relationshipId]);
    return { status: "reunited", relationship: await requireBack(env, relationshipId, userId) };
  }
}

/** @throws AppError `not_found` for whoever was not a member when it was frozen, and when it is over */
export async function withdrawVote(env: Env, relationshipId: string, userId: string): Promise<void> {
  const members = await listPartedMembers(env.DB, relationshipId);
  if (!members.some((member) => member.user_id === userId)) throw notFound();
  await deleteVote(env.DB, relationshipId, userId);
}

// The order matters: both leave where they are alone before they join, since nobody may be in two live relationships.
function reunionBatch(
  db: D1Database,
  relationshipId: string,
  members: readonly PartedMemberRow[],
  now: number,
): D1PreparedStatement[] {
  const who = members.map(({ user_id, live_id }) => ({ userId: user_id, soloId: live_id }));
  const statements = [requireReunionStatement(db, relationshipId, who)];
  for (const { userId, soloId } of who) {
    if (soloId === null) continue;
    const absorption = { source_id: soloId, user_id: userId, target_id: relationshipId };
    statements.push(
      endSoloMembershipStatement(db, soloId, userId, now),
      endSoloRelationshipStatement(db, soloId, relationshipId, now),
      revokePendingStatement(db, soloId, now),
      insertAbsorptionStatement(db, absorption, now),
      queueMembershipStatement(db, soloId, now),
    );
  }
  const [a = "", b = ""] = who.map(({ userId }) => userId);
  statements.push(
    rejoinStatement(db, relationshipId, now),
    reuniteStatement(db, relationshipId, now),
    forgetPartingStatement(db, [a, b]),
    forgetWishesStatement(db, [a, b]),
    releaseHeldElsewhereStatement(db, [a, b], now),
    queueMembershipStatement(db, relationshipId, now),
  );
  return statements;
}

/** A repeated vote whose first one has brought them back already. */
async function alreadyBack(env: Env, relationshipId: string, userId: string, now: number): Promise<Reunion> {
  const live = await findLiveRelationship(env.DB, userId);
  if (live?.id !== relationshipId || live.members.length < 2) throw notFound();
  await deliverUrgently(env, now, [relationshipId]);
  return { status: "reunited", relationship: live };
}

async function requireBack(env: Env, relationshipId: string, userId: string): Promise<RelationshipSummary> {
  const live = await findLiveRelationship(env.DB, userId);
  // The other may have left again already.
  if (live?.id !== relationshipId) throw notFound();
  return live;
}

// A notice that is lost is sent with the next vote; nothing depends on it.
async function tellTheOther(env: Env, relationshipId: string, userId: string, now: number): Promise<void> {
  try {
    await callService(env, relationshipId, wishReunion, { userId }, now);
  } catch (error) {
    log.warn("reunion.notice_failed", { relationshipId, error: errorText(error) });
  }
}

function isPaired({ live_status }: PartedMemberRow): boolean {
  return live_status !== null && live_status !== "solo";
}

function notFound(): AppError {
  return new AppError("not_found", "No such relationship");
}
