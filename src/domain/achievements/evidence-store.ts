import type { Sql } from "../sql.ts";
import type { Metric } from "./catalogue.ts";

/** One thing that a metric counts; what does not apply is null. */
export interface CountedRow {
  table: string;
  id: string | null;
  date: string | null;
  type: string | null;
}

/** Which rows may speak: those that were there already, and the days that had come. */
export interface Bounds {
  /** Epoch milliseconds. */
  createdUntil: number;
  untilDate: string;
}

// Each lists exactly what the count of the same metric counts, the oldest first: private rows only while a person is
// alone, and of what was completed nothing that was completed later.
const QUERIES = {
  checkin_days: `SELECT 'daily_checkins' AS "table", NULL AS id, checkin_date AS date, NULL AS type
    FROM daily_checkins WHERE (visibility <> 'private' OR ?1) AND created_at <= ?3 AND checkin_date <= ?4
    GROUP BY checkin_date ORDER BY checkin_date LIMIT ?2`,
  gratitude_dates: `SELECT 'daily_checkins' AS "table", NULL AS id, checkin_date AS date, NULL AS type
    FROM daily_checkins
    WHERE gratitude_note IS NOT NULL AND ((visibility <> 'private' AND notes_visibility <> 'private') OR ?1)
      AND created_at <= ?3 AND checkin_date <= ?4
    GROUP BY checkin_date ORDER BY checkin_date LIMIT ?2`,
  goals_created: `SELECT 'shared_goals' AS "table", id, start_date AS date, goal_type AS type
    FROM shared_goals WHERE (visibility <> 'private' OR ?1) AND created_at <= ?3 AND date(created_at / 1000, 'unixepoch') <= ?4
    ORDER BY created_at, id LIMIT ?2`,
  goals_completed: `SELECT 'shared_goals' AS "table", id, completion_date AS date, goal_type AS type
    FROM shared_goals WHERE status = 'completed' AND (visibility <> 'private' OR ?1)
      AND created_at <= ?3 AND completion_date <= ?4 ORDER BY completion_date, id LIMIT ?2`,
  date_nights_completed: `SELECT 'activities' AS "table", id, completed_date AS date, activity_type AS type
    FROM activities
    WHERE status = 'completed' AND activity_type = 'date_night' AND (visibility <> 'private' OR ?1)
      AND created_at <= ?3 AND completed_date <= ?4 ORDER BY completed_date, id LIMIT ?2`,
  activity_types_completed: `SELECT 'activities' AS "table", id, MIN(completed_date) AS date, activity_type AS type
    FROM activities WHERE status = 'completed' AND (visibility <> 'private' OR ?1)
      AND created_at <= ?3 AND completed_date <= ?4
    GROUP BY activity_type ORDER BY date, id LIMIT ?2`,
  challenges_started: `SELECT 'challenge_participation' AS "table", id, start_date AS date, challenge_id AS type
    FROM challenge_participation WHERE (visibility <> 'private' OR ?1) AND created_at <= ?3 AND date(created_at / 1000, 'unixepoch') <= ?4
    ORDER BY created_at, id LIMIT ?2`,
  challenges_completed: `SELECT 'challenge_participation' AS "table", id, actual_end_date AS date, challenge_id AS type
    FROM challenge_participation WHERE status = 'completed' AND (visibility <> 'private' OR ?1)
      AND created_at <= ?3 AND actual_end_date <= ?4 ORDER BY actual_end_date, id LIMIT ?2`,
  deep_talks: `SELECT 'communication_log' AS "table", id, communication_date AS date, communication_type AS type
    FROM communication_log
    WHERE communication_type = 'deep_talk' AND (visibility <> 'private' OR ?1) AND created_at <= ?3 AND date(created_at / 1000, 'unixepoch') <= ?4
    ORDER BY created_at, id LIMIT ?2`,
} as const satisfies Partial<Record<Metric, string>>;

/** Metrics that count rows, one each. */
export type RowMetric = keyof typeof QUERIES;

export function isRowMetric(metric: Metric): metric is RowMetric {
  return Object.hasOwn(QUERIES, metric);
}

/** The first `atMost` rows that `metric` counts. */
export function listCounted(
  sql: Sql,
  metric: RowMetric,
  solo: boolean,
  atMost: number,
  { createdUntil, untilDate }: Bounds,
): CountedRow[] {
  return sql.all<CountedRow>(QUERIES[metric], solo ? 1 : 0, atMost, createdUntil, untilDate);
}
