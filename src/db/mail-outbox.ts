export type MailStatus = "pending" | "sending" | "sent" | "caught" | "dead";

export interface MailRow {
  id: string;
  idempotency_key: string;
  kind: string;
  recipient_user_id: string | null;
  recipient_email: string;
  /** In whose name it was written, unless that is the recipient. */
  caused_by_user_id: string | null;
  subject: string;
  html: string | null;
  text: string | null;
  status: MailStatus;
  attempts: number;
  due_at: number;
  last_error: string | null;
  provider_id: string | null;
  created_at: number;
  sent_at: number | null;
}

export type NewMailRow = Pick<
  MailRow,
  | "id"
  | "idempotency_key"
  | "kind"
  | "recipient_user_id"
  | "recipient_email"
  | "caused_by_user_id"
  | "subject"
  | "html"
  | "text"
>;

/** A claimed mail; `suppression` says why its address may not be written to. */
export type ClaimedMailRow = MailRow & { suppression: "hard_bounce" | "complaint" | "manual" | null };

/** One statement for the caller's batch. The same idempotency key a second time adds nothing. */
export function insertMailStatement(db: D1Database, mail: NewMailRow, now: number): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO mail_outbox (id, idempotency_key, kind, recipient_user_id, recipient_email, subject, html, text,
         status, attempts, due_at, created_at, caused_by_user_id)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'pending', 0, ?9, ?9, ?10)
       ON CONFLICT (idempotency_key) DO NOTHING`,
    )
    .bind(
      mail.id,
      mail.idempotency_key,
      mail.kind,
      mail.recipient_user_id,
      mail.recipient_email,
      mail.subject,
      mail.html,
      mail.text,
      now,
      mail.caused_by_user_id,
    );
}

/**
 * As `insertMailStatement`, for an invitation by `inviterId`. Whoever parted from the inviter is not written to, nor at
 * the address that was theirs, should their account be erased; since the question is part of the statement, the inviter
 * cannot tell by its time either.
 * @param addressHmac see `hashKeptAddress`
 */
export function insertInvitationMailStatement(
  db: D1Database,
  mail: NewMailRow,
  { inviterId, addressHmac }: { inviterId: string; addressHmac: string },
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO mail_outbox (id, idempotency_key, kind, recipient_user_id, recipient_email, subject, html, text,
         status, attempts, due_at, created_at, caused_by_user_id)
       SELECT ?1, ?2, ?3, NULL, ?4, ?5, ?6, ?7, 'pending', 0, ?8, ?8, ?9
       WHERE NOT EXISTS (SELECT 1 FROM users AS u
         JOIN parted_pairs AS p ON p.user_id = u.id AND p.other_user_id = ?9 WHERE u.email = ?4)
         AND NOT EXISTS (SELECT 1 FROM kept_away_addresses WHERE address_hmac = ?10 AND sender_user_id = ?9)
       ON CONFLICT (idempotency_key) DO NOTHING`,
    )
    .bind(
      mail.id,
      mail.idempotency_key,
      mail.kind,
      mail.recipient_email,
      mail.subject,
      mail.html,
      mail.text,
      now,
      inviterId,
      addressHmac,
    );
}

/**
 * Claims the mail that is due longest, until `leaseEndsAt`, and counts a try of it; one mail at a time, so that a run that
 * dies has used up no try of the others. A claim that lapsed is due again: whoever held it died, and the provider
 * recognises the mail by its id.
 * @returns null when nothing is due
 */
export async function claimDueMail(db: D1Database, now: number, leaseEndsAt: number): Promise<ClaimedMailRow | null> {
  return db
    .prepare(
      `UPDATE mail_outbox SET status = 'sending', attempts = attempts + 1, due_at = ?2
       WHERE id = (SELECT id FROM mail_outbox WHERE status IN ('pending', 'sending') AND due_at <= ?1
                   ORDER BY due_at LIMIT 1)
       RETURNING *, (SELECT s.reason FROM mail_suppressions AS s WHERE s.email = recipient_email) AS suppression`,
    )
    .bind(now, leaseEndsAt)
    .first<ClaimedMailRow>();
}

/** The provider took the mail. Its body goes, since it holds links that outlive their use. */
export function markMailSent(db: D1Database, id: string, providerId: string, now: number): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE mail_outbox SET status = 'sent', provider_id = ?, sent_at = ?, html = NULL, text = NULL, last_error = NULL
       WHERE id = ? AND status = 'sending'`,
    )
    .bind(providerId, now, id);
}

/** The mail stays here, with its body, for the local mailbox. */
export function markMailCaught(db: D1Database, id: string, now: number): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE mail_outbox SET status = 'caught', sent_at = ?, last_error = NULL WHERE id = ? AND status = 'sending'`,
    )
    .bind(now, id);
}

export function markMailFailed(db: D1Database, id: string, error: string, retryAt: number): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE mail_outbox SET status = 'pending', due_at = ?, last_error = ? WHERE id = ? AND status = 'sending'`,
    )
    .bind(retryAt, error, id);
}

/** No further try will be made. The body goes: whoever asked again has a newer link. */
export function markMailDead(db: D1Database, id: string, error: string): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE mail_outbox SET status = 'dead', last_error = ?, html = NULL, text = NULL
       WHERE id = ? AND status = 'sending'`,
    )
    .bind(error, id);
}

/** The newest mails, for the local mailbox. */
export async function listMails(db: D1Database, limit: number): Promise<MailRow[]> {
  const { results } = await db.prepare(`SELECT * FROM mail_outbox ORDER BY id DESC LIMIT ?`).bind(limit).all<MailRow>();
  return results;
}

export async function listMailsTo(db: D1Database, email: string, limit: number): Promise<MailRow[]> {
  const { results } = await db
    .prepare(`SELECT * FROM mail_outbox WHERE recipient_email = ? ORDER BY id DESC LIMIT ?`)
    .bind(email, limit)
    .all<MailRow>();
  return results;
}

/** How many mails of `kind` a person was written since `since`, and when the newest was. Times in epoch milliseconds. */
export async function findRecentMails(
  db: D1Database,
  userId: string,
  kind: string,
  since: number,
): Promise<{ count: number; newestAt: number | null }> {
  const row = await db
    .prepare(
      `SELECT count(*) AS count, max(created_at) AS newest_at FROM mail_outbox
       WHERE recipient_user_id = ? AND kind = ? AND created_at > ?`,
    )
    .bind(userId, kind, since)
    .first<{ count: number; newest_at: number | null }>();
  return { count: row?.count ?? 0, newestAt: row?.newest_at ?? null };
}

export async function findMail(db: D1Database, id: string): Promise<MailRow | null> {
  return db.prepare(`SELECT * FROM mail_outbox WHERE id = ?`).bind(id).first<MailRow>();
}
