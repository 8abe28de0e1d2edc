import type { Sql } from "../sql.ts";

export interface MeansRow {
  userId: string;
  connection: number | null;
  mood: number | null;
  satisfaction: number | null;
  /** Check-ins that the means are taken over; a score that a check-in left out is not in its mean. */
  checkins: number;
}

/** Each member's means from `fromDate` to `toDate`, of the check-ins that `viewerId` may see. */
export function listMemberMeans(sql: Sql, viewerId: string, fromDate: string, toDate: string): MeansRow[] {
  return sql.all<MeansRow>(
    `SELECT user_id AS userId, AVG(connection_score) AS connection, AVG(mood_score) AS mood,
       AVG(relationship_satisfaction) AS satisfaction, COUNT(*) AS checkins
     FROM daily_checkins
     WHERE checkin_date BETWEEN ? AND ? AND (visibility <> 'private' OR user_id = ?)
     GROUP BY user_id`,
    fromDate,
    toDate,
    viewerId,
  );
}

/** The means over all check-ins that the couple may count. */
export function readMeans(sql: Sql, solo: boolean, fromDate: string, toDate: string): Omit<MeansRow, "userId"> {
  const row = sql.first<Omit<MeansRow, "userId">>(
    `SELECT AVG(connection_score) AS connection, AVG(mood_score) AS mood,
       AVG(relationship_satisfaction) AS satisfaction, COUNT(*) AS checkins
     FROM daily_checkins WHERE checkin_date BETWEEN ? AND ? AND (visibility <> 'private' OR ?)`,
    fromDate,
    toDate,
    solo ? 1 : 0,
  );
  return row ?? { connection: null, mood: null, satisfaction: null, checkins: 0 };
}

export interface ScoreRow {
  userId: string;
  date: string;
  connection: number | null;
  mood: number | null;
  satisfaction: number | null;
}

/** Scores that `viewerId` may see, by date. A member has one check-in a date, so each row is that day's mean. */
export function listScores(sql: Sql, viewerId: string, fromDate: string, toDate: string): ScoreRow[] {
  return sql.all<ScoreRow>(
    `SELECT user_id AS userId, checkin_date AS date, connection_score AS connection, mood_score AS mood,
       relationship_satisfaction AS satisfaction
     FROM daily_checkins
     WHERE checkin_date BETWEEN ? AND ? AND (visibility <> 'private' OR user_id = ?)
     ORDER BY checkin_date`,
    fromDate,
    toDate,
    viewerId,
  );
}

/** Activities that the couple completed from `fromDate` to `toDate`, two days of one month: the index is by month and day. */
export function countActivitiesCompleted(sql: Sql, solo: boolean, fromDate: string, toDate: string): number {
  const row = sql.first<{ count: number }>(
    `SELECT COUNT(*) AS count FROM activities INDEXED BY activities_by_month_day
     WHERE status = 'completed' AND substr(completed_date, 6) BETWEEN substr(?1, 6) AND substr(?2, 6)
       AND completed_date BETWEEN ?1 AND ?2 AND (visibility <> 'private' OR ?3)`,
    fromDate,
    toDate,
    solo ? 1 : 0,
  );
  return row?.count ?? 0;
}

/** Goals that the couple completed from `fromDate` to `toDate`. */
export function countGoalsCompleted(sql: Sql, solo: boolean, fromDate: string, toDate: string): number {
  const row = sql.first<{ count: number }>(
    `SELECT COUNT(*) AS count FROM shared_goals
     WHERE status = 'completed' AND completion_date BETWEEN ? AND ? AND (visibility <> 'private' OR ?)`,
    fromDate,
    toDate,
    solo ? 1 : 0,
  );
  return row?.count ?? 0;
}
