/**
 * The moves of an invitation, each a statement that changes a row only in the state that allows the move. In a batch,
 * a guard behind it fails the whole batch when the move was not made.
 */

/** The secret in the three forms of an invitation, as it is stored. */
export interface StoredSecret {
  tokenHash: string;
  codeHmac: string;
  codeExpiresAt: number;
}

export interface NewInvitation {
  id: string;
  relationshipId: string;
  inviterId: string;
  inviteeEmail: string | null;
  message: string | null;
  expiresAt: number;
}

/**
 * Needs the inviter alone in a live relationship, and fewer than `maxADay` invitations there in the last 24 hours:
 * otherwise no relationship id is found, the column refuses NULL, and the batch fails.
 */
export function insertInvitationStatement(
  db: D1Database,
  invitation: NewInvitation,
  secret: StoredSecret,
  now: number,
  limits: { since: number; maxADay: number },
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO partner_invitations (id, relationship_id, inviter_user_id, invitee_email, message, expires_at,
         token_hash, code_hmac, code_expires_at, created_at, updated_at)
       VALUES (?1,
         (SELECT r.id FROM relationships AS r
          JOIN relationship_members AS m ON m.relationship_id = r.id AND m.user_id = ?3 AND m.left_at IS NULL
          WHERE r.id = ?2 AND r.status = 'solo'
            AND (SELECT count(*) FROM partner_invitations WHERE relationship_id = ?2 AND created_at > ?11) < ?12),
         ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10)`,
    )
    .bind(
      invitation.id,
      invitation.relationshipId,
      invitation.inviterId,
      invitation.inviteeEmail,
      invitation.message,
      invitation.expiresAt,
      secret.tokenHash,
      secret.codeHmac,
      secret.codeExpiresAt,
      now,
      limits.since,
      limits.maxADay,
    );
}

/** How many invitations were made after `since`, and when the oldest of them was. Times in epoch milliseconds. */
export async function findInvitationsSince(
  db: D1Database,
  relationshipId: string,
  since: number,
): Promise<{ count: number; oldestAt: number | null }> {
  const row = await db
    .prepare(
      `SELECT count(*) AS count, min(created_at) AS oldest_at FROM partner_invitations
       WHERE relationship_id = ? AND created_at > ?`,
    )
    .bind(relationshipId, since)
    .first<{ count: number; oldest_at: number | null }>();
  return { count: row?.count ?? 0, oldestAt: row?.oldest_at ?? null };
}

/** Six digits are few: a code that has run out makes room for the same digits in a new invitation. */
export function freeLapsedCodeStatement(db: D1Database, codeHmac: string, now: number): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE partner_invitations SET code_hmac = NULL, code_expires_at = NULL
       WHERE code_hmac = ? AND status = 'pending' AND code_expires_at <= ?`,
    )
    .bind(codeHmac, now);
}

export function revokePendingStatement(db: D1Database, relationshipId: string, now: number): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE partner_invitations SET status = 'revoked', provisional_user_id = NULL, provisional_at = NULL,
         updated_at = ?
       WHERE relationship_id = ? AND status = 'pending'`,
    )
    .bind(now, relationshipId);
}

/** @returns whether the invitation was pending until now */
export async function closePending(
  db: D1Database,
  id: string,
  status: "revoked" | "declined",
  now: number,
): Promise<boolean> {
  const { meta } = await db
    .prepare(
      `UPDATE partner_invitations SET status = ?, provisional_user_id = NULL, provisional_at = NULL, updated_at = ?
       WHERE id = ? AND status = 'pending'`,
    )
    .bind(status, now, id)
    .run();
  return meta.changes > 0;
}

/** A new secret and a new term: the link that was sent before is worth nothing from now on. */
export function renewStatement(
  db: D1Database,
  id: string,
  secret: StoredSecret,
  renewal: { expiresAt: number; today: string; maxADay: number },
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE partner_invitations SET token_hash = ?2, code_hmac = ?3, code_expires_at = ?4, expires_at = ?5,
         resent_count = CASE WHEN resent_on_date IS ?6 THEN resent_count + 1 ELSE 1 END, resent_on_date = ?6,
         updated_at = ?8
       WHERE id = ?1 AND status = 'pending' AND expires_at > ?8 AND provisional_user_id IS NULL
         AND invitee_email IS NOT NULL AND (resent_on_date IS NOT ?6 OR resent_count < ?7)`,
    )
    .bind(
      id,
      secret.tokenHash,
      secret.codeHmac,
      secret.codeExpiresAt,
      renewal.expiresAt,
      renewal.today,
      renewal.maxADay,
      now,
    );
}

/** Fails the batch unless `renewStatement` before it was done: json() refuses what is not JSON. */
export function requireRenewedStatement(db: D1Database, id: string, tokenHash: string): D1PreparedStatement {
  return db
    .prepare(
      `SELECT CASE WHEN EXISTS (SELECT 1 FROM partner_invitations WHERE id = ? AND token_hash = ?)
         THEN 1 ELSE json('not renewed') END AS renewed`,
    )
    .bind(id, tokenHash);
}

export function replaceCodeStatement(
  db: D1Database,
  id: string,
  code: Omit<StoredSecret, "tokenHash">,
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE partner_invitations SET code_hmac = ?, code_expires_at = ?, updated_at = ?4
       WHERE id = ?3 AND status = 'pending' AND expires_at > ?4 AND provisional_user_id IS NULL RETURNING id`,
    )
    .bind(code.codeHmac, code.codeExpiresAt, id, now);
}

/** The secret by which somebody came who has to wait for the inviter's word. */
export type HeldBy = { codeHmac: string } | { tokenHash: string };

/** Whoever typed the code, or has a link of somebody who had left them, waits for the inviter's word. */
export function holdForConfirmationStatement(
  db: D1Database,
  id: string,
  by: HeldBy,
  userId: string,
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE partner_invitations SET provisional_user_id = ?3, provisional_at = ?4, updated_at = ?4
       WHERE id = ?1 AND status = 'pending' AND expires_at > ?4
         AND (CASE WHEN ?2 IS NULL THEN token_hash = ?5 ELSE code_hmac = ?2 AND code_expires_at > ?4 END)
         AND provisional_user_id IS NULL AND inviter_user_id <> ?3`,
    )
    .bind(id, "codeHmac" in by ? by.codeHmac : null, userId, now, "tokenHash" in by ? by.tokenHash : null);
}

/** Fails the batch unless `userId` waits for the confirmation of `id`. */
export function requireHeldStatement(db: D1Database, id: string, userId: string): D1PreparedStatement {
  return db
    .prepare(
      `SELECT CASE WHEN EXISTS (SELECT 1 FROM partner_invitations
           WHERE id = ? AND status = 'pending' AND provisional_user_id = ?)
         THEN 1 ELSE json('not held') END AS held`,
    )
    .bind(id, userId);
}

/**
 * The inviter says no to whoever waits; the code that was used is gone, the link stays. Only when the one who waits is
 * whom the inviter has left, the link is gone as well: it is in the wrong hands.
 */
export async function rejectHeld(db: D1Database, id: string, now: number): Promise<boolean> {
  const { meta } = await db
    .prepare(
      `UPDATE partner_invitations SET provisional_user_id = NULL, provisional_at = NULL, code_hmac = NULL,
         code_expires_at = NULL, updated_at = ?,
         status = iif(EXISTS (SELECT 1 FROM parted_pairs AS p
           WHERE p.user_id = partner_invitations.inviter_user_id
             AND p.other_user_id = partner_invitations.provisional_user_id), 'revoked', status)
       WHERE id = ? AND status = 'pending' AND provisional_user_id IS NOT NULL`,
    )
    .bind(now, id)
    .run();
  return meta.changes > 0;
}

/** Two people who found each other wait nowhere else any more. */
export function releaseHeldElsewhereStatement(
  db: D1Database,
  userIds: readonly [string, string],
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE partner_invitations SET provisional_user_id = NULL, provisional_at = NULL, code_hmac = NULL,
         code_expires_at = NULL, updated_at = ?3
       WHERE provisional_user_id IN (?1, ?2) AND status = 'pending'`,
    )
    .bind(userIds[0], userIds[1], now);
}

/** What entitles to accept: the link whose hash this is, or the inviter's confirmation of whoever waits. */
export type AcceptedBy = { tokenHash: string } | { confirmed: true };

/**
 * pending -> accepted, if the inviter still is alone in that relationship and, for a confirmation, `accepterId` is who
 * waits. Who is alone, who is free and who has left whom is asked inside the database, where nothing can happen between
 * asking and doing.
 */
export function acceptStatement(
  db: D1Database,
  id: string,
  accepterId: string,
  by: AcceptedBy,
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE partner_invitations SET status = 'accepted', accepted_by_user_id = ?2, provisional_user_id = NULL,
         provisional_at = NULL, updated_at = ?4
       WHERE id = ?1 AND status = 'pending' AND expires_at > ?4 AND inviter_user_id <> ?2
         AND (CASE WHEN ?3 IS NULL THEN provisional_user_id = ?2
              ELSE token_hash = ?3 AND NOT EXISTS (SELECT 1 FROM parted_pairs AS p
                WHERE p.user_id = partner_invitations.inviter_user_id AND p.other_user_id = ?2) END)
         AND EXISTS (SELECT 1 FROM relationships AS r
           JOIN relationship_members AS m ON m.relationship_id = r.id AND m.left_at IS NULL
           WHERE r.id = partner_invitations.relationship_id AND r.status = 'solo'
             AND m.user_id = partner_invitations.inviter_user_id)`,
    )
    .bind(id, accepterId, "tokenHash" in by ? by.tokenHash : null, now);
}
