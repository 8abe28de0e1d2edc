import type { Sql } from "../sql.ts";
import type { Metric } from "./catalogue.ts";

/** One thing that a metric counts; what does not apply is null. */
export interface CountedRow {
  table: string;
  id: string | null;
  date: string | null;
  type: string | null;
}

// Each lists exactly what the count of the same metric counts: private rows only while a person is alone.
const QUERIES = {
  checkin_days: `SELECT DISTINCT 'daily_checkins' AS "table", NULL AS id, checkin_date AS date, NULL AS type
    FROM daily_checkins WHERE visibility <> 'private' OR ?1 ORDER BY checkin_date DESC LIMIT ?2`,
  gratitude_dates: `SELECT DISTINCT 'daily_checkins' AS "table", NULL AS id, checkin_date AS date, NULL AS type
    FROM daily_checkins
    WHERE gratitude_note IS NOT NULL AND ((visibility <> 'private' AND notes_visibility <> 'private') OR ?1)
    ORDER BY checkin_date DESC LIMIT ?2`,
  goals_created: `SELECT 'shared_goals' AS "table", id, start_date AS date, goal_type AS type
    FROM shared_goals WHERE visibility <> 'private' OR ?1 LIMIT ?2`,
  goals_completed: `SELECT 'shared_goals' AS "table", id, completion_date AS date, goal_type AS type
    FROM shared_goals WHERE status = 'completed' AND (visibility <> 'private' OR ?1) LIMIT ?2`,
  date_nights_completed: `SELECT 'activities' AS "table", id, completed_date AS date, activity_type AS type
    FROM activities
    WHERE status = 'completed' AND activity_type = 'date_night' AND (visibility <> 'private' OR ?1) LIMIT ?2`,
  activity_types_completed: `SELECT 'activities' AS "table", MIN(id) AS id, NULL AS date, activity_type AS type
    FROM activities WHERE status = 'completed' AND (visibility <> 'private' OR ?1)
    GROUP BY activity_type LIMIT ?2`,
  challenges_started: `SELECT 'challenge_participation' AS "table", id, start_date AS date, challenge_id AS type
    FROM challenge_participation WHERE visibility <> 'private' OR ?1 LIMIT ?2`,
  challenges_completed: `SELECT 'challenge_participation' AS "table", id, actual_end_date AS date, challenge_id AS type
    FROM challenge_participation WHERE status = 'completed' AND (visibility <> 'private' OR ?1) LIMIT ?2`,
  deep_talks: `SELECT 'communication_log' AS "table", id, communication_date AS date, communication_type AS type
    FROM communication_log
    WHERE communication_type = 'deep_talk' AND (visibility <> 'private' OR ?1) LIMIT ?2`,
} as const satisfies Partial<Record<Metric, string>>;

/** Metrics that count rows, one each. */
export type RowMetric = keyof typeof QUERIES;

export function isRowMetric(metric: Metric): metric is RowMetric {
  return Object.hasOwn(QUERIES, metric);
}

/** The first `atMost` rows that `metric` counts. */
export function listCounted(sql: Sql, metric: RowMetric, solo: boolean, atMost: number): CountedRow[] {
  return sql.all<CountedRow>(QUERIES[metric], solo ? 1 : 0, atMost);
}
