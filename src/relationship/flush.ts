import { writeObjectReport, type ObjectReport, type SummaryRow } from "../db/summaries.ts";
import { localDate } from "../domain/calendar.ts";
import type { Couple } from "../domain/couple.ts";
import { dailySnapshot } from "../domain/insights/daily.ts";
import { Scope } from "../domain/scope.ts";
import { DAY_MS } from "../protocol/limits.ts";
import { errorText, log } from "../lib/log.ts";
import { spreadOf } from "./schedule.ts";

export const FLUSH_JOB = "flush";

/** One bind of JSON stays far below what D1 takes in a row, and one call far below its time limit. */
const ROWS_PER_FLUSH = 1_000;
/** As long as D1 keeps hours, the object can send them again. */
const SUMMARY_KEEP_MS = 35 * DAY_MS;

/** When `relationshipId` flushes next: its own fixed phase of the interval, so that objects spread over it. */
export function nextFlushAt(now: number, relationshipId: string, intervalMs: number): number {
  const phase = spreadOf(relationshipId) % intervalMs;
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
    const summaries = this.#dirtyRows();
    const dates = [...new Set(summaries.map((row) => localDate(row.bucketAt, relationship.homeTimezone)))];
    const scope = new Scope(this.#couple, now);
    const report: ObjectReport = {
      relationshipId: relationship.id,
      epoch: relationship.epoch,
      sourceSeq: this.#couple.sourceSeq,
      now,
      schemaVersion,
      nextDueAt,
      relationshipType: relationship.type,
      startDate: relationship.startDate,
      anniversaryDate: relationship.anniversaryDate,
      homeTimezone: relationship.homeTimezone,
      summaries,
      snapshots: dates.map((date) => ({ date, ...dailySnapshot(scope, date) })),
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
    sql.run("UPDATE _meta SET last_flush_at = ?", now);
    return this.isDirty();
  }

  // One row that D1 will never take must not hold back the others for ever: it is given up, and an operator hears of it.
  async #sendApart(report: ObjectReport): Promise<void> {
    const parts = [
      { ...report, summaries: [] },
      ...report.summaries.map((row) => ({ ...report, summaries: [row], snapshots: [] })),
    ];
    for (const part of parts) {
      try {
        await writeObjectReport(this.#db, part);
      } catch (error) {
        if (!isConstraint(error)) throw error;
        const kind = part.summaries[0]?.eventName ?? "snapshot";
        log.error("flush_row_refused", { relationshipId: report.relationshipId, kind, error: errorText(error) });
      }
    }
  }

  isDirty(): boolean {
    return this.#couple.sql.first("SELECT 1 FROM event_summaries WHERE source_seq > flushed_seq LIMIT 1") !== null;
  }

  /** Marks everything the object still has as not sent, after D1 was restored from a backup. */
  replay(): void {
    this.#couple.sql.run("UPDATE event_summaries SET flushed_seq = 0");
  }

  /** Forgets counters that D1 has long folded into days; the newest stays, since it carries the sequence. */
  prune(now: number): void {
    this.#couple.sql.run(
      `DELETE FROM event_summaries WHERE bucket_at < ? AND source_seq <= flushed_seq
         AND source_seq < (SELECT MAX(source_seq) FROM event_summaries)`,
      now - SUMMARY_KEEP_MS,
    );
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
