import type { Sql } from "../sql.ts";

export interface KeptAwardRow {
  achievementId: string;
  earnedDate: string;
  earnedAt: number;
  earnedBy: string | null;
}

export function listAwardRows(sql: Sql): KeptAwardRow[] {
  return sql.all<KeptAwardRow>(
    `SELECT achievement_id AS achievementId, earned_date AS earnedDate, earned_at AS earnedAt,
       earned_by_user_id AS earnedBy
     FROM user_achievements ORDER BY achievement_id`,
  );
}

export interface LedgerRow {
  id: string;
  subjectId: string;
  points: number;
  memberId: string | null;
  createdAt: number;
}

/** The ledger's rows of one reason. */
export function listLedger(sql: Sql, reason: string): LedgerRow[] {
  return sql.all<LedgerRow>(
    `SELECT id, subject_id AS subjectId, points, member_id AS memberId, created_at AS createdAt
     FROM points WHERE reason = ? ORDER BY subject_id`,
    reason,
  );
}

export function updateLedgerRow(sql: Sql, row: Pick<LedgerRow, "id" | "points" | "memberId">): void {
  sql.run("UPDATE points SET points = ?, member_id = ? WHERE id = ?", row.points, row.memberId, row.id);
}

/** When the log says that something of the name happened to each subject, the first time. */
export function listFirstTimes(sql: Sql, name: string): { subjectId: string; at: number }[] {
  return sql.all(
    `SELECT subject_id AS subjectId, MIN(occurred_at) AS at FROM relationship_events
     WHERE name = ? AND subject_id IS NOT NULL GROUP BY subject_id`,
    name,
  );
}

/** Participations whose progress follows from their entries. */
export function listCountedParticipationIds(sql: Sql): string[] {
  return sql
    .all<{ id: string }>("SELECT id FROM challenge_participation WHERE status IN ('active', 'paused') ORDER BY id")
    .map((row) => row.id);
}

export function updateProgress(sql: Sql, id: string, progress: number): void {
  sql.run("UPDATE challenge_participation SET progress_percentage = ? WHERE id = ?", progress, id);
}

export interface CounterRow {
  bucketAt: number;
  eventName: string;
  userId: string;
  count: number;
}

/** The first hour from which on every stream's log still holds all that was counted. */
export function findCompleteFrom(sql: Sql): number {
  const rows = sql.all<{ from: number }>(
    `SELECT occurred_at - occurred_at % 3600000 + 3600000 AS "from" FROM relationship_events AS log
     WHERE seq > 1 AND seq = (SELECT MIN(seq) FROM relationship_events AS first WHERE first.stream = log.stream)`,
  );
  return Math.max(0, ...rows.map(({ from }) => from));
}

/** Hourly counters from `from` on as they are kept. */
export function listCounters(sql: Sql, from: number): CounterRow[] {
  return sql.all<CounterRow>(
    `SELECT bucket_at AS bucketAt, event_name AS eventName, user_id AS userId, event_count AS count
     FROM event_summaries WHERE bucket_at >= ?`,
    from,
  );
}

/** The same counted anew from the log, as far as it has been folded. */
export function recountLog(sql: Sql, from: number): CounterRow[] {
  return sql.all<CounterRow>(
    `SELECT log.occurred_at - log.occurred_at % 3600000 AS bucketAt, log.name AS eventName, log.actor_id AS userId,
       COUNT(*) AS count
     FROM summary_cursors AS folded JOIN relationship_events AS log
       ON log.stream = folded.stream AND log.seq <= folded.seq
     WHERE log.counted = 1 AND log.occurred_at >= ? GROUP BY 1, 2, 3`,
    from,
  );
}

/** Sets a counter, as something that the next flush sends; without a count it goes. */
export function saveCounter(sql: Sql, row: Omit<CounterRow, "count">, count: number | null): void {
  if (count === null) {
    sql.run(
      "DELETE FROM event_summaries WHERE bucket_at = ? AND event_name = ? AND user_id = ?",
      row.bucketAt,
      row.eventName,
      row.userId,
    );
    return;
  }
  sql.run(
    `INSERT INTO event_summaries (bucket_at, event_name, user_id, event_count, source_seq)
     SELECT ?, ?, ?, ?, COALESCE(MAX(source_seq), 0) + 1 FROM event_summaries WHERE true
     ON CONFLICT DO UPDATE SET event_count = excluded.event_count, source_seq = excluded.source_seq`,
    row.bucketAt,
    row.eventName,
    row.userId,
    count,
  );
}
