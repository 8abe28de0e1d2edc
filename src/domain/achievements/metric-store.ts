import type { Recurrence } from "../dates/recurrence.ts";
import type { Sql } from "../sql.ts";

// Every count stops at `atMost`. While a person is alone their private rows count; in a couple only what both see does.

function countRows(sql: Sql, query: string, solo: boolean, atMost: number): number {
  return sql.first<{ n: number }>(query, solo ? 1 : 0, atMost)?.n ?? 0;
}

export function countGoals(sql: Sql, solo: boolean, atMost: number): number {
  return countRows(
    sql,
    "SELECT COUNT(*) AS n FROM (SELECT 1 FROM shared_goals WHERE visibility <> 'private' OR ? LIMIT ?)",
    solo,
    atMost,
  );
}

export function countCompletedGoals(sql: Sql, solo: boolean, atMost: number): number {
  return countRows(
    sql,
    `SELECT COUNT(*) AS n FROM (
       SELECT 1 FROM shared_goals WHERE status = 'completed' AND (visibility <> 'private' OR ?) LIMIT ?)`,
    solo,
    atMost,
  );
}

export function countDateNights(sql: Sql, solo: boolean, atMost: number): number {
  return countRows(
    sql,
    `SELECT COUNT(*) AS n FROM (
       SELECT 1 FROM activities
       WHERE status = 'completed' AND activity_type = 'date_night' AND (visibility <> 'private' OR ?) LIMIT ?)`,
    solo,
    atMost,
  );
}

/** How many of `types` have a completed activity. */
export function countActivityTypes(sql: Sql, types: readonly string[], solo: boolean, atMost: number): number {
  const row = sql.first<{ n: number }>(
    `SELECT COUNT(*) AS n FROM (
       SELECT 1 FROM json_each(?) AS type
       WHERE EXISTS (
         SELECT 1 FROM activities
         WHERE status = 'completed' AND activity_type = type.value AND (visibility <> 'private' OR ?))
       LIMIT ?)`,
    JSON.stringify(types),
    solo ? 1 : 0,
    atMost,
  );
  return row?.n ?? 0;
}

export function countParticipations(sql: Sql, solo: boolean, atMost: number): number {
  return countRows(
    sql,
    "SELECT COUNT(*) AS n FROM (SELECT 1 FROM challenge_participation WHERE visibility <> 'private' OR ? LIMIT ?)",
    solo,
    atMost,
  );
}

export function countCompletedParticipations(sql: Sql, solo: boolean, atMost: number): number {
  return countRows(
    sql,
    `SELECT COUNT(*) AS n FROM (
       SELECT 1 FROM challenge_participation WHERE status = 'completed' AND (visibility <> 'private' OR ?) LIMIT ?)`,
    solo,
    atMost,
  );
}

export function countDeepTalks(sql: Sql, solo: boolean, atMost: number): number {
  return countRows(
    sql,
    `SELECT COUNT(*) AS n FROM (
       SELECT 1 FROM communication_log
       WHERE communication_type = 'deep_talk' AND (visibility <> 'private' OR ?) LIMIT ?)`,
    solo,
    atMost,
  );
}

/** The important dates that count. Recurring without a pattern means yearly. */
export function listCountedDates(sql: Sql, solo: boolean): Recurrence[] {
  return sql.all<Recurrence>(
    `SELECT date_value AS date,
       CASE is_recurring WHEN 1 THEN coalesce(recurrence_pattern, 'yearly') ELSE 'none' END AS repeats,
       recurrence_interval AS every, leap_day AS leapDay
     FROM important_dates WHERE visibility <> 'private' OR ?`,
    solo ? 1 : 0,
  );
}

/** Dates of completed activities that fall on one of `monthDays` (`MM-DD`), each activity once. */
export function listDoneDatesOn(sql: Sql, monthDays: readonly string[], solo: boolean): string[] {
  const rows = sql.all<{ date: string }>(
    // Left alone, SQLite reads all that was ever completed.
    `SELECT completed_date AS date FROM activities INDEXED BY activities_by_month_day
     WHERE status = 'completed' AND substr(completed_date, 6) IN (SELECT value FROM json_each(?))
       AND (visibility <> 'private' OR ?)`,
    JSON.stringify(monthDays),
    solo ? 1 : 0,
  );
  return rows.map((row) => row.date);
}

/** Dates of completed activities that lie a whole number of `stepDays` after one of `dates`, at most `atMost` of them. */
export function listDoneDatesInSteps(
  sql: Sql,
  dates: readonly { date: string; stepDays: number }[],
  solo: boolean,
  atMost: number,
): string[] {
  const rows = sql.all<{ date: string }>(
    `SELECT DISTINCT done.completed_date AS date
     FROM json_each(?) AS rule CROSS JOIN activities AS done
     WHERE done.status = 'completed' AND done.completed_date >= rule.value ->> 'date'
       AND (julianday(done.completed_date) - julianday(rule.value ->> 'date')) % (rule.value ->> 'stepDays') = 0
       AND (done.visibility <> 'private' OR ?) LIMIT ?`,
    JSON.stringify(dates),
    solo ? 1 : 0,
    atMost,
  );
  return rows.map((row) => row.date);
}

export interface DailyParticipationRow {
  id: string;
  startDate: string;
  status: string;
  endDate: string | null;
  pausedDate: string | null;
  /** JSON of [from, to] pairs. */
  pauses: string;
}

/** Participations in any of `challengeIds` that were not over before `since`. */
export function listParticipationsSince(
  sql: Sql,
  challengeIds: readonly string[],
  since: string,
  solo: boolean,
): DailyParticipationRow[] {
  return sql.all<DailyParticipationRow>(
    `SELECT id, start_date AS startDate, status, actual_end_date AS endDate, paused_date AS pausedDate, pauses
     FROM challenge_participation
     WHERE (actual_end_date IS NULL OR actual_end_date >= ?)
       AND challenge_id IN (SELECT value FROM json_each(?)) AND (visibility <> 'private' OR ?)`,
    since,
    JSON.stringify(challengeIds),
    solo ? 1 : 0,
  );
}

/** Completed entries from `since` on of any of `participationIds` by any of `memberIds`. */
export function listEntriesSince(
  sql: Sql,
  participationIds: readonly string[],
  memberIds: readonly string[],
  since: string,
  solo: boolean,
): { challengeId: string; userId: string; date: string }[] {
  return sql.all(
    `SELECT participation_id AS challengeId, user_id AS userId, entry_date AS date FROM challenge_entries
     WHERE participation_id IN (SELECT value FROM json_each(?)) AND user_id IN (SELECT value FROM json_each(?))
       AND entry_date >= ? AND completion_status = 1 AND (visibility <> 'private' OR ?)`,
    JSON.stringify(participationIds),
    JSON.stringify(memberIds),
    since,
    solo ? 1 : 0,
  );
}

/** Check-ins from `since` on that count for streaks, being at most `lateDaysMax` days late. */
export function listCheckinsSince(
  sql: Sql,
  since: string,
  lateDaysMax: number,
  solo: boolean,
): { userId: string; date: string }[] {
  return sql.all(
    `SELECT user_id AS userId, checkin_date AS date FROM daily_checkins
     WHERE checkin_date >= ? AND late_days <= ? AND (visibility <> 'private' OR ?)`,
    since,
    lateDaysMax,
    solo ? 1 : 0,
  );
}
