import type { Sql } from "../sql.ts";
import type { Metric } from "./catalogue.ts";

/** A row that a metric counts, and since when it does. */
export interface Moment {
  /** What makes it one with other rows. */
  key: string;
  /** Epoch milliseconds. */
  createdAt: number;
  /** The day of what came after its writing, or null. */
  date: string | null;
}

// The rows that the count of the same metric counts: private ones only while a person is alone.
const MOMENTS = {
  checkin_days: `SELECT checkin_date AS "key", created_at AS createdAt, NULL AS date
    FROM daily_checkins WHERE visibility <> 'private' OR ?`,
  gratitude_dates: `SELECT checkin_date AS "key", created_at AS createdAt, NULL AS date FROM daily_checkins
    WHERE gratitude_note IS NOT NULL AND ((visibility <> 'private' AND notes_visibility <> 'private') OR ?)`,
  goals_created: `SELECT id AS "key", created_at AS createdAt, NULL AS date
    FROM shared_goals WHERE visibility <> 'private' OR ?`,
  goals_completed: `SELECT id AS "key", created_at AS createdAt, completion_date AS date
    FROM shared_goals WHERE status = 'completed' AND (visibility <> 'private' OR ?)`,
  date_nights_completed: `SELECT id AS "key", created_at AS createdAt, completed_date AS date FROM activities
    WHERE status = 'completed' AND activity_type = 'date_night' AND (visibility <> 'private' OR ?)`,
  activity_types_completed: `SELECT activity_type AS "key", created_at AS createdAt, completed_date AS date
    FROM activities WHERE status = 'completed' AND (visibility <> 'private' OR ?)`,
  challenges_started: `SELECT id AS "key", created_at AS createdAt, NULL AS date
    FROM challenge_participation WHERE visibility <> 'private' OR ?`,
  challenges_completed: `SELECT id AS "key", created_at AS createdAt, actual_end_date AS date
    FROM challenge_participation WHERE status = 'completed' AND (visibility <> 'private' OR ?)`,
  deep_talks: `SELECT id AS "key", created_at AS createdAt, NULL AS date FROM communication_log
    WHERE communication_type = 'deep_talk' AND (visibility <> 'private' OR ?)`,
} as const satisfies Partial<Record<Metric, string>>;

type TimedMetric = keyof typeof MOMENTS;

export function isTimedMetric(metric: Metric): metric is TimedMetric {
  return Object.hasOwn(MOMENTS, metric);
}

export function listMoments(sql: Sql, metric: TimedMetric, solo: boolean): Moment[] {
  return sql.all<Moment>(MOMENTS[metric], solo ? 1 : 0);
}

/** When the newest check-in of the days from `from` to `to` was written (epoch milliseconds). */
export function newestCheckinAt(sql: Sql, from: string, to: string, solo: boolean): number {
  const row = sql.first<{ at: number | null }>(
    `SELECT max(created_at) AS at FROM daily_checkins
     WHERE checkin_date BETWEEN ? AND ? AND (visibility <> 'private' OR ?)`,
    from,
    to,
    solo ? 1 : 0,
  );
  return row?.at ?? 0;
}

/** When the newest entry in a challenge of the days from `from` to `to` was written (epoch milliseconds). */
export function newestEntryAt(sql: Sql, from: string, to: string, solo: boolean): number {
  const row = sql.first<{ at: number | null }>(
    `SELECT max(created_at) AS at FROM challenge_entries
     WHERE entry_date BETWEEN ? AND ? AND (visibility <> 'private' OR ?)`,
    from,
    to,
    solo ? 1 : 0,
  );
  return row?.at ?? 0;
}
