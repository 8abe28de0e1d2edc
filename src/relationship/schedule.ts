import type { Sql } from "../domain/sql.ts";
import { fromPlatformTime, toPlatformTime } from "../lib/clock.ts";
import { fnv1a } from "../lib/fnv.ts";
import { errorText, log } from "../lib/log.ts";
import { DAY_MS, HOUR_MS } from "../protocol/limits.ts";

/** An alarm this late is taken for lost: the platform has been seen to report one that never fires. */
const ALARM_STALE_MS = 60_000;
/** An overdue job whose alarm comes this soon needs no other. */
const ALARM_SOON_MS = 1_000;
const VERIFY_EVERY_MS = 60_000;
const BACKOFF_FIRST_MS = 2_000;
const BACKOFF_MAX_MS = HOUR_MS;
const TRIES_BEFORE_PARKING = 6;
/** A lost alarm of an object without anything but routine is found within this time; any write finds it at once. */
const ROUTINE_LOOK_MS = 3 * DAY_MS;
const JOBS_PER_ALARM = 100;

interface JobRow {
  kind: string;
  key: string;
  dueAt: number;
  attempts: number;
}

export interface Job {
  kind: string;
  key: string;
  attempts: number;
}

/**
 * Runs one due job and says when it is due again, or null when it is done. May be asynchronous; may run twice.
 * What it throws is counted against this job alone.
 */
export type JobRunner = (job: Job, now: number) => number | null | Promise<number | null>;

/** Many jobs over the object's one alarm, which is always armed for the earliest of them. */
export class Schedule {
  readonly #sql: Sql;
  readonly #storage: DurableObjectStorage;
  readonly #relationshipId: () => string;
  // What this life of the object armed; null when it does not know.
  #armedAt: number | null = null;
  #verifiedAt = 0;
  // The earliest due time; undefined until it is read.
  #next: number | null | undefined;
  #planned = false;

  constructor(sql: Sql, storage: DurableObjectStorage, relationshipId: () => string) {
    this.#sql = sql;
    this.#storage = storage;
    this.#relationshipId = relationshipId;
  }

  has(kind: string, key: string): boolean {
    return (
      this.#sql.first("SELECT 1 FROM schedule WHERE kind = ? AND key = ? AND parked_at IS NULL", kind, key) !== null
    );
  }

  nextDueAt(): number | null {
    if (this.#next === undefined) {
      const row = this.#sql.first<{ dueAt: number | null }>(
        "SELECT MIN(due_at) AS dueAt FROM schedule WHERE parked_at IS NULL",
      );
      this.#next = row?.dueAt ?? null;
    }
    return this.#next;
  }

  /** To be called when somebody planned or dropped a job. */
  forget(): void {
    this.#next = undefined;
    this.#planned = true;
  }

  /**
   * What the directory is told: when somebody should look whether the object is awake, apart from jobs of `except`.
   * Work of a `routine` kind comes back daily, so that by it each quiet object would count as overdue every day: while
   * its alarm is still to come, it alone calls for a look only days later.
   */
  lookAt(now: number, routine: readonly string[], except: string | null): number | null {
    const row = this.#sql.first<{ at: number | null }>(
      `SELECT MIN(CASE WHEN due_at > ?1 AND kind IN (SELECT value FROM json_each(?2)) THEN MAX(due_at, ?3)
         ELSE due_at END) AS at
       FROM schedule WHERE parked_at IS NULL AND kind IS NOT ?4`,
      now,
      JSON.stringify(routine),
      now + ROUTINE_LOOK_MS,
      except,
    );
    return row?.at ?? null;
  }

  /**
   * Makes sure that the alarm is armed for the earliest job. A time that was planned just now is set in the same turn as
   * the write that needs it, so that both are stored or neither. Since an alarm can get lost, the platform is asked
   * about it after waking, then once in a minute, and always when `verify` is set.
   */
  async ensureAlarm(now: number, verify = false): Promise<void> {
    const planned = this.#planned;
    this.#planned = false;
    const next = this.nextDueAt();
    if (next === null) return;
    if (planned && (this.#armedAt === null || next < this.#armedAt)) return this.#arm(next, now);
    if (!verify && this.#armedAt !== null && Math.abs(now - this.#verifiedAt) < VERIFY_EVERY_MS) return;
    this.#verifiedAt = now;
    const alarm = await this.#storage.getAlarm();
    this.#armedAt = alarm === null ? null : fromPlatformTime(alarm);
    const isLost = this.#armedAt === null || this.#armedAt <= now - ALARM_STALE_MS;
    if (isLost || Number(this.#armedAt) > Math.max(next, now + ALARM_SOON_MS)) await this.#arm(next, now);
  }

  async #arm(next: number, now: number): Promise<void> {
    // A time in the past has been seen to stall when it is set from inside a handler.
    this.#armedAt = Math.max(next, now + 1);
    this.#verifiedAt = now;
    await this.#storage.setAlarm(toPlatformTime(this.#armedAt));
  }

  /** Runs what is due, each job by itself, then arms the alarm again: last, so that a crash before it is retried. */
  async runDue(clock: () => number, run: JobRunner, parks: (kind: string) => boolean): Promise<void> {
    // The alarm that woke us is spent, and whatever ran may have planned more.
    this.#armedAt = null;
    const due = this.#sql.all<JobRow>(
      `SELECT kind, key, due_at AS dueAt, attempts FROM schedule
       WHERE parked_at IS NULL AND due_at <= ? ORDER BY due_at LIMIT ?`,
      clock(),
      JOBS_PER_ALARM,
    );
    for (const job of due) {
      try {
        this.#finish(job, await run(job, clock()));
      } catch (error) {
        this.#fail(job, error, clock(), parks(job.kind));
      }
    }
    this.forget();
    await this.ensureAlarm(clock());
  }

  // Whoever moved the job meanwhile wins: then the row no longer has the due time that was run.
  #finish(job: JobRow, nextDueAt: number | null): void {
    if (nextDueAt === null) {
      this.#sql.run("DELETE FROM schedule WHERE kind = ? AND key = ? AND due_at = ?", job.kind, job.key, job.dueAt);
    } else {
      this.#sql.run(
        `UPDATE schedule SET due_at = ?, attempts = 0, last_error = NULL WHERE kind = ? AND key = ? AND due_at = ?`,
        nextDueAt,
        job.kind,
        job.key,
        job.dueAt,
      );
    }
  }

  #fail(job: JobRow, error: unknown, now: number, parks: boolean): void {
    const attempts = job.attempts + 1;
    const parked = parks && attempts >= TRIES_BEFORE_PARKING;
    this.#sql.run(
      `UPDATE schedule SET attempts = ?, last_error = ?, due_at = ?, parked_at = ?
       WHERE kind = ? AND key = ? AND due_at = ?`,
      attempts,
      errorText(error),
      now + backoffMs(attempts, job.key + this.#relationshipId()),
      parked ? now : null,
      job.kind,
      job.key,
      job.dueAt,
    );
    // The first failure and the last say enough; those between would only repeat it.
    if (attempts === 1 || parked) {
      log.error(parked ? "job_parked" : "job_failed", {
        relationshipId: this.#relationshipId(),
        job: job.kind,
        attempts,
        error: errorText(error),
      });
    }
  }
}

/** Milliseconds until try `attempts` + 1: doubling from 2 s to an hour, spread over ±25 % by `seed` so that objects do not retry together. */
export function backoffMs(attempts: number, seed: string): number {
  const base = Math.min(BACKOFF_FIRST_MS * 2 ** (attempts - 1), BACKOFF_MAX_MS);
  const spread = (fnv1a(`${seed}/${attempts}`) % 1_000) / 1_000;
  return Math.round(base * (0.75 + spread / 2));
}
