export interface ErasureRow {
  user_id: string;
  requested_at: number;
  /** JSON of `ErasureStep[]`, in the order in which they were done. */
  steps: string;
  attempts: number;
  due_at: number;
  last_error: string | null;
  finished_at: number | null;
}

/** One entry of the certificate. */
export interface ErasureStep {
  step: string;
  /** Epoch milliseconds. */
  at: number;
}

export async function findErasure(db: D1Database, userId: string): Promise<ErasureRow | null> {
  return db.prepare(`SELECT * FROM erasures WHERE user_id = ?`).bind(userId).first<ErasureRow>();
}

/** Erasures that are not finished, the longest waiting first. */
export async function listDueErasures(db: D1Database, now: number, limit: number): Promise<ErasureRow[]> {
  const { results } = await db
    .prepare(`SELECT * FROM erasures WHERE finished_at IS NULL AND due_at <= ? ORDER BY due_at LIMIT ?`)
    .bind(now, limit)
    .all<ErasureRow>();
  return results;
}

/** Asking again changes nothing. */
export function insertErasureStatement(db: D1Database, userId: string, now: number): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO erasures (user_id, requested_at, due_at) VALUES (?1, ?2, ?2) ON CONFLICT (user_id) DO NOTHING`,
    )
    .bind(userId, now);
}

/** Adds a step to the certificate, unless it is there. */
export function recordStepStatement(db: D1Database, userId: string, step: ErasureStep): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE erasures SET steps = json_insert(steps, '$[#]', json_object('step', ?2, 'at', CAST(?3 AS INTEGER)))
       WHERE user_id = ?1
         AND NOT EXISTS (SELECT 1 FROM json_each(erasures.steps) AS done WHERE done.value ->> 'step' = ?2)`,
    )
    .bind(userId, step.step, step.at);
}

export function finishErasureStatement(db: D1Database, userId: string, now: number): D1PreparedStatement {
  return db
    .prepare(`UPDATE erasures SET finished_at = ?2, last_error = NULL WHERE user_id = ?1 AND finished_at IS NULL`)
    .bind(userId, now);
}

export async function postponeErasure(
  db: D1Database,
  userId: string,
  error: string | null,
  dueAt: number,
): Promise<void> {
  await db
    .prepare(
      `UPDATE erasures SET attempts = attempts + 1, last_error = ?2, due_at = ?3
       WHERE user_id = ?1 AND finished_at IS NULL`,
    )
    .bind(userId, error, dueAt)
    .run();
}

/** Where the person was ever a member, and whether they are one now. */
export interface PlaceRow {
  relationship_id: string;
  is_live: 0 | 1;
  status: string;
}

export async function listPlaces(db: D1Database, userId: string): Promise<PlaceRow[]> {
  const { results } = await db
    .prepare(
      `SELECT m.relationship_id, max(m.left_at IS NULL) AS is_live, r.status
       FROM relationship_members AS m JOIN relationships AS r ON r.id = m.relationship_id
       WHERE m.user_id = ? GROUP BY m.relationship_id`,
    )
    .bind(userId)
    .all<PlaceRow>();
  return results;
}

// Statements of an erasure read ?1 the person, ?2 their address, ?3 now. Each leaves the same behind when it runs again.

/** The account itself: nobody can sign in with it, and what it says of the person is gone. Payments keep pointing at it. */
const ACCOUNT = [
  `DELETE FROM accounts WHERE user_id = ?1`,
  `DELETE FROM verifications WHERE value = ?1`,
  `DELETE FROM recovery_settings WHERE user_id = ?1`,
  `DELETE FROM recoveries WHERE user_id = ?1`,
  `DELETE FROM recoveries WHERE approved_by_user_id = ?1`,
  `UPDATE users SET email = 'erased-' || lower(hex(randomblob(16))) || '@erased.invalid', email_verified = 0,
     name = 'Former member', nickname = NULL, profile_photo_url = NULL, phone_number = NULL, timezone = 'UTC',
     love_language_primary = NULL, love_language_secondary = NULL, relationship_preferences = NULL, role = 'user',
     profile_version = profile_version + 1, last_active_at = NULL, erased_at = CAST(?3 AS INTEGER)
   WHERE id = ?1 AND erased_at IS NULL`,
];

/** Where the person lives alone, there is nobody left. The order matters: the membership is asked while it is alive. */
const SOLO = [
  `INSERT INTO object_outbox (relationship_id, kind, key, due_at, created_at)
   SELECT relationship_id, 'membership', '', CAST(?3 AS INTEGER), CAST(?3 AS INTEGER) FROM relationship_members
   WHERE user_id = ?1 AND left_at IS NULL
   ON CONFLICT (relationship_id, kind, key) DO UPDATE SET
     generation = generation + 1, attempts = 0, due_at = excluded.due_at, last_error = NULL`,
  `UPDATE relationships SET status = 'ended', ended_at = CAST(?3 AS INTEGER), next_due_at = NULL,
     status_version = status_version + 1, membership_version = membership_version + 1, updated_at = CAST(?3 AS INTEGER)
   WHERE status = 'solo'
     AND id = (SELECT relationship_id FROM relationship_members WHERE user_id = ?1 AND left_at IS NULL)`,
  `UPDATE relationships SET membership_version = membership_version + 1, updated_at = CAST(?3 AS INTEGER)
   WHERE status IN ('active', 'paused')
     AND id = (SELECT relationship_id FROM relationship_members WHERE user_id = ?1 AND left_at IS NULL)`,
  `UPDATE relationship_members SET left_at = max(CAST(?3 AS INTEGER), joined_at)
   WHERE user_id = ?1 AND left_at IS NULL
     AND EXISTS (SELECT 1 FROM relationships AS r WHERE r.id = relationship_id AND r.status = 'ended')`,
  `UPDATE absorptions SET finished_at = CAST(?3 AS INTEGER) WHERE user_id = ?1 AND finished_at IS NULL`,
];

/** What the person left in tables that others read, or that count. */
const TRACES = [
  // One that was opened in the very moment of the erasure; it was good for nothing.
  `DELETE FROM sessions WHERE user_id = ?1`,
  `UPDATE partner_invitations SET status = iif(status = 'pending', 'revoked', status), invitee_email = NULL,
     message = NULL, code_hmac = NULL, code_expires_at = NULL, provisional_user_id = NULL, provisional_at = NULL,
     updated_at = CAST(?3 AS INTEGER)
   WHERE relationship_id IN (SELECT relationship_id FROM relationship_members WHERE user_id = ?1)
     AND inviter_user_id = ?1`,
  `UPDATE partner_invitations SET invitee_email = NULL WHERE invitee_email = ?2`,
  `UPDATE partner_invitations SET provisional_user_id = NULL, provisional_at = NULL
   WHERE provisional_user_id = ?1 AND status = 'pending'`,
  `DELETE FROM code_entry_attempts WHERE user_id = ?1`,
  `DELETE FROM reunion_votes WHERE user_id = ?1
     AND relationship_id IN (SELECT relationship_id FROM relationship_members WHERE user_id = ?1)`,
  `DELETE FROM parted_pairs WHERE user_id = ?1`,
  `DELETE FROM parted_pairs WHERE other_user_id = ?1`,
  `DELETE FROM kept_away_addresses WHERE sender_user_id = ?1`,
  `DELETE FROM mail_outbox WHERE recipient_user_id = ?1`,
  // To others, and it names the person.
  `DELETE FROM mail_outbox WHERE caused_by_user_id = ?1`,
  `DELETE FROM mail_outbox WHERE recipient_email = ?2`,
  `DELETE FROM mail_suppressions WHERE email = ?2`,
  `DELETE FROM analytics_events WHERE user_id = ?1`,
  `DELETE FROM page_views WHERE user_id = ?1`,
  `DELETE FROM user_sessions WHERE user_id = ?1`,
  `DELETE FROM conversion_funnels WHERE user_id = ?1`,
  `DELETE FROM ab_test_assignments WHERE user_id = ?1`,
  `DELETE FROM user_cohorts WHERE user_id = ?1`,
  `DELETE FROM engagement_scores WHERE user_id = ?1`,
  `DELETE FROM error_logs WHERE user_id = ?1`,
  `UPDATE subscriptions SET gift_message = NULL WHERE user_id = ?1`,
  `UPDATE gift_subscriptions SET message = NULL, recipient_email = NULL WHERE giver_user_id = ?1`,
];

/** Tables of D1 that keep the person's id, which says nothing by itself any more, and why. */
export const KEPT_WITH_ID: Readonly<Record<string, string>> = {
  users: "an anonymous row, because payments point at it",
  relationships: "who was in it: payments and the other member's history point at it",
  relationship_members: "as relationships",
  partner_invitations: "who invited and who accepted, without address and words",
  absorptions: "which object moved where, until the directory forgets it",
  erasures: "the certificate",
  kept_away_addresses:
    "not the id but a keyed hash of the address: whom the person left must not write to it; forgotten after two years",
  audit_log: "append-only by law; holds ids and facts, no words",
  subscriptions: "accounting",
  payment_transactions: "accounting",
  stripe_customers: "accounting",
  ai_credits: "accounting",
  user_addons: "accounting",
  refunds: "accounting",
  discount_codes: "accounting",
  discount_usage: "accounting",
  gift_subscriptions: "accounting, without address and words",
};

/** Every statement by the part of the erasure that it belongs to. A test holds the tables of D1 against them. */
export const ERASING = { account: ACCOUNT, solo: SOLO, traces: TRACES } as const;

export function erasingStatements(
  db: D1Database,
  part: keyof typeof ERASING,
  person: { userId: string; email: string },
  now: number,
): D1PreparedStatement[] {
  // Each reads some of the three; D1 refuses a value that no place asks for.
  return ERASING[part].map((sql) => db.prepare(sql).bind(...bindsOf(sql, [person.userId, person.email, now])));
}

function bindsOf(sql: string, values: readonly (string | number)[]): (string | number)[] {
  const highest = Math.max(...[...sql.matchAll(/\?(\d)/g)].map(([, place]) => Number(place)));
  return values.slice(0, highest);
}

/** Counters of one person in one relationship, in the hours `bucketsAt` (epoch milliseconds). */
export function deleteSummariesOfMemberStatement(
  db: D1Database,
  relationshipId: string,
  userId: string,
  bucketsAt: readonly number[],
): D1PreparedStatement {
  return db
    .prepare(
      `DELETE FROM relationship_event_summaries
       WHERE bucket_at IN (SELECT value FROM json_each(?3)) AND relationship_id = ?1 AND user_id = ?2`,
    )
    .bind(relationshipId, userId, JSON.stringify(bucketsAt));
}
