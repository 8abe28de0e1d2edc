/** An invitation as the pairing rules need it, with the names that people may see. */
export interface InvitationRow {
  id: string;
  relationship_id: string;
  inviter_user_id: string;
  inviter_name: string;
  inviter_email: string;
  invitee_email: string | null;
  token_hash: string;
  code_hmac: string | null;
  code_expires_at: number | null;
  status: "pending" | "accepted" | "declined" | "expired" | "revoked";
  message: string | null;
  expires_at: number;
  accepted_by_user_id: string | null;
  provisional_user_id: string | null;
  provisional_name: string | null;
  provisional_at: number | null;
  created_at: number;
}

/** How a caller names an invitation. The SQL of each form reads the same columns. */
export async function findInvitationById(db: D1Database, id: string): Promise<InvitationRow | null> {
  return db
    .prepare(
      `SELECT i.id, i.relationship_id, i.inviter_user_id, i.invitee_email, i.token_hash, i.code_hmac, i.code_expires_at,
         i.status, i.message, i.expires_at, i.accepted_by_user_id, i.provisional_user_id, i.provisional_at,
         i.created_at, coalesce(nullif(u.nickname, ''), u.name) AS inviter_name, u.email AS inviter_email,
         coalesce(nullif(p.nickname, ''), p.name) AS provisional_name
       FROM partner_invitations AS i
       JOIN users AS u ON u.id = i.inviter_user_id
       LEFT JOIN users AS p ON p.id = i.provisional_user_id
       WHERE i.id = ?`,
    )
    .bind(id)
    .first<InvitationRow>();
}

export async function findInvitationByToken(db: D1Database, tokenHash: string): Promise<InvitationRow | null> {
  return db
    .prepare(
      `SELECT i.id, i.relationship_id, i.inviter_user_id, i.invitee_email, i.token_hash, i.code_hmac, i.code_expires_at,
         i.status, i.message, i.expires_at, i.accepted_by_user_id, i.provisional_user_id, i.provisional_at,
         i.created_at, coalesce(nullif(u.nickname, ''), u.name) AS inviter_name, u.email AS inviter_email,
         coalesce(nullif(p.nickname, ''), p.name) AS provisional_name
       FROM partner_invitations AS i
       JOIN users AS u ON u.id = i.inviter_user_id
       LEFT JOIN users AS p ON p.id = i.provisional_user_id
       WHERE i.token_hash = ?`,
    )
    .bind(tokenHash)
    .first<InvitationRow>();
}

/** The pending invitation whose code this is; the caller asks whether the code has run out. */
export async function findPendingInvitationByCode(db: D1Database, codeHmac: string): Promise<InvitationRow | null> {
  return db
    .prepare(
      `SELECT i.id, i.relationship_id, i.inviter_user_id, i.invitee_email, i.token_hash, i.code_hmac, i.code_expires_at,
         i.status, i.message, i.expires_at, i.accepted_by_user_id, i.provisional_user_id, i.provisional_at,
         i.created_at, coalesce(nullif(u.nickname, ''), u.name) AS inviter_name, u.email AS inviter_email,
         coalesce(nullif(p.nickname, ''), p.name) AS provisional_name
       FROM partner_invitations AS i
       JOIN users AS u ON u.id = i.inviter_user_id
       LEFT JOIN users AS p ON p.id = i.provisional_user_id
       WHERE i.code_hmac = ? AND i.status = 'pending'`,
    )
    .bind(codeHmac)
    .first<InvitationRow>();
}

/** Whether `userId` joined `relationshipId` by an invitation with this code: then a repeated entry is no mistake. */
export async function wasJoinedByCode(
  db: D1Database,
  relationshipId: string,
  userId: string,
  codeHmac: string,
): Promise<boolean> {
  const row = await db
    .prepare(
      `SELECT 1 AS found FROM partner_invitations
       WHERE relationship_id = ? AND accepted_by_user_id = ? AND code_hmac = ?`,
    )
    .bind(relationshipId, userId, codeHmac)
    .first();
  return row !== null;
}

/** What an inviter sent lately, the newest first. */
export async function listSentInvitations(db: D1Database, inviterId: string, limit: number): Promise<InvitationRow[]> {
  const { results } = await db
    .prepare(
      `SELECT i.id, i.relationship_id, i.inviter_user_id, i.invitee_email, i.token_hash, i.code_hmac, i.code_expires_at,
         i.status, i.message, i.expires_at, i.accepted_by_user_id, i.provisional_user_id, i.provisional_at,
         i.created_at, coalesce(nullif(u.nickname, ''), u.name) AS inviter_name, u.email AS inviter_email,
         coalesce(nullif(p.nickname, ''), p.name) AS provisional_name
       FROM relationship_members AS m
       JOIN partner_invitations AS i ON i.relationship_id = m.relationship_id AND i.inviter_user_id = m.user_id
       JOIN users AS u ON u.id = i.inviter_user_id
       LEFT JOIN users AS p ON p.id = i.provisional_user_id
       WHERE m.user_id = ? AND m.left_at IS NULL
       ORDER BY i.created_at DESC, i.id DESC LIMIT ?`,
    )
    .bind(inviterId, limit)
    .all<InvitationRow>();
  return results;
}

/**
 * Pending invitations to `email`, which the caller knows to be the reader's own, and those that await a confirmation.
 * @param address with its hash, see `hashKeptAddress`
 */
export function listReceivedStatements(
  db: D1Database,
  userId: string,
  address: { email: string; hmac: string },
  now: number,
): D1PreparedStatement[] {
  return [
    db
      .prepare(
        `SELECT i.id, coalesce(nullif(u.nickname, ''), u.name) AS inviter_name, i.message, i.expires_at,
           0 AS awaiting_confirmation
         FROM partner_invitations AS i JOIN users AS u ON u.id = i.inviter_user_id
         WHERE i.invitee_email = ?1 AND i.status = 'pending' AND i.expires_at > ?2 AND i.inviter_user_id <> ?3
           AND i.provisional_user_id IS NOT ?3
           AND NOT EXISTS (SELECT 1 FROM parted_pairs
                           WHERE user_id = ?3 AND other_user_id = i.inviter_user_id)
           AND NOT EXISTS (SELECT 1 FROM kept_away_addresses
                           WHERE address_hmac = ?4 AND sender_user_id = i.inviter_user_id)
         ORDER BY i.created_at DESC LIMIT 20`,
      )
      .bind(address.email, now, userId, address.hmac),
    db
      .prepare(
        `SELECT i.id, coalesce(nullif(u.nickname, ''), u.name) AS inviter_name, NULL AS message, i.expires_at,
           1 AS awaiting_confirmation
         FROM partner_invitations AS i JOIN users AS u ON u.id = i.inviter_user_id
         WHERE i.provisional_user_id = ? AND i.status = 'pending' AND i.expires_at > ?
         ORDER BY i.created_at DESC LIMIT 20`,
      )
      .bind(userId, now),
  ];
}

export interface ReceivedInvitationRow {
  id: string;
  inviter_name: string;
  message: string | null;
  expires_at: number;
  awaiting_confirmation: 0 | 1;
}

/** @returns how many invitations have run out */
export async function expireInvitations(db: D1Database, now: number, limit: number): Promise<number> {
  const { meta } = await db
    .prepare(
      `UPDATE partner_invitations SET status = 'expired', provisional_user_id = NULL, provisional_at = NULL,
         updated_at = ?1
       WHERE id IN (SELECT id FROM partner_invitations WHERE status = 'pending' AND expires_at <= ?1
                    ORDER BY expires_at LIMIT ?2)`,
    )
    .bind(now, limit)
    .run();
  return meta.changes;
}
