export type RecoveryStatus =
  | "waiting_for_partner"
  | "waiting_period"
  | "link_mailed"
  | "finished"
  | "cancelled"
  | "expired";

export interface RecoveryRow {
  id: string;
  user_id: string;
  relationship_id: string;
  new_email: string;
  status: RecoveryStatus;
  told_status: RecoveryStatus | null;
  approved_by_user_id: string | null;
  approved_at: number | null;
  ready_at: number | null;
  created_at: number;
  updated_at: number;
}

/** Who could be recovered: switched on, and with a partner who could help. */
export interface CandidateRow {
  user_id: string;
  email: string;
  name: string;
  relationship_id: string;
}

/** A recovery that may be under way, with whom it concerns; null `partner_id` when they are no longer two. */
export interface OpenRecoveryRow extends RecoveryRow {
  email: string;
  name: string;
  partner_id: string | null;
}

export async function isRecoveryEnabled(db: D1Database, userId: string): Promise<boolean> {
  const row = await db.prepare(`SELECT 1 AS found FROM recovery_settings WHERE user_id = ?`).bind(userId).first();
  return row !== null;
}

export function enableRecoveryStatement(db: D1Database, userId: string, now: number): D1PreparedStatement {
  return db
    .prepare(`INSERT INTO recovery_settings (user_id, enabled_at) VALUES (?, ?) ON CONFLICT (user_id) DO NOTHING`)
    .bind(userId, now);
}

export function disableRecoveryStatement(db: D1Database, userId: string): D1PreparedStatement {
  return db.prepare(`DELETE FROM recovery_settings WHERE user_id = ?`).bind(userId);
}

/** The account at `email`, if its owner wants this help and lives with a partner who could give it. */
export async function findCandidate(db: D1Database, email: string): Promise<CandidateRow | null> {
  return db
    .prepare(
      `SELECT u.id AS user_id, u.email, coalesce(nullif(u.nickname, ''), u.name) AS name,
         r.id AS relationship_id
       FROM users AS u
       JOIN recovery_settings AS s ON s.user_id = u.id
       JOIN relationship_members AS mine ON mine.user_id = u.id AND mine.left_at IS NULL
       JOIN relationships AS r ON r.id = mine.relationship_id AND r.status IN ('active', 'paused')
       JOIN relationship_members AS other
         ON other.relationship_id = r.id AND other.left_at IS NULL AND other.user_id <> u.id
       WHERE u.email = ? AND u.email_verified = 1 AND u.erased_at IS NULL`,
    )
    .bind(email)
    .first<CandidateRow>();
}

/** A request for which nobody answered yet gives way to a newer one; one whose waiting period runs does not. */
export function supersedeStatement(db: D1Database, userId: string, now: number): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE recoveries SET status = 'cancelled', told_status = 'cancelled', new_email = '',
         updated_at = max(?2, updated_at)
       WHERE user_id = ?1 AND status = 'waiting_for_partner'`,
    )
    .bind(userId, now);
}

/**
 * Violates a constraint when one is under way already, or when `new_email` is somebody's account: then the batch around
 * it, with its mail, is undone as a whole.
 */
export function insertRecoveryStatement(
  db: D1Database,
  recovery: Pick<RecoveryRow, "id" | "user_id" | "relationship_id" | "new_email">,
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO recoveries (id, user_id, relationship_id, new_email, created_at, updated_at)
       VALUES (?1, ?2, ?3, iif(EXISTS (SELECT 1 FROM users WHERE email = ?4), NULL, ?4), ?5, ?5)`,
    )
    .bind(recovery.id, recovery.user_id, recovery.relationship_id, recovery.new_email, now);
}

const COLUMNS = `c.*, u.email, coalesce(nullif(u.nickname, ''), u.name) AS name,
    (SELECT other.user_id FROM relationship_members AS other
     JOIN relationship_members AS mine ON mine.relationship_id = other.relationship_id
       AND mine.user_id = c.user_id AND mine.left_at IS NULL
     JOIN relationships AS r ON r.id = other.relationship_id AND r.status IN ('active', 'paused')
     WHERE other.relationship_id = c.relationship_id AND other.user_id <> c.user_id AND other.left_at IS NULL
    ) AS partner_id`;
const RECOVERIES = `recoveries AS c JOIN users AS u ON u.id = c.user_id`;

export async function findRecovery(db: D1Database, id: string): Promise<OpenRecoveryRow | null> {
  return db.prepare(`SELECT ${COLUMNS} FROM ${RECOVERIES} WHERE c.id = ?`).bind(id).first<OpenRecoveryRow>();
}

/** What is under way for `userId`, and what waits for their help: of their own and of their partner's account. */
export async function listOpenRecoveries(db: D1Database, userId: string): Promise<OpenRecoveryRow[]> {
  const [own, partners] = await db.batch<OpenRecoveryRow>([
    db
      .prepare(
        `SELECT ${COLUMNS} FROM ${RECOVERIES} WHERE c.user_id = ?
           AND c.status IN ('waiting_for_partner', 'waiting_period', 'link_mailed')`,
      )
      .bind(userId),
    db
      .prepare(
        `SELECT ${COLUMNS} FROM ${RECOVERIES} WHERE c.user_id <> ?1
           AND c.relationship_id = (SELECT relationship_id FROM relationship_members WHERE user_id = ?1 AND left_at IS NULL)
           AND c.status IN ('waiting_for_partner', 'waiting_period', 'link_mailed')`,
      )
      .bind(userId),
  ]);
  return [...(own?.results ?? []), ...(partners?.results ?? [])];
}

/**
 * The waiting period begins: of the one that still waits, with the partner of this moment. Anything else violates the
 * table's check of states, and so undoes the batch around it; so does a period that is too short.
 */
export function approveStatement(
  db: D1Database,
  id: string,
  partnerId: string,
  times: { now: number; readyAt: number },
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE recoveries SET approved_by_user_id = ?2, approved_at = ?3, ready_at = ?4, updated_at = ?3,
         status = CASE WHEN status = 'waiting_for_partner' AND user_id <> ?2
           AND EXISTS (SELECT 1 FROM recovery_settings AS s WHERE s.user_id = recoveries.user_id)
           AND EXISTS (SELECT 1 FROM relationship_members AS m WHERE m.relationship_id = recoveries.relationship_id
                       AND m.user_id = ?2 AND m.left_at IS NULL)
           AND EXISTS (SELECT 1 FROM relationship_members AS m WHERE m.relationship_id = recoveries.relationship_id
                       AND m.user_id = recoveries.user_id AND m.left_at IS NULL)
           THEN 'waiting_period' ELSE 'not waiting' END
       WHERE id = ?1`,
    )
    .bind(id, partnerId, times.now, times.readyAt);
}

/** Every open recovery of a person ends. Joins the batch of a password change, of switching off, of an erasure. */
export function cancelRecoveriesStatement(db: D1Database, userId: string, now: number): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE recoveries SET status = 'cancelled', new_email = '', updated_at = max(?2, updated_at)
       WHERE user_id = ?1 AND status IN ('waiting_for_partner', 'waiting_period', 'link_mailed') RETURNING id`,
    )
    .bind(userId, now);
}

/** Every open recovery that rests on a relationship ends. Joins the batch in which a relationship freezes. */
export function cancelRecoveriesOfRelationshipStatement(
  db: D1Database,
  relationshipId: string,
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE recoveries SET status = 'cancelled', new_email = '', updated_at = max(?2, updated_at)
       WHERE relationship_id = ?1 AND status IN ('waiting_for_partner', 'waiting_period', 'link_mailed')`,
    )
    .bind(relationshipId, now);
}

/** @returns whether it was open until now */
export async function cancelRecovery(db: D1Database, id: string, now: number): Promise<boolean> {
  const row = await db
    .prepare(
      `UPDATE recoveries SET status = 'cancelled', new_email = '', updated_at = max(?2, updated_at)
       WHERE id = ?1 AND status IN ('waiting_for_partner', 'waiting_period', 'link_mailed') RETURNING id`,
    )
    .bind(id, now)
    .first();
  return row !== null;
}

export async function listReadyRecoveries(db: D1Database, now: number, limit: number): Promise<OpenRecoveryRow[]> {
  const { results } = await db
    .prepare(
      `SELECT ${COLUMNS} FROM ${RECOVERIES} WHERE c.status = 'waiting_period' AND c.ready_at <= ? ORDER BY c.ready_at LIMIT ?`,
    )
    .bind(now, limit)
    .all<OpenRecoveryRow>();
  return results;
}

/** The waiting period is over. What is stopped, early or done already undoes the batch around it, as in `approveStatement`. */
export function markLinkMailedStatement(db: D1Database, id: string, now: number): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE recoveries SET updated_at = ?2,
         status = CASE WHEN status = 'waiting_period' AND ready_at <= ?2 THEN 'link_mailed' ELSE 'not waiting' END
       WHERE id = ?1`,
    )
    .bind(id, now);
}

/**
 * Uses the link. What is not open any more violates the table's check of states, so that the batch around it is undone
 * as a whole: of two that use one link, one changes the account.
 */
export function finishRecoveryStatement(
  db: D1Database,
  id: string,
  mailedAfter: number,
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE recoveries SET new_email = '', updated_at = ?3,
         status = CASE WHEN status = 'link_mailed' AND updated_at > ?2 THEN 'finished' ELSE 'not open' END
       WHERE id = ?1`,
    )
    .bind(id, mailedAfter, now);
}

/** The account gets its new address, which counts as confirmed, and its new password; old reset links end. */
export function replaceSignInStatements(
  db: D1Database,
  account: { userId: string; email: string; passwordHash: string },
  now: number,
): D1PreparedStatement[] {
  const at = new Date(now).toISOString();
  return [
    db
      .prepare(`UPDATE users SET email = ?2, email_verified = 1, updated_at = ?3 WHERE id = ?1 AND erased_at IS NULL`)
      .bind(account.userId, account.email, at),
    db
      .prepare(`UPDATE accounts SET password = ?2, updated_at = ?3 WHERE user_id = ?1 AND provider_id = 'credential'`)
      .bind(account.userId, account.passwordHash, at),
    db.prepare(`DELETE FROM verifications WHERE value = ?`).bind(account.userId),
  ];
}

/** What the inboxes have not heard of, changed at `now` or before. */
export async function listUntoldRecoveries(db: D1Database, now: number, limit: number): Promise<OpenRecoveryRow[]> {
  const { results } = await db
    .prepare(
      `SELECT ${COLUMNS} FROM ${RECOVERIES} WHERE c.told_status IS NOT c.status AND c.updated_at <= ? ORDER BY c.updated_at LIMIT ?`,
    )
    .bind(now, limit)
    .all<OpenRecoveryRow>();
  return results;
}

export async function markTold(db: D1Database, id: string, status: RecoveryStatus): Promise<void> {
  await db.prepare(`UPDATE recoveries SET told_status = ?2 WHERE id = ?1`).bind(id, status).run();
}

/** Requests that nobody answered, and links that nobody used. @returns how many expired */
export async function expireRecoveries(db: D1Database, askedBefore: number, mailedBefore: number): Promise<number> {
  const { meta } = await db
    .prepare(
      `UPDATE recoveries SET status = 'expired', new_email = ''
       WHERE (status = 'waiting_for_partner' AND updated_at <= ?1) OR (status = 'link_mailed' AND updated_at <= ?2)`,
    )
    .bind(askedBefore, mailedBefore)
    .run();
  return meta.changes;
}

/** @returns how many rows of the past went */
export async function deleteOldRecoveries(db: D1Database, before: number): Promise<number> {
  const { meta } = await db
    .prepare(`DELETE FROM recoveries WHERE status IN ('finished', 'cancelled', 'expired') AND updated_at <= ?`)
    .bind(before)
    .run();
  return meta.changes;
}
