-- Queries for operators, for `npm run db:console:local` or any D1 console. Replace the values in quotes.
-- Times are epoch milliseconds: `datetime(created_at / 1000, 'unixepoch')` reads them, `unixepoch() * 1000` is now.
-- A test asks the database how it would run each of these, and fails on a scan that does not say "Scan:" and why.

-- ── People and relationships ──

-- One account by its address (upper and lower case are the same).
SELECT id, name, email_verified, timezone, role, created_at, last_active_at
FROM users WHERE email = 'ada@example.com';

-- The live relationship of a person, with both members.
SELECT r.id, r.status, r.home_timezone, r.membership_version, m.user_id, m.slot, u.name
FROM relationship_members AS mine
JOIN relationships AS r ON r.id = mine.relationship_id
JOIN relationship_members AS m ON m.relationship_id = r.id AND m.left_at IS NULL
JOIN users AS u ON u.id = m.user_id
WHERE mine.user_id = 'usr_1' AND mine.left_at IS NULL
ORDER BY m.slot;

-- Everyone who ever belonged to a relationship, in order.
SELECT user_id, slot, role, datetime(joined_at / 1000, 'unixepoch') AS joined, datetime(left_at / 1000, 'unixepoch') AS left
FROM relationship_members WHERE relationship_id = 'rel_1' ORDER BY joined_at;

-- Invitations of a relationship, the newest first.
SELECT id, status, invitee_email, expires_at, code_expires_at, provisional_user_id, resent_count
FROM partner_invitations WHERE relationship_id = 'rel_1' ORDER BY created_at DESC;

-- Pending invitations that are past their end: the expiry job should leave none behind for long.
SELECT count(*) AS overdue FROM partner_invitations WHERE status = 'pending' AND expires_at < unixepoch() * 1000;

-- Relationships by status.
-- Scan: a count over the whole directory, for a person at a console, not for code.
SELECT status, count(*) AS relationships FROM relationships GROUP BY status ORDER BY relationships DESC;

-- People whose pairing code entry is locked now.
-- Scan: one small row per person who ever mistyped a code, and old rows are dropped.
SELECT user_id, wrong_count, datetime(locked_until_at / 1000, 'unixepoch') AS locked_until
FROM code_entry_attempts WHERE locked_until_at > unixepoch() * 1000;

-- ── Pausing, parting, coming back ──

-- Every relationship that a person was ever in, the newest first.
SELECT m.relationship_id, r.status, m.joined_at, m.left_at
FROM relationship_members AS m JOIN relationships AS r ON r.id = m.relationship_id
WHERE m.user_id = 'usr_1' ORDER BY m.joined_at DESC;

-- A parted space: since when, until when, and who wants it back. Nobody else may hear of the last column.
SELECT r.id, r.status, r.status_version, datetime(r.frozen_at / 1000, 'unixepoch') AS frozen,
  datetime(r.frozen_at / 1000 + 30 * 86400, 'unixepoch') AS ends,
  (SELECT count(*) FROM reunion_votes AS v WHERE v.relationship_id = r.id) AS votes
FROM relationships AS r WHERE r.id = 'rel_1';

-- Whose letters to a person are dropped without a word, and since when.
SELECT other_user_id, parted_at FROM parted_pairs WHERE user_id = 'usr_1';

-- Parts on their way into an object. Hours are normal for years of photos; days are not.
SELECT source_id, user_id, (unixepoch() * 1000 - created_at) / 60000 AS minutes
FROM absorptions WHERE target_id = 'rel_1' AND finished_at IS NULL;

-- What became of a person's parts of earlier relationships.
SELECT source_id, target_id, created_at, finished_at FROM absorptions WHERE user_id = 'usr_1';

-- ── Recovery and erasure ──

-- Recoveries of a person, the newest first. The new address is empty once one is over.
SELECT id, status, approved_at, ready_at, created_at FROM recoveries WHERE user_id = 'usr_1' ORDER BY created_at DESC;

-- Erasures that could not be finished yet, the longest waiting first, with the last reason.
-- Scan: reads the partial index of unfinished ones, which is normally empty.
SELECT user_id, attempts, last_error, (unixepoch() * 1000 - requested_at) / 3600000 AS hours
FROM erasures WHERE finished_at IS NULL ORDER BY due_at LIMIT 100;

-- The certificate of one erasure.
SELECT requested_at, finished_at, steps FROM erasures WHERE user_id = 'usr_1';

-- Looks of operators into a relationship's object.
SELECT datetime(created_at / 1000, 'unixepoch') AS at, actor_user_id, actor_role, action, reason
FROM audit_log WHERE subject_kind = 'relationship' AND subject_id = 'rel_1' ORDER BY created_at;

-- The looks that a person may read: of the relationships that they are or were in, in their time (GET /api/me/audit).
SELECT m.relationship_id, a.created_at, a.actor_role, a.reason
FROM relationship_members AS m CROSS JOIN audit_log AS a ON a.relationship_id = m.relationship_id
WHERE m.user_id = 'usr_1' AND a.action = 'relationship.inspected' AND a.created_at >= m.joined_at
  AND a.created_at <= coalesce(m.left_at, a.created_at) ORDER BY a.created_at DESC LIMIT 100;

-- ── Objects: are they awake when they should be, and what do they run? ──

-- Objects that are overdue by more than 15 minutes, the longest first: the sweep wakes these, 200 a run.
SELECT id, status, (unixepoch() * 1000 - next_due_at) / 60000 AS minutes_overdue, last_flush_at
FROM relationships WHERE next_due_at < (unixepoch() - 900) * 1000 ORDER BY next_due_at LIMIT 200;

-- How many objects are at which schema. Before a column is dropped, nothing may be below the version that left it.
-- Scan: reads the index on schema_version and nothing else.
SELECT schema_version, count(*) AS objects FROM relationships GROUP BY schema_version ORDER BY schema_version;

-- Is any object still below schema 2?
SELECT id, schema_version, status FROM relationships WHERE schema_version < 2 LIMIT 20;

-- Messages to objects that should have arrived, with the last reason.
SELECT relationship_id, kind, key, attempts, last_error, (unixepoch() * 1000 - due_at) / 1000 AS seconds_late
FROM object_outbox WHERE due_at < unixepoch() * 1000 ORDER BY due_at LIMIT 100;

-- What is queued for one relationship.
SELECT kind, key, attempts, due_at, last_error FROM object_outbox WHERE relationship_id = 'rel_1';

-- ── What couples do: flushed counters and snapshots ──

-- The last 30 snapshots of one relationship.
SELECT analytics_date, days_together, checkin_streak, average_connection_score, average_satisfaction_score,
  overall_health_score, epoch, source_seq
FROM relationship_analytics WHERE relationship_id = 'rel_1' ORDER BY analytics_date DESC LIMIT 30;

-- Couples with activity, and their mean health, per day of the last two weeks.
SELECT analytics_date, count(*) AS couples, round(avg(overall_health_score), 1) AS mean_health,
  round(avg(checkin_streak), 1) AS mean_streak
FROM relationship_analytics WHERE analytics_date >= date('now', '-14 days')
GROUP BY analytics_date ORDER BY analytics_date;

-- Counters of the last 24 hours over all couples.
SELECT event_name, sum(event_count) AS events, count(DISTINCT relationship_id) AS couples, count(DISTINCT user_id) AS people
FROM relationship_event_summaries WHERE bucket_at >= (unixepoch() - 86400) * 1000
GROUP BY event_name ORDER BY events DESC;

-- Counters of one relationship in the last 48 hours. The hour leads the table's key, so the hours are listed.
WITH RECURSIVE hours (bucket_at) AS (
  SELECT unixepoch() / 3600 * 3600000
  UNION ALL
  SELECT bucket_at - 3600000 FROM hours LIMIT 48
)
SELECT datetime(s.bucket_at / 1000, 'unixepoch') AS hour, s.event_name, s.user_id, s.event_count, s.epoch, s.source_seq
FROM hours CROSS JOIN relationship_event_summaries AS s
  ON s.bucket_at = hours.bucket_at AND s.relationship_id = 'rel_1'
ORDER BY s.bucket_at DESC;

-- Rows that should be gone after 35 days: the clean-up job leaves 0.
SELECT count(*) AS too_old FROM relationship_event_summaries WHERE bucket_at < (unixepoch() - 35 * 86400) * 1000;

-- ── Sign-in and mail ──

-- Live sessions of a person. The library that owns this table writes ISO 8601 text.
SELECT id, device_class, browser_family, os_family, updated_at, expires_at
FROM sessions WHERE user_id = 'usr_1' AND expires_at > strftime('%Y-%m-%dT%H:%M:%fZ', 'now');

-- Mail that waits or is stuck, with the last reason.
SELECT id, kind, status, attempts, last_error, (unixepoch() * 1000 - due_at) / 1000 AS seconds_late
FROM mail_outbox WHERE status IN ('pending', 'sending') AND due_at < unixepoch() * 1000 ORDER BY due_at LIMIT 100;

-- What was mailed to an address, and why it may get nothing.
SELECT id, kind, status, attempts, sent_at, last_error FROM mail_outbox
WHERE recipient_email = 'ada@example.com' ORDER BY id DESC LIMIT 20;

SELECT email, reason, created_at FROM mail_suppressions WHERE email = 'ada@example.com';

-- ── Jobs and audit ──

-- The last runs of a job.
SELECT datetime(slot_at / 1000, 'unixepoch') AS slot, status, finished_at - started_at AS ms, rows_affected, error
FROM job_runs WHERE job_name = 'objects.sweep' ORDER BY slot_at DESC LIMIT 20;

-- What was done to a person or a thing, and by whom.
SELECT sequence, datetime(created_at / 1000, 'unixepoch') AS at, actor_user_id, actor_role, action, reason
FROM audit_log WHERE subject_kind = 'user' AND subject_id = 'usr_1' ORDER BY created_at;

-- Does each entry follow the one before it? Any row here means that the trail was tampered with.
-- Scan: proves the whole chain, so it reads the whole chain.
SELECT entry.sequence, entry.id FROM audit_log AS entry
WHERE entry.previous_hash <> coalesce(
  (SELECT before.entry_hash FROM audit_log AS before WHERE before.sequence < entry.sequence ORDER BY before.sequence DESC LIMIT 1),
  '');

-- ── Catalogues and money ──

-- Questions of the day by category.
-- Scan: a few hundred rows of a catalogue.
SELECT category, count(*) AS questions, sum(is_active) AS active FROM daily_questions GROUP BY category;

-- The catalogues as the database has them; the seed gives 8, 13, 4, 3 and 4 rows and 835 points.
SELECT (SELECT count(*) FROM challenges) AS challenges, (SELECT count(*) FROM achievements) AS achievements,
  (SELECT sum(point_value) FROM achievements) AS points, (SELECT count(*) FROM subscription_plans) AS plans,
  (SELECT count(*) FROM subscription_addons) AS addons, (SELECT count(*) FROM credit_packs) AS packs;

-- The subscriptions of a relationship, and what they let it use until when.
SELECT id, plan_id, user_id, status, current_period_end_at, cancel_at, ended_at, entitlement_version
FROM subscriptions WHERE relationship_id = 'rel_1' ORDER BY created_at DESC;

-- Recurring revenue now, in cents a month. It is kept in twelfths, summed exactly and rounded once.
SELECT (sum(mrr_x12_cents) + 6) / 12 AS mrr_cents, count(*) AS subscriptions
FROM subscriptions WHERE status IN ('active', 'past_due');

-- Credits of a relationship: the balance is the sum of the ledger.
SELECT coalesce(sum(credits_amount), 0) AS balance, count(*) AS entries FROM ai_credits WHERE relationship_id = 'rel_1';

-- Payment events that wait, or that failed and are tried again.
SELECT event_id, event_type, retry_count, error_message FROM stripe_webhooks
WHERE processed = 0 AND next_attempt_at < unixepoch() * 1000 ORDER BY next_attempt_at LIMIT 100;

-- Revenue of the last 30 days by kind.
SELECT transaction_type, count(*) AS payments, sum(amount_cents) AS cents, sum(refund_amount_cents) AS refunded_cents
FROM payment_transactions WHERE created_at >= (unixepoch() - 30 * 86400) * 1000 AND status IN ('succeeded', 'refunded')
GROUP BY transaction_type;

-- ── Health of the database itself ──

-- Rows that point at nothing. Any row here is a bug.
-- Scan: checks every reference of every table.
SELECT "table", rowid, parent, fkid FROM pragma_foreign_key_check;
