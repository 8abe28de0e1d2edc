/** A frozen relationship as one of its members may see it: nothing about who left, nothing about what the other wants. */
export interface PartedRow {
  id: string;
  frozen_at: number;
  has_voted: 0 | 1;
}

/** Frozen relationships that `userId` was in when they were frozen, the latest first. */
export function listPartedStatement(db: D1Database, userId: string): D1PreparedStatement {
  return db
    .prepare(
      `SELECT r.id, r.frozen_at,
         EXISTS (SELECT 1 FROM reunion_votes WHERE relationship_id = r.id AND user_id = ?1) AS has_voted
       FROM relationship_members AS m JOIN relationships AS r ON r.id = m.relationship_id
       WHERE m.user_id = ?1 AND m.left_at IS NOT NULL AND r.status = 'frozen' AND m.left_at >= r.frozen_at
       ORDER BY r.frozen_at DESC LIMIT 20`,
    )
    .bind(userId);
}

/** Who was in the frozen relationship when it was frozen, and where each of them is now. */
export interface PartedMemberRow {
  user_id: string;
  frozen_at: number;
  live_id: string | null;
  live_status: string | null;
  has_voted: 0 | 1;
}

export async function listPartedMembers(db: D1Database, relationshipId: string): Promise<PartedMemberRow[]> {
  const { results } = await db
    .prepare(
      `SELECT m.user_id, r.frozen_at, l.id AS live_id, l.status AS live_status,
         EXISTS (SELECT 1 FROM reunion_votes WHERE relationship_id = r.id AND user_id = m.user_id) AS has_voted
       FROM relationships AS r
       JOIN relationship_members AS m ON m.relationship_id = r.id AND m.left_at >= r.frozen_at
       JOIN users AS u ON u.id = m.user_id AND u.erased_at IS NULL
       LEFT JOIN relationship_members AS live ON live.user_id = m.user_id AND live.left_at IS NULL
       LEFT JOIN relationships AS l ON l.id = live.relationship_id
       WHERE r.id = ? AND r.status = 'frozen'
       ORDER BY m.slot`,
    )
    .bind(relationshipId)
    .all<PartedMemberRow>();
  return results;
}

/** Counts only of somebody who was a member when it was frozen, and while it is frozen. */
export async function insertVote(db: D1Database, relationshipId: string, userId: string, now: number): Promise<void> {
  await db
    .prepare(
      `INSERT INTO reunion_votes (relationship_id, user_id, voted_at)
       SELECT r.id, m.user_id, ?3 FROM relationships AS r
       JOIN relationship_members AS m ON m.relationship_id = r.id AND m.user_id = ?2 AND m.left_at >= r.frozen_at
       WHERE r.id = ?1 AND r.status = 'frozen'
       ON CONFLICT DO NOTHING`,
    )
    .bind(relationshipId, userId, now)
    .run();
}

export async function deleteVote(db: D1Database, relationshipId: string, userId: string): Promise<void> {
  await db
    .prepare(`DELETE FROM reunion_votes WHERE relationship_id = ? AND user_id = ?`)
    .bind(relationshipId, userId)
    .run();
}

/**
 * Fails the batch unless both still want to come back and are where they were when that was asked: `soloIds` are their
 * live relationships, in each of which they are alone, or null.
 */
export function requireReunionStatement(
  db: D1Database,
  relationshipId: string,
  members: readonly { userId: string; soloId: string | null }[],
): D1PreparedStatement {
  return db
    .prepare(
      `SELECT CASE WHEN (
         SELECT count(*) FROM json_each(?2) AS wanted
         JOIN relationships AS r ON r.id = ?1 AND r.status = 'frozen'
         JOIN reunion_votes AS v ON v.relationship_id = r.id AND v.user_id = wanted.value ->> 'userId'
         JOIN users AS u ON u.id = v.user_id AND u.erased_at IS NULL
         WHERE (SELECT m.relationship_id FROM relationship_members AS m
                WHERE m.user_id = v.user_id AND m.left_at IS NULL) IS wanted.value ->> 'soloId'
           AND (wanted.value ->> 'soloId' IS NULL
                OR EXISTS (SELECT 1 FROM relationships WHERE id = wanted.value ->> 'soloId' AND status = 'solo'))
       ) = 2 THEN 1 ELSE json('no reunion') END AS reunited`,
    )
    .bind(relationshipId, JSON.stringify(members));
}

/** Both are in again, each in their old slot; who was there from when to when stays known. */
export function rejoinStatement(db: D1Database, relationshipId: string, now: number): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO relationship_members (relationship_id, user_id, slot, role, joined_at, membership_version)
       SELECT r.id, m.user_id, m.slot, m.role, max(?2, m.left_at, m.joined_at + 1), r.membership_version + 1
       FROM relationships AS r
       JOIN relationship_members AS m ON m.relationship_id = r.id AND m.left_at >= r.frozen_at
       WHERE r.id = ?1`,
    )
    .bind(relationshipId, now);
}

export function reuniteStatement(db: D1Database, relationshipId: string, now: number): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE relationships SET status = 'active', frozen_at = NULL, membership_version = membership_version + 1,
         status_version = status_version + 1, updated_at = ?2
       WHERE id = ?1 AND status = 'frozen'`,
    )
    .bind(relationshipId, now);
}

/** Who has found somebody, the old one or a new one, wishes for nobody else back. */
export function forgetWishesStatement(db: D1Database, userIds: readonly string[]): D1PreparedStatement {
  return db
    .prepare(`DELETE FROM reunion_votes WHERE user_id IN (SELECT value FROM json_each(?))`)
    .bind(JSON.stringify(userIds));
}

/** Two who said yes to each other again no longer keep each other's invitations away. */
export function forgetPartingStatement(db: D1Database, userIds: readonly [string, string]): D1PreparedStatement {
  return db
    .prepare(
      `DELETE FROM parted_pairs
       WHERE (user_id = ?1 AND other_user_id = ?2) OR (user_id = ?2 AND other_user_id = ?1)`,
    )
    .bind(userIds[0], userIds[1]);
}
