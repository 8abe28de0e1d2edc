import type { MembershipState } from "../protocol/membership.ts";

/** One member of one relationship, with what the directory knows of both. */
export interface MembershipRow {
  relationship_id: string;
  status: MembershipState["status"];
  relationship_type: MembershipState["relationshipType"];
  start_date: string | null;
  anniversary_date: string | null;
  home_timezone: string;
  membership_version: number;
  status_version: number;
  frozen_at: number | null;
  created_at: number;
  user_id: string;
  slot: 1 | 2;
  display_name: string;
  timezone: string;
  joined_at: number;
  left_at: number | null;
}

/** Everybody who is or was in one of `relationshipIds`, in the order in which they joined. */
export async function listMembershipRows(db: D1Database, relationshipIds: readonly string[]): Promise<MembershipRow[]> {
  const { results } = await db
    .prepare(
      `SELECT r.id AS relationship_id, r.status, r.relationship_type, r.start_date, r.anniversary_date,
         r.home_timezone, r.membership_version, r.status_version, r.frozen_at, r.created_at, m.user_id, m.slot,
         coalesce(nullif(u.nickname, ''), u.name) AS display_name, u.timezone, m.joined_at, m.left_at
       FROM json_each(?) AS wanted
       JOIN relationships AS r ON r.id = wanted.value
       JOIN relationship_members AS m ON m.relationship_id = r.id
       JOIN users AS u ON u.id = m.user_id
       ORDER BY m.joined_at`,
    )
    .bind(JSON.stringify(relationshipIds))
    .all<MembershipRow>();
  return results;
}

/** The one live relationship of a person, with those who are in it now, by slot; empty when there is none. */
export function listLiveMembershipStatement(db: D1Database, userId: string): D1PreparedStatement {
  return db
    .prepare(
      `SELECT r.id AS relationship_id, r.status, r.relationship_type, r.start_date, r.anniversary_date,
         r.home_timezone, r.membership_version, r.status_version, r.frozen_at, r.created_at, m.user_id, m.slot,
         coalesce(nullif(u.nickname, ''), u.name) AS display_name, u.timezone, m.joined_at, m.left_at
       FROM relationship_members AS mine
       JOIN relationships AS r ON r.id = mine.relationship_id
       JOIN relationship_members AS m ON m.relationship_id = r.id AND m.left_at IS NULL
       JOIN users AS u ON u.id = m.user_id
       WHERE mine.user_id = ? AND mine.left_at IS NULL
       ORDER BY m.slot`,
    )
    .bind(userId);
}

/** What pairing must know of a person: who they are to others, and where they live now. */
export interface PersonRow {
  id: string;
  email: string;
  display_name: string;
  relationship_id: string | null;
  status: MembershipState["status"] | null;
}

export async function findPerson(db: D1Database, userId: string): Promise<PersonRow | null> {
  return db
    .prepare(
      `SELECT u.id, u.email, coalesce(nullif(u.nickname, ''), u.name) AS display_name,
         r.id AS relationship_id, r.status
       FROM users AS u
       LEFT JOIN relationship_members AS m ON m.user_id = u.id AND m.left_at IS NULL
       LEFT JOIN relationships AS r ON r.id = m.relationship_id
       WHERE u.id = ? AND u.erased_at IS NULL`,
    )
    .bind(userId)
    .first<PersonRow>();
}

/** First member of a new relationship. */
export function insertFirstMemberStatement(
  db: D1Database,
  relationshipId: string,
  userId: string,
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO relationship_members (relationship_id, user_id, slot, role, joined_at)
       VALUES (?1, ?2, 1, 'creator', ?3)`,
    )
    .bind(relationshipId, userId, now);
}

/**
 * Joins whoever accepted `invitationId`. The batch around it fails as a whole when that acceptance is not theirs (no
 * relationship id is found, and the column refuses NULL) or when they are in a live relationship already.
 */
export function insertAccepterStatement(
  db: D1Database,
  invitationId: string,
  userId: string,
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO relationship_members (relationship_id, user_id, slot, role, joined_at, membership_version)
       VALUES (
         (SELECT relationship_id FROM partner_invitations
          WHERE id = ?1 AND status = 'accepted' AND accepted_by_user_id = ?2),
         ?2,
         (SELECT 3 - m.slot FROM partner_invitations AS i
          JOIN relationship_members AS m ON m.relationship_id = i.relationship_id AND m.left_at IS NULL
          WHERE i.id = ?1 LIMIT 1),
         'partner', ?3,
         (SELECT r.membership_version + 1 FROM partner_invitations AS i
          JOIN relationships AS r ON r.id = i.relationship_id WHERE i.id = ?1))`,
    )
    .bind(invitationId, userId, now);
}

/** Takes a person out of the relationship in which they are alone; of one that found a second member, nobody. */
export function endSoloMembershipStatement(
  db: D1Database,
  relationshipId: string,
  userId: string,
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE relationship_members SET left_at = max(?3, joined_at)
       WHERE relationship_id = ?1 AND user_id = ?2 AND left_at IS NULL
         AND EXISTS (SELECT 1 FROM relationships WHERE id = ?1 AND status = 'solo')`,
    )
    .bind(relationshipId, userId, now);
}
