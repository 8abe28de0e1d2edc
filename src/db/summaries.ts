import type { DailyScore, DailySnapshot } from "../domain/insights/daily.ts";

/** One hourly counter of an object, absolute, with the sequence that orders it. */
export interface SummaryRow {
  bucketAt: number;
  eventName: string;
  userId: string;
  eventCount: number;
  sourceSeq: number;
}

export interface SnapshotRow extends DailySnapshot {
  date: string;
}

export interface ScoreRow extends DailyScore {
  userId: string;
  date: string;
}

/** What an object tells D1 in one flush. */
export interface ObjectReport {
  relationshipId: string;
  epoch: number;
  /** The object's newest source sequence when it was read. */
  sourceSeq: number;
  now: number;
  schemaVersion: number;
  /** When the object next wants to be awake; null when it has nothing to do. */
  nextDueAt: number | null;
  relationshipType: string;
  startDate: string | null;
  anniversaryDate: string | null;
  homeTimezone: string;
  summaries: readonly SummaryRow[];
  snapshots: readonly SnapshotRow[];
  scores: readonly ScoreRow[];
}

const UPSERT_SUMMARIES = `INSERT INTO relationship_event_summaries
    (relationship_id, bucket_at, event_name, user_id, event_count, epoch, source_seq, updated_at)
  SELECT ?1, value ->> 'bucketAt', value ->> 'eventName', value ->> 'userId', value ->> 'eventCount',
    CAST(?2 AS INTEGER), value ->> 'sourceSeq', CAST(?3 AS INTEGER)
  FROM json_each(?4) WHERE true
  ON CONFLICT (bucket_at, relationship_id, event_name, user_id) DO UPDATE SET
    event_count = excluded.event_count, epoch = excluded.epoch, source_seq = excluded.source_seq,
    updated_at = excluded.updated_at
  WHERE (excluded.epoch, excluded.source_seq) > (epoch, source_seq)`;

const UPSERT_SNAPSHOTS = `INSERT INTO relationship_analytics
    (relationship_id, analytics_date, days_together, average_connection_score, average_satisfaction_score,
     checkin_streak, activities_completed_this_month, goals_completed_this_month, communication_frequency_score,
     overall_health_score, trends, epoch, source_seq, created_at, updated_at)
  SELECT ?1, value ->> 'date', value ->> 'daysTogether', value ->> 'averageConnectionScore',
    value ->> 'averageSatisfactionScore', value ->> 'checkinStreak', value ->> 'activitiesCompletedThisMonth',
    value ->> 'goalsCompletedThisMonth', value ->> 'communicationFrequencyScore', value ->> 'overallHealthScore',
    value -> 'trends', CAST(?2 AS INTEGER), CAST(?3 AS INTEGER), CAST(?4 AS INTEGER), CAST(?4 AS INTEGER)
  FROM json_each(?5) WHERE true
  ON CONFLICT (relationship_id, analytics_date) DO UPDATE SET
    days_together = excluded.days_together, average_connection_score = excluded.average_connection_score,
    average_satisfaction_score = excluded.average_satisfaction_score, checkin_streak = excluded.checkin_streak,
    activities_completed_this_month = excluded.activities_completed_this_month,
    goals_completed_this_month = excluded.goals_completed_this_month,
    communication_frequency_score = excluded.communication_frequency_score,
    overall_health_score = excluded.overall_health_score, trends = excluded.trends, epoch = excluded.epoch,
    source_seq = excluded.source_seq, updated_at = excluded.updated_at
  WHERE (excluded.epoch, excluded.source_seq) > (epoch, source_seq)`;

// A person has one score a day. On the day on which they move from one relationship into another two objects report it:
// then the greater one stays, in whichever order they come.
const UPSERT_SCORES = `INSERT INTO engagement_scores
    (user_id, relationship_id, score_date, score_version, engagement_score, checkin_completed, activities_logged,
     messages_sent, features_used, epoch, source_seq, created_at, updated_at)
  SELECT value ->> 'userId', ?1, value ->> 'date', value ->> 'version', value ->> 'score',
    value ->> 'checkinCompleted', value ->> 'activitiesLogged', value ->> 'conversations', value ->> 'featuresUsed',
    CAST(?2 AS INTEGER), CAST(?3 AS INTEGER), CAST(?4 AS INTEGER), CAST(?4 AS INTEGER)
  FROM json_each(?5) WHERE true
  ON CONFLICT (user_id, score_date) DO UPDATE SET
    relationship_id = excluded.relationship_id, score_version = excluded.score_version,
    engagement_score = excluded.engagement_score, checkin_completed = excluded.checkin_completed,
    activities_logged = excluded.activities_logged, messages_sent = excluded.messages_sent,
    features_used = excluded.features_used, epoch = excluded.epoch, source_seq = excluded.source_seq,
    updated_at = excluded.updated_at
  WHERE CASE WHEN relationship_id = excluded.relationship_id
    THEN (excluded.epoch, excluded.source_seq) > (epoch, source_seq)
    ELSE excluded.engagement_score > engagement_score END`;

const UPDATE_RELATIONSHIP = `UPDATE relationships SET schema_version = ?1, next_due_at = ?2, last_flush_at = ?3,
    relationship_type = ?4, start_date = ?5, anniversary_date = ?6, home_timezone = ?7
  WHERE id = ?8 AND (last_flush_at IS NULL OR last_flush_at <= ?3)`;

/**
 * Writes one object's report in one batch, at most one statement a table. Values are absolute and only a newer
 * (epoch, source sequence) replaces a row, so that a flush may arrive twice, late or out of order.
 */
export async function writeObjectReport(db: D1Database, report: ObjectReport): Promise<void> {
  const { relationshipId, epoch, now } = report;
  const statements: D1PreparedStatement[] = [];
  if (report.summaries.length > 0) {
    statements.push(db.prepare(UPSERT_SUMMARIES).bind(relationshipId, epoch, now, JSON.stringify(report.summaries)));
  }
  if (report.snapshots.length > 0) {
    const rows = JSON.stringify(report.snapshots);
    statements.push(db.prepare(UPSERT_SNAPSHOTS).bind(relationshipId, epoch, report.sourceSeq, now, rows));
  }
  if (report.scores.length > 0) {
    const rows = JSON.stringify(report.scores);
    statements.push(db.prepare(UPSERT_SCORES).bind(relationshipId, epoch, report.sourceSeq, now, rows));
  }
  statements.push(
    db
      .prepare(UPDATE_RELATIONSHIP)
      .bind(
        report.schemaVersion,
        report.nextDueAt,
        now,
        report.relationshipType,
        report.startDate,
        report.anniversaryDate,
        report.homeTimezone,
        relationshipId,
      ),
  );
  await db.batch(statements);
}
