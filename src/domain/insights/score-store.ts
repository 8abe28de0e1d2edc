import type { Sql } from "../sql.ts";

export interface HealthCheckinRow {
  userId: string;
  date: string;
  connection: number | null;
  satisfaction: number | null;
}

/** Check-ins of both that both may see, oldest first. */
export function listHealthCheckins(sql: Sql, fromDate: string, toDate: string): HealthCheckinRow[] {
  return sql.all<HealthCheckinRow>(
    `SELECT user_id AS userId, checkin_date AS date, connection_score AS connection,
       relationship_satisfaction AS satisfaction
     FROM daily_checkins
     WHERE checkin_date BETWEEN ? AND ? AND visibility <> 'private' ORDER BY checkin_date, user_id`,
    fromDate,
    toDate,
  );
}

export interface DueRow {
  id: string;
  dueDate: string;
  completed: number;
}

/** Joint activities that were planned for the span and not cancelled. */
export function listDueActivities(sql: Sql, fromDate: string, toDate: string): DueRow[] {
  return sql.all<DueRow>(
    `SELECT id, planned_date AS dueDate, status = 'completed' AS completed FROM activities
     WHERE status IN ('planned', 'completed') AND planned_date BETWEEN ? AND ? AND visibility <> 'private'
     ORDER BY planned_date, id`,
    fromDate,
    toDate,
  );
}

/** Joint goals that were to be reached in the span and not cancelled. */
export function listDueGoals(sql: Sql, fromDate: string, toDate: string): DueRow[] {
  return sql.all<DueRow>(
    `SELECT id, target_date AS dueDate, status = 'completed' AS completed FROM shared_goals
     WHERE status IN ('active', 'paused', 'completed') AND target_date BETWEEN ? AND ? AND visibility <> 'private'
     ORDER BY target_date, id`,
    fromDate,
    toDate,
  );
}

/** The check-in of a member and day, where it counts. */
export function findScoredCheckin(
  sql: Sql,
  userId: string,
  date: string,
  solo: boolean,
): { id: string; gratitude: number } | null {
  return sql.first(
    `SELECT id, gratitude_note IS NOT NULL AND (notes_visibility <> 'private' OR ?3) AS gratitude FROM daily_checkins
     WHERE user_id = ?1 AND checkin_date = ?2 AND (visibility <> 'private' OR ?3)`,
    userId,
    date,
    solo ? 1 : 0,
  );
}

function ids(sql: Sql, query: string, userId: string, date: string, solo: boolean): string[] {
  return sql.all<{ id: string }>(query, userId, date, solo ? 1 : 0).map((row) => row.id);
}

/** Activities that `userId` made and that were done on `date`. */
export function listScoredActivities(sql: Sql, userId: string, date: string, solo: boolean): string[] {
  return ids(
    sql,
    `SELECT id FROM activities INDEXED BY activities_by_month_day
     WHERE status = 'completed' AND substr(completed_date, 6) = substr(?2, 6) AND completed_date = ?2
       AND created_by_user_id = ?1 AND former_author = 0 AND (visibility <> 'private' OR ?3) ORDER BY id`,
    userId,
    date,
    solo,
  );
}

export function listScoredEntries(sql: Sql, userId: string, date: string, solo: boolean): string[] {
  return ids(
    sql,
    `SELECT id FROM challenge_entries
     WHERE entry_date = ?2 AND user_id = ?1 AND completion_status = 1 AND (visibility <> 'private' OR ?3) ORDER BY id`,
    userId,
    date,
    solo,
  );
}

/** Conversations of `date` that `userId` recorded. */
export function listScoredConversations(sql: Sql, userId: string, date: string, solo: boolean): string[] {
  return ids(
    sql,
    `SELECT id FROM communication_log
     WHERE communication_date = ?2 AND initiated_by_user_id = ?1 AND (visibility <> 'private' OR ?3) ORDER BY id`,
    userId,
    date,
    solo,
  );
}

export function hasAppDay(sql: Sql, userId: string, date: string): boolean {
  return sql.first("SELECT 1 FROM app_days WHERE user_id = ? AND local_date = ?", userId, date) !== null;
}

/** @returns whether it was not there yet */
export function insertAppDay(sql: Sql, userId: string, date: string): boolean {
  const row = sql.first(
    "INSERT INTO app_days (user_id, local_date) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING 1",
    userId,
    date,
  );
  return row !== null;
}
