import { writeObjectReport, type ObjectReport, type SummaryRow } from "../db/summaries.ts";
import type { Couple } from "../domain/couple.ts";
import { addDays, localDate } from "../domain/calendar.ts";
import { affectedBy, UNCOUNTED_TELLING } from "../domain/insights/affected.ts";
import { dailyScore, dailySnapshot } from "../domain/insights/daily.ts";
import {
  findEarliestDue,
  forgetDaysSent,
  hasDirtyDays,
  listDirtyScores,
  listDirtySnapshots,
  listTellingEvents,
  markDaysSent,
  markScores,
  markSnapshots,
  pruneScores,
  remarkScoresFrom,
  remarkSnapshotsFrom,
} from "../domain/insights/dirty-store.ts";
import { Scope } from "../domain/scope.ts";
import { listStreamHeads } from "../domain/store.ts";
import { DAY_MS } from "../protocol/limits.ts";
import { fnv1a } from "../lib/fnv.ts";
import { errorText, log } from "../lib/log.ts";

export const FLUSH_JOB = "flush";

/** One bind of JSON stays far below what D1 takes in a row, and one call far below its time limit. */
const ROWS_PER_FLUSH = 1_000;
/** Each date is computed anew, so that a change far back is spread over several flushes. */
const DATES_PER_FLUSH = 60;
const SCORES_PER_FLUSH = 120;
/** As long as D1 keeps engagement scores; older days are not scored again. */
export const SCORE_KEEP_DAYS = 90;
/** As long as D1 keeps hours, the object can send them again. */
const SUMMARY_KEEP_MS = 35 * DAY_MS;

/** When `relationshipId` flushes next: its own fixed phase of the interval, so that objects spread over it. */
export function nextFlushAt(now: number, relationshipId: string, intervalMs: number): number {
  const phase = fnv1a(relationshipId) % intervalMs;
  return now - ((now - phase) % intervalMs) + intervalMs;
}

/** Copies an object's counters and daily snapshots to D1. D1 being away costs the couple nothing: rows stay dirty. */
export class Flush {
  readonly #couple: Couple;
  readonly #db: D1Database;

  constructor(couple: Couple, db: D1Database) {
    this.#couple = couple;
    this.#db = db;
  }

  /**
   * Sends what is dirty and marks exactly what was sent; whatever was written while D1 answered stays dirty.
   * @returns whether something is still dirty
   * @throws what D1 throws while it is away; nothing is marked then
   */
  async run(now: number, schemaVersion: number, nextDueAt: number | null): Promise<boolean> {
    const { relationship, sql } = this.#couple;
    this.#fold();
    const summaries = this.#dirtyRows();
    const dates = listDirtySnapshots(sql, DATES_PER_FLUSH);
    const scores = listDirtyScores(sql, SCORES_PER_FLUSH);
    const scope = new Scope(this.#couple, now);
    const report: ObjectReport = {
      relationshipId: relationship.id,
      epoch: relationship.epoch,
      sourceSeq: this.#newestSourceSeq(),
      now,
      schemaVersion,
      nextDueAt,
      relationshipType: relationship.type,
      startDate: relationship.startDate,
      anniversaryDate: relationship.anniversaryDate,
      homeTimezone: relationship.homeTimezone,
      summaries,
      snapshots: dates.map(({ date }) => ({ date, ...dailySnapshot(scope, date) })),
      scores: scores.map(({ userId, date }) => ({ userId, date, ...dailyScore(scope, userId, date) })),
    };
    try {
      await writeObjectReport(this.#db, report);
    } catch (error) {
      if (!isConstraint(error)) throw error;
      await this.#sendApart(report);
    }
    sql.run(
      `UPDATE event_summaries SET flushed_seq = sent.value ->> 'sourceSeq'
       FROM json_each(?) AS sent
       WHERE bucket_at = sent.value ->> 'bucketAt' AND event_name = sent.value ->> 'eventName'
         AND user_id = sent.value ->> 'userId' AND flushed_seq < sent.value ->> 'sourceSeq'`,
      JSON.stringify(summaries),
    );
    markDaysSent(sql, dates, scores);
    sql.run("UPDATE _meta SET last_flush_at = ?", now);
    return this.isDirty();
  }

  // One row that D1 will never take must not hold back the others for ever: it is given up, and an operator hears of it.
  async #sendApart(report: ObjectReport): Promise<void> {
    const parts = [
      { ...report, summaries: [], scores: [] },
      ...report.summaries.map((row) => ({ ...report, summaries: [row], snapshots: [], scores: [] })),
      ...report.scores.map((row) => ({ ...report, summaries: [], snapshots: [], scores: [row] })),
    ];
    for (const part of parts) {
      try {
        await writeObjectReport(this.#db, part);
      } catch (error) {
        if (!isConstraint(error)) throw error;
        const kind = part.summaries[0]?.eventName ?? (part.scores.length > 0 ? "score" : "snapshot");
        log.error("flush_row_refused", { relationshipId: report.relationshipId, kind, error: errorText(error) });
      }
    }
  }

  isDirty(): boolean {
    const { sql } = this.#couple;
    return (
      sql.first("SELECT 1 FROM event_summaries WHERE source_seq > flushed_seq LIMIT 1") !== null ||
      hasDirtyDays(sql) ||
      this.#unfolded().length > 0
    );
  }

  /** Marks everything the object still has as not sent, after D1 was restored from a backup. */
  replay(): void {
    this.#couple.sql.run("UPDATE event_summaries SET flushed_seq = 0");
    forgetDaysSent(this.#couple.sql);
  }

  /** Forgets counters that D1 has long folded into days; the newest stays, since it carries the sequence. */
  prune(now: number): void {
    this.#fold();
    this.#couple.sql.run(
      `DELETE FROM event_summaries WHERE bucket_at < ? AND source_seq <= flushed_seq
         AND source_seq < (SELECT MAX(source_seq) FROM event_summaries)`,
      now - SUMMARY_KEEP_MS,
    );
    const today = localDate(now, this.#couple.relationship.homeTimezone);
    pruneScores(this.#couple.sql, addDays(today, -SCORE_KEEP_DAYS));
  }

  // The command wrote its events; counting them is left to the flush, which costs one statement for many of them.
  #fold(): void {
    const { sql } = this.#couple;
    sql.transaction(() => {
      const sourceSeq = this.#newestSourceSeq() + 1;
      for (const { stream, seq, foldedSeq } of this.#unfolded()) {
        sql.run(
          `INSERT INTO event_summaries (bucket_at, event_name, user_id, event_count, source_seq)
           SELECT occurred_at - occurred_at % 3600000, name, actor_id, COUNT(*), ?
           FROM relationship_events WHERE stream = ? AND seq > ? AND counted = 1 GROUP BY 1, 2, 3
           ON CONFLICT DO UPDATE SET event_count = event_count + excluded.event_count, source_seq = excluded.source_seq`,
          sourceSeq,
          stream,
          foldedSeq,
        );
        this.#markDates(stream, foldedSeq, sourceSeq);
        sql.run("INSERT OR REPLACE INTO summary_cursors (stream, seq) VALUES (?, ?)", stream, seq);
      }
    });
  }

  // A late entry changes its own day and, by means, streaks and scores, every later day that has a snapshot.
  #markDates(stream: string, afterSeq: number, sourceSeq: number): void {
    const { relationship, sql } = this.#couple;
    const events = listTellingEvents(sql, stream, afterSeq, UNCOUNTED_TELLING);
    if (events.length === 0) return;
    const affected = affectedBy(events, relationship.homeTimezone);
    const newest = localDate(Math.max(...events.map(({ occurredAt }) => occurredAt)), relationship.homeTimezone);
    const oldestScore = addDays(newest, -SCORE_KEEP_DAYS);
    const scores = affected.scores.filter((date) => date >= oldestScore);
    if (affected.snapshots.length > 0) markSnapshots(sql, affected.snapshots, sourceSeq);
    if (scores.length > 0) markScores(sql, scores, sourceSeq);
    if (affected.scoresFrom !== null) {
      const scoresFrom = affected.scoresFrom < oldestScore ? oldestScore : affected.scoresFrom;
      remarkScoresFrom(sql, scoresFrom, relationship.status === "solo", sourceSeq);
    }
    const due = affected.dueSubjects.length === 0 ? null : findEarliestDue(sql, affected.dueSubjects);
    const [from] = [affected.remakeFrom, due].filter((date) => date !== null).toSorted();
    if (from !== undefined) remarkSnapshotsFrom(sql, from, sourceSeq);
  }

  #unfolded(): { stream: string; seq: number; foldedSeq: number }[] {
    return listStreamHeads(this.#couple.sql).flatMap(({ stream, seq }) => {
      const folded = this.#couple.sql.first<{ seq: number }>(
        "SELECT seq FROM summary_cursors WHERE stream = ?",
        stream,
      );
      const foldedSeq = folded?.seq ?? 0;
      return seq > foldedSeq ? [{ stream, seq, foldedSeq }] : [];
    });
  }

  // Clean-up always keeps the newest summary, so that this never falls back.
  #newestSourceSeq(): number {
    const row = this.#couple.sql.first<{ seq: number }>(
      `SELECT MAX(COALESCE((SELECT MAX(source_seq) FROM event_summaries), 0),
         COALESCE((SELECT MAX(source_seq) FROM snapshot_dates), 0),
         COALESCE((SELECT MAX(source_seq) FROM score_dates), 0)) AS seq`,
    );
    return row?.seq ?? 0;
  }

  #dirtyRows(): SummaryRow[] {
    return this.#couple.sql.all<SummaryRow>(
      `SELECT bucket_at AS bucketAt, event_name AS eventName, user_id AS userId, event_count AS eventCount,
         source_seq AS sourceSeq
       FROM event_summaries WHERE source_seq > flushed_seq ORDER BY source_seq LIMIT ?`,
      ROWS_PER_FLUSH,
    );
  }
}

/** Whether D1 refuses the values themselves, today and for ever. */
function isConstraint(error: unknown): boolean {
  return error instanceof Error && error.message.includes("SQLITE_CONSTRAINT");
}
