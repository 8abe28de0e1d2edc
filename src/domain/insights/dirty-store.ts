import type { Sql } from "../sql.ts";

/** A day that waits for the flush, with the sequence that orders what is sent of it. */
export interface DirtySnapshotRow {
  date: string;
  sourceSeq: number;
}

export interface DirtyScoreRow {
  userId: string;
  date: string;
  sourceSeq: number;
}

export interface UnfoldedEventRow {
  name: string;
  occurredAt: number;
  subjectId: string | null;
  counted: number;
  data: string;
}

/** Events of `stream` after `afterSeq` that change a number which leaves the object. */
export function listTellingEvents(
  sql: Sql,
  stream: string,
  afterSeq: number,
  alsoNamed: readonly string[],
): UnfoldedEventRow[] {
  return sql.all<UnfoldedEventRow>(
    `SELECT name, occurred_at AS occurredAt, subject_id AS subjectId, counted, data FROM relationship_events
     WHERE stream = ? AND seq > ? AND (counted = 1 OR name IN (SELECT value FROM json_each(?)))`,
    stream,
    afterSeq,
    JSON.stringify(alsoNamed),
  );
}

/** The earliest day on which one of these activities and goals is or was due, or null. */
export function findEarliestDue(sql: Sql, subjectIds: readonly string[]): string | null {
  const row = sql.first<{ date: string | null }>(
    `SELECT MIN(date) AS date FROM (
       SELECT planned_date AS date FROM activities WHERE id IN (SELECT value FROM json_each(?1))
       UNION ALL
       SELECT target_date FROM shared_goals WHERE id IN (SELECT value FROM json_each(?1)))`,
    JSON.stringify(subjectIds),
  );
  return row?.date ?? null;
}

export function markSnapshots(sql: Sql, dates: readonly string[], sourceSeq: number): void {
  sql.run(
    `INSERT INTO snapshot_dates (analytics_date, source_seq) SELECT value, ? FROM json_each(?) WHERE true
     ON CONFLICT DO UPDATE SET source_seq = excluded.source_seq`,
    sourceSeq,
    JSON.stringify(dates),
  );
}

/** Marks every snapshot of `date` and later that was ever made. */
export function remarkSnapshotsFrom(sql: Sql, date: string, sourceSeq: number): void {
  sql.run("UPDATE snapshot_dates SET source_seq = ? WHERE analytics_date >= ?", sourceSeq, date);
}

/** Marks the scores of all current members on `dates`. */
export function markScores(sql: Sql, dates: readonly string[], sourceSeq: number): void {
  sql.run(
    `INSERT INTO score_dates (user_id, score_date, source_seq)
     SELECT members.user_id, day.value, ? FROM members CROSS JOIN json_each(?) AS day
     WHERE members.left_at IS NULL AND members.erased_at IS NULL
     ON CONFLICT DO UPDATE SET source_seq = excluded.source_seq`,
    sourceSeq,
    JSON.stringify(dates),
  );
}

/** Marks every score from `date` on that was ever made, and those of days on which a member did something that counts. */
export function remarkScoresFrom(sql: Sql, date: string, solo: boolean, sourceSeq: number): void {
  sql.run("UPDATE score_dates SET source_seq = ? WHERE score_date >= ?", sourceSeq, date);
  sql.run(
    `INSERT INTO score_dates (user_id, score_date, source_seq)
     SELECT DISTINCT members.user_id, day.date, ?2 FROM members JOIN (
       SELECT user_id, checkin_date AS date, visibility FROM daily_checkins WHERE checkin_date >= ?1
       UNION ALL
       SELECT user_id, entry_date, visibility FROM challenge_entries WHERE entry_date >= ?1 AND completion_status = 1
       UNION ALL
       SELECT initiated_by_user_id, communication_date, visibility FROM communication_log WHERE communication_date >= ?1
       UNION ALL
       SELECT created_by_user_id, completed_date, visibility FROM activities
       WHERE status = 'completed' AND former_author = 0 AND completed_date >= ?1) AS day USING (user_id)
     WHERE members.left_at IS NULL AND members.erased_at IS NULL AND (day.visibility <> 'private' OR ?3)
     ON CONFLICT DO NOTHING`,
    date,
    sourceSeq,
    solo ? 1 : 0,
  );
}

/** Days whose snapshot changed, the newest first. */
export function listDirtySnapshots(sql: Sql, limit: number): DirtySnapshotRow[] {
  return sql.all<DirtySnapshotRow>(
    `SELECT analytics_date AS date, source_seq AS sourceSeq FROM snapshot_dates
     WHERE source_seq > flushed_seq ORDER BY analytics_date DESC LIMIT ?`,
    limit,
  );
}

export function listDirtyScores(sql: Sql, limit: number): DirtyScoreRow[] {
  return sql.all<DirtyScoreRow>(
    `SELECT user_id AS userId, score_date AS date, source_seq AS sourceSeq FROM score_dates
     WHERE source_seq > flushed_seq ORDER BY score_date DESC LIMIT ?`,
    limit,
  );
}

export function hasDirtyDays(sql: Sql): boolean {
  return (
    sql.first("SELECT 1 FROM snapshot_dates WHERE source_seq > flushed_seq LIMIT 1") !== null ||
    sql.first("SELECT 1 FROM score_dates WHERE source_seq > flushed_seq LIMIT 1") !== null
  );
}

/** Notes that `snapshots` and `scores` have reached D1 as they were when they were read. */
export function markDaysSent(sql: Sql, snapshots: readonly DirtySnapshotRow[], scores: readonly DirtyScoreRow[]): void {
  sql.run(
    `UPDATE snapshot_dates SET flushed_seq = sent.value ->> 'sourceSeq' FROM json_each(?) AS sent
     WHERE analytics_date = sent.value ->> 'date'`,
    JSON.stringify(snapshots),
  );
  sql.run(
    `UPDATE score_dates SET flushed_seq = sent.value ->> 'sourceSeq' FROM json_each(?) AS sent
     WHERE user_id = sent.value ->> 'userId' AND score_date = sent.value ->> 'date'`,
    JSON.stringify(scores),
  );
}

/** Marks every day as not sent. */
export function forgetDaysSent(sql: Sql): void {
  sql.run("UPDATE snapshot_dates SET flushed_seq = 0");
  sql.run("UPDATE score_dates SET flushed_seq = 0");
}

/** Forgets scores that D1 keeps no longer. */
export function pruneScores(sql: Sql, beforeDate: string): void {
  sql.run("DELETE FROM score_dates WHERE score_date < ? AND source_seq <= flushed_seq", beforeDate);
}
