import type { Sql } from "../sql.ts";

export interface PauseRow {
  id: string;
  fromDate: string;
  /** The last paused day; null while the pause runs. */
  toDate: string | null;
  /** Null for the time during which both were parted. */
  pausedBy: string | null;
}

export function findRunningPause(sql: Sql): PauseRow | null {
  return sql.first<PauseRow>(
    `SELECT id, from_date AS fromDate, to_date AS toDate, paused_by_user_id AS pausedBy
     FROM relationship_pauses WHERE to_date IS NULL`,
  );
}

export function insertPause(sql: Sql, pause: PauseRow, now: number): void {
  sql.run(
    "INSERT INTO relationship_pauses (id, from_date, to_date, paused_by_user_id, created_at) VALUES (?, ?, ?, ?, ?)",
    pause.id,
    pause.fromDate,
    pause.toDate,
    pause.pausedBy,
    now,
  );
}

export function closePause(sql: Sql, id: string, toDate: string): void {
  sql.run("UPDATE relationship_pauses SET to_date = ? WHERE id = ?", toDate, id);
}

export function deletePause(sql: Sql, id: string): void {
  sql.run("DELETE FROM relationship_pauses WHERE id = ?", id);
}

/** Something with a target date that waits during a pause. */
export interface DeadlineRow {
  id: string;
  startDate: string;
  targetDate: string;
}

export interface ChallengeDeadlineRow extends DeadlineRow {
  /** JSON of the pauses that it had of its own: the first day, and the day of going on. */
  pauses: string;
  /** Since when it stands still by itself; null while it runs. */
  pausedDate: string | null;
}

export function listGoalDeadlines(sql: Sql, fromDate: string): DeadlineRow[] {
  return sql.all<DeadlineRow>(
    `SELECT id, start_date AS startDate, target_date AS targetDate FROM shared_goals
     WHERE status IN ('active', 'paused') AND target_date >= ?`,
    fromDate,
  );
}

/** Of challenges that run, and of those that stand still by themselves. */
export function listChallengeDeadlines(sql: Sql): ChallengeDeadlineRow[] {
  return sql.all<ChallengeDeadlineRow>(
    `SELECT id, start_date AS startDate, target_end_date AS targetDate, pauses, paused_date AS pausedDate
     FROM challenge_participation WHERE status IN ('active', 'paused')`,
  );
}

export function moveGoalDeadline(sql: Sql, id: string, targetDate: string, now: number): void {
  sql.run(
    "UPDATE shared_goals SET target_date = ?, row_version = row_version + 1, updated_at = ? WHERE id = ?",
    targetDate,
    now,
    id,
  );
}

export function moveChallengeDeadline(sql: Sql, id: string, targetDate: string, now: number): void {
  sql.run(
    `UPDATE challenge_participation SET target_end_date = ?, row_version = row_version + 1, updated_at = ?
     WHERE id = ?`,
    targetDate,
    now,
    id,
  );
}
