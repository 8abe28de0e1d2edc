import type { Sql } from "../sql.ts";

/** Whether `userId` has a check-in of `date`. */
export function hasCheckin(sql: Sql, userId: string, date: string): boolean {
  return (
    sql.first("SELECT 1 FROM daily_checkins WHERE user_id = ? AND checkin_date = ? LIMIT 1", userId, date) !== null
  );
}

export interface DueRow {
  id: string;
  date: string;
}

/** Goals under way that `userId` may see and that are to be reached from `fromDate` to `toDate`, the soonest first. */
export function listDueGoals(sql: Sql, userId: string, fromDate: string, toDate: string): DueRow[] {
  return sql.all<DueRow>(
    `SELECT id, target_date AS date FROM shared_goals
     WHERE status = 'active' AND target_date BETWEEN ? AND ? AND (visibility <> 'private' OR created_by_user_id = ?)
     ORDER BY target_date, id LIMIT 100`,
    fromDate,
    toDate,
    userId,
  );
}

/** Conversations of `userId` whose follow-up date has come and was reminded of, or was not; the oldest first. */
export function listFollowUps(
  sql: Sql,
  userId: string,
  { from, to, isTold }: { from: string; to: string; isTold: boolean },
): DueRow[] {
  return sql.all<DueRow>(
    `SELECT id, follow_up_date AS date FROM communication_log
     WHERE follow_up_needed = 1 AND follow_up_date BETWEEN ? AND ? AND initiated_by_user_id = ?
       AND (reminded_follow_up_date IS follow_up_date) = ?
     ORDER BY follow_up_date, id LIMIT 100`,
    from,
    to,
    userId,
    isTold ? 1 : 0,
  );
}

/** Notes that the follow-up dates of `ids` were reminded of. No edit: versions and times stay. */
export function markFollowUpsTold(sql: Sql, ids: readonly string[]): void {
  sql.run(
    "UPDATE communication_log SET reminded_follow_up_date = follow_up_date WHERE id IN (SELECT value FROM json_each(?))",
    JSON.stringify(ids),
  );
}

/** Whether anybody whose answers `userId` may know of has answered a question from `fromDate` on. */
export function answersQuestions(sql: Sql, userId: string, fromDate: string): boolean {
  const row = sql.first(
    "SELECT 1 FROM daily_answers WHERE question_date >= ? AND (user_id = ? OR visibility <> 'private') LIMIT 1",
    fromDate,
    userId,
  );
  return row !== null;
}

/** When the job `kind`/`key` was to run, or null when nobody planned it. */
export function findDueAt(sql: Sql, kind: string, key: string): number | null {
  return (
    sql.first<{ dueAt: number }>("SELECT due_at AS dueAt FROM schedule WHERE kind = ? AND key = ?", kind, key)?.dueAt ??
    null
  );
}
