import { DAY_MS } from "../protocol/limits.ts";

/** A relationship of one person, as it begins. */
export interface NewSoloRelationship {
  id: string;
  userId: string;
  homeTimezone: string;
  jurisdiction: string | null;
}

/**
 * An object reports when it next wants to be awake with its first flush, long before this. It matters only when the
 * alarm of that flush is lost: without a time here, the sweep would never find the object.
 */
const FIRST_WAKE_MS = DAY_MS;

export function insertSoloRelationshipStatement(
  db: D1Database,
  solo: NewSoloRelationship,
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO relationships (id, created_by_user_id, user_1_id, status, home_timezone, jurisdiction,
         next_due_at, created_at, updated_at)
       VALUES (?1, ?2, ?2, 'solo', ?3, ?4, ?6, ?5, ?5)`,
    )
    .bind(solo.id, solo.userId, solo.homeTimezone, solo.jurisdiction, now, now + FIRST_WAKE_MS);
}

/** The relationship of `invitationId` becomes a couple's; the accepter was inserted earlier in the same batch. */
export function activateRelationshipStatement(
  db: D1Database,
  relationshipId: string,
  accepterId: string,
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE relationships SET status = 'active', user_2_id = ?2, membership_version = membership_version + 1,
         status_version = status_version + 1, updated_at = ?3
       WHERE id = ?1`,
    )
    .bind(relationshipId, accepterId, now);
}

/** A person's own relationship ends because they join `joinedId`, which takes what they wrote here. */
export function endSoloRelationshipStatement(
  db: D1Database,
  relationshipId: string,
  joinedId: string,
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE relationships SET status = 'ended', ended_at = ?3, absorbed_into_id = ?2, next_due_at = ?3,
         membership_version = membership_version + 1, status_version = status_version + 1, updated_at = ?3
       WHERE id = ?1 AND status = 'solo'`,
    )
    .bind(relationshipId, joinedId, now);
}

/** Relationships of one person that ended when that person joined `joinedId`. */
export async function listAbsorbedIds(db: D1Database, joinedId: string): Promise<string[]> {
  const { results } = await db
    .prepare(`SELECT id FROM relationships WHERE absorbed_into_id = ?`)
    .bind(joinedId)
    .all<{ id: string }>();
  return results.map(({ id }) => id);
}

/** Something that the person's relationship object keeps a copy of has changed. */
export function bumpMembershipVersionStatement(db: D1Database, userId: string, now: number): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE relationships SET membership_version = membership_version + 1, updated_at = ?2
       WHERE id = (SELECT relationship_id FROM relationship_members WHERE user_id = ?1 AND left_at IS NULL)`,
    )
    .bind(userId, now);
}

export interface OverdueRow {
  id: string;
  next_due_at: number;
  /** When the object was last heard of: its last flush, or its creation. */
  heard_at: number;
}

/** Relationships whose object wanted to be awake before `dueBefore`, the most overdue first. */
export async function listOverdueRelationships(
  db: D1Database,
  dueBefore: number,
  limit: number,
): Promise<OverdueRow[]> {
  const { results } = await db
    .prepare(
      `SELECT id, next_due_at, coalesce(last_flush_at, created_at) AS heard_at FROM relationships
       WHERE next_due_at <= ? AND next_due_at IS NOT NULL ORDER BY next_due_at LIMIT ?`,
    )
    .bind(dueBefore, limit)
    .all<OverdueRow>();
  return results;
}

/** An overdue relationship and the time from which the sweep is to look at it again. */
export interface Rescheduled {
  row: OverdueRow;
  nextDueAt: number;
}

/** Notes the new due times of relationships. One that the object itself reported meanwhile stays. */
export async function rescheduleOverdue(db: D1Database, rescheduled: readonly Rescheduled[]): Promise<void> {
  await db
    .prepare(
      `UPDATE relationships SET next_due_at = woken.next_due_at
       FROM (SELECT value ->> '$.row.id' AS id, value ->> '$.row.next_due_at' AS was_due_at,
               value ->> 'nextDueAt' AS next_due_at
             FROM json_each(?)) AS woken
       WHERE relationships.id = woken.id AND relationships.next_due_at = woken.was_due_at`,
    )
    .bind(JSON.stringify(rescheduled))
    .run();
}
