import type { RelationshipStatus } from "../domain/membership/rules.ts";

/** What an object has decided about its status, and with which version. */
export interface StatusReport {
  relationshipId: string;
  status: RelationshipStatus;
  statusVersion: number;
  /** Epoch milliseconds; null unless frozen. */
  frozenAt: number | null;
  /** Who left; of two who leave at once both did. */
  leaverIds: readonly string[];
}

/**
 * One batch for what an object reports about its status. What is not newer than what the directory has changes nothing,
 * so that it may arrive twice or late. When both are parted, they are free for another relationship from here on.
 *
 * A report of the same version says who left again, since the second may leave later: whoever is in another relationship
 * with the other since then, or erased, is not kept away (again).
 */
export function reportStatusStatements(db: D1Database, report: StatusReport, now: number): D1PreparedStatement[] {
  const { relationshipId, status, statusVersion, frozenAt, leaverIds } = report;
  const moved = db
    .prepare(
      `UPDATE relationships SET status = ?2, status_version = ?3, frozen_at = ?4, updated_at = ?5
       WHERE id = ?1 AND status_version < ?3`,
    )
    .bind(relationshipId, status, statusVersion, frozenAt, now);
  if (frozenAt === null) return [moved];
  const freed = db
    .prepare(
      `UPDATE relationship_members SET left_at = max(?3, joined_at)
       WHERE relationship_id = ?1 AND left_at IS NULL
         AND EXISTS (SELECT 1 FROM relationships WHERE id = ?1 AND status_version < ?2)`,
    )
    .bind(relationshipId, statusVersion, frozenAt);
  const blocked = db
    .prepare(
      `INSERT INTO parted_pairs (user_id, other_user_id, parted_at)
       SELECT leaver.user_id, other.user_id, r.frozen_at
       FROM relationships AS r
       JOIN json_each(?3) AS named
       JOIN relationship_members AS leaver ON leaver.relationship_id = r.id AND leaver.user_id = named.value
         AND leaver.left_at >= r.frozen_at
       JOIN relationship_members AS other ON other.relationship_id = r.id AND other.user_id <> leaver.user_id
         AND other.left_at >= r.frozen_at
       WHERE r.id = ?1 AND r.status = 'frozen' AND r.status_version = ?2
         AND NOT EXISTS (SELECT 1 FROM users WHERE id IN (leaver.user_id, other.user_id) AND erased_at IS NOT NULL)
         AND NOT EXISTS (SELECT 1 FROM relationship_members AS mine
           JOIN relationship_members AS theirs ON theirs.relationship_id = mine.relationship_id
             AND theirs.user_id = other.user_id
           WHERE mine.user_id = leaver.user_id AND mine.relationship_id <> r.id
             AND max(mine.joined_at, theirs.joined_at) >= leaver.left_at)
       ON CONFLICT DO NOTHING`,
    )
    .bind(relationshipId, statusVersion, JSON.stringify(leaverIds));
  return [freed, moved, blocked];
}

/** Whether `userId` has left `otherId`, and neither has come back to the other since. */
export async function hasLeft(db: D1Database, userId: string, otherId: string): Promise<boolean> {
  const row = await db
    .prepare(`SELECT 1 AS found FROM parted_pairs WHERE user_id = ? AND other_user_id = ?`)
    .bind(userId, otherId)
    .first();
  return row !== null;
}

export interface AddressRow {
  id: string;
  email: string;
  display_name: string;
}

/** Where people whose account exists can be written to. */
export async function listAddresses(db: D1Database, userIds: readonly string[]): Promise<AddressRow[]> {
  const { results } = await db
    .prepare(
      `SELECT u.id, u.email, coalesce(nullif(u.nickname, ''), u.name) AS display_name
       FROM json_each(?) AS wanted JOIN users AS u ON u.id = wanted.value WHERE u.erased_at IS NULL`,
    )
    .bind(JSON.stringify(userIds))
    .all<AddressRow>();
  return results;
}

/** A frozen relationship that is to end, and who keeps their part. */
export interface Ending {
  relationshipId: string;
  /** Epoch milliseconds; tells this freeze from another of the same two. */
  frozenAt: number;
}

/** For a keeper who has no live relationship meanwhile: one in which they are alone, with `soloId`. */
export function insertKeeperSoloStatements(
  db: D1Database,
  ending: Ending,
  keeper: { userId: string; soloId: string; jurisdiction: string | null },
  now: number,
  firstWakeAt: number,
): D1PreparedStatement[] {
  return [
    db
      .prepare(
        `INSERT INTO relationships (id, created_by_user_id, user_1_id, status, home_timezone, jurisdiction,
           next_due_at, created_at, updated_at)
         SELECT ?1, u.id, u.id, 'solo', u.timezone, ?3, ?7, ?4, ?4 FROM users AS u
         WHERE u.id = ?2 AND u.erased_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM relationship_members WHERE user_id = ?2 AND left_at IS NULL)
           AND EXISTS (SELECT 1 FROM relationships WHERE id = ?5 AND status = 'frozen' AND frozen_at = ?6)`,
      )
      .bind(
        keeper.soloId,
        keeper.userId,
        keeper.jurisdiction,
        now,
        ending.relationshipId,
        ending.frozenAt,
        firstWakeAt,
      ),
    db
      .prepare(
        `INSERT INTO relationship_members (relationship_id, user_id, slot, role, joined_at)
         SELECT r.id, ?2, 1, 'creator', ?3 FROM relationships AS r WHERE r.id = ?1`,
      )
      .bind(keeper.soloId, keeper.userId, now),
  ];
}

/** A keeper's part is to move into their live relationship. */
export function insertKeeperAbsorptionStatement(
  db: D1Database,
  { relationshipId, frozenAt }: Ending,
  userId: string,
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO absorptions (source_id, user_id, target_id, created_at)
       SELECT r.id, m.user_id, m.relationship_id, ?4
       FROM relationships AS r JOIN relationship_members AS m ON m.user_id = ?3 AND m.left_at IS NULL
       WHERE r.id = ?1 AND r.status = 'frozen' AND r.frozen_at = ?2
       ON CONFLICT DO NOTHING`,
    )
    .bind(relationshipId, frozenAt, userId, now);
}

/** frozen -> ended, unless both came back; the last statement of its batch. */
export function endFrozenStatement(
  db: D1Database,
  { relationshipId, frozenAt }: Ending,
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE relationships SET status = 'ended', ended_at = ?3, membership_version = membership_version + 1,
         status_version = status_version + 1, updated_at = ?3
       WHERE id = ?1 AND status = 'frozen' AND frozen_at = ?2`,
    )
    .bind(relationshipId, frozenAt, now);
}

export interface StatusRow {
  status: RelationshipStatus;
  status_version: number;
  frozen_at: number | null;
}

export async function findStatus(db: D1Database, relationshipId: string): Promise<StatusRow | null> {
  return db
    .prepare(`SELECT status, status_version, frozen_at FROM relationships WHERE id = ?`)
    .bind(relationshipId)
    .first<StatusRow>();
}
