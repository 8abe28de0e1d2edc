import type { Couple } from "../domain/couple.ts";
import type { Dispatcher } from "../domain/dispatch.ts";
import type { LoggedEvent } from "../domain/events.ts";
import { findJob } from "../domain/jobs.ts";
import { REMINDERS_DUE } from "../domain/reminders/plan.ts";
import { Scope } from "../domain/scope.ts";
import { pruneTraces } from "../domain/retention-store.ts";
import { hasReceipts, pruneLog, pruneReceipts, upsertJob } from "../domain/store.ts";
import { fnv1a } from "../lib/fnv.ts";
import { COMMAND_MAX_AGE_MS, DAY_MS, IDLE_WAKE_MS, LOG_KEEP_EVENTS, LOG_KEEP_MS } from "../protocol/limits.ts";
import { Flush, FLUSH_JOB, nextFlushAt } from "./flush.ts";
import { Schedule, type Job } from "./schedule.ts";
import type { Sockets } from "./sockets.ts";
import { findTask, type Task } from "./tasks.ts";
import type { Tickets } from "./tickets.ts";

const CLEANUP_JOB = "cleanup";
/** What comes back every day by itself. */
const ROUTINE: readonly string[] = [CLEANUP_JOB, REMINDERS_DUE];
/** What belongs to the object itself is never parked: without it the object would fall silent. */
const NEVER_PARKED: readonly string[] = [FLUSH_JOB, CLEANUP_JOB];

interface Parts {
  couple: Couple;
  dispatcher: Dispatcher;
  sockets: Sockets;
  tickets: Tickets;
  storage: DurableObjectStorage;
  /** Asked at each use, so that a test can put a faulty database in its place. */
  env: () => Env;
  flushIntervalMs: number;
}

/** What the object does by itself: flush, clean up, and the jobs that domain modules planned. */
export class Alarms {
  readonly #parts: Parts;
  readonly #schedule: Schedule;
  // Known after the first look; spares every later command a query.
  #flushPlanned = false;
  #cleanUpPlanned = false;
  #seenPlanVersion = 0;
  #vanishes = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#schedule = new Schedule(parts.couple.sql, parts.storage, () => parts.couple.relationship.id);
  }

  /** After every write of the couple: plans the flush that will carry it and makes sure that the alarm is armed. */
  async afterWrite(now: number): Promise<void> {
    if (!this.#flushPlanned) this.#planFlush(now);
    await this.afterToken(now);
  }

  /** After a write that concerns nobody but the object, such as a ticket: plans the clean-up that will drop it. */
  async afterToken(now: number): Promise<void> {
    if (!this.#cleanUpPlanned) this.#planCleanUp(now);
    const { planVersion } = this.#parts.couple;
    if (planVersion !== this.#seenPlanVersion) this.#schedule.forget();
    this.#seenPlanVersion = planVersion;
    await this.#schedule.ensureAlarm(now);
  }

  /** What the sweep asks of an object that has gone quiet. @returns when the sweep is to ask again */
  async ensure(now: number): Promise<number | null> {
    if (this.#flush().isDirty()) this.#planFlush(now);
    this.#planCleanUp(now);
    this.#schedule.forget();
    await this.#schedule.ensureAlarm(now, true);
    return this.#schedule.lookAt(now, ROUTINE, null);
  }

  async replayFlush(now: number): Promise<void> {
    this.#flush().replay();
    await this.afterWrite(now);
  }

  /** @returns whether the object is to be destroyed now */
  async run(clock: () => number, schemaVersion: number): Promise<boolean> {
    const run = (job: Job, now: number): number | null | Promise<number | null> => {
      if (job.kind === FLUSH_JOB) return this.#runFlush(now, schemaVersion);
      if (job.kind === CLEANUP_JOB) return this.#cleanUp(now);
      const task = findTask(job.kind);
      return task === null ? this.#runDomainJob(job, now) : this.#runTask(task, job, now);
    };
    await this.#schedule.runDue(clock, run, (kind) => !NEVER_PARKED.includes(kind) && findTask(kind) === null);
    this.#forgetPlans();
    return this.#vanishes;
  }

  #flush(): Flush {
    return new Flush(this.#parts.couple, this.#parts.env().DB);
  }

  #planFlush(now: number): void {
    this.#plan(FLUSH_JOB, () => nextFlushAt(now, this.#parts.couple.relationship.id, this.#parts.flushIntervalMs));
    this.#flushPlanned = true;
  }

  #planCleanUp(now: number): void {
    this.#plan(CLEANUP_JOB, () => now + DAY_MS + (fnv1a(this.#parts.couple.relationship.id) % DAY_MS));
    this.#cleanUpPlanned = true;
  }

  #plan(kind: string, dueAt: () => number): void {
    if (this.#schedule.has(kind, "")) return;
    upsertJob(this.#parts.couple.sql, kind, "", dueAt());
    this.#schedule.forget();
  }

  // Jobs that ran may be planned no longer; the next write looks again.
  #forgetPlans(): void {
    this.#flushPlanned = false;
    this.#cleanUpPlanned = false;
  }

  async #runFlush(now: number, schemaVersion: number): Promise<number | null> {
    const { couple, flushIntervalMs } = this.#parts;
    // The directory's file on an ended relationship is about to be closed, or is.
    if (couple.relationship.status === "ended") return null;
    const next = nextFlushAt(now, couple.relationship.id, flushIntervalMs);
    // D1 always knows a time: an alarm that is lost while there is nothing to do is found in the end, too.
    const nextDueAt = this.#schedule.lookAt(now, ROUTINE, FLUSH_JOB) ?? now + IDLE_WAKE_MS;
    const dirty = await this.#flush().run(now, schemaVersion, nextDueAt);
    return dirty ? next : null;
  }

  #runDomainJob(job: Job, now: number): number | null {
    const definition = findJob(job.kind);
    if (definition === null) throw new Error(`No job of kind ${job.kind}`);
    const scope = new Scope(this.#parts.couple, now);
    try {
      const next = this.#parts.couple.sql.transaction(() => definition.run(scope, job.key));
      this.#parts.sockets.broadcast(scope.events, now);
      return next;
    } finally {
      // Its writes changed answers; if it failed, the sequences in memory are ahead of the rows.
      this.#parts.dispatcher.forget();
      this.#forgetPlans();
    }
  }

  async #runTask(task: Task, job: Job, now: number): Promise<number | null> {
    const { couple, sockets, storage, env, dispatcher } = this.#parts;
    const broadcast = (events: readonly LoggedEvent[]): void => sockets.broadcast(events, now);
    try {
      const vanish = (): void => void (this.#vanishes = true);
      return await task({ couple, sockets, storage, env: env(), broadcast, vanish }, job.key, now);
    } finally {
      dispatcher.forget();
      this.#forgetPlans();
    }
  }

  /** Comes back daily while there is anything left that will grow old. */
  #cleanUp(now: number): number | null {
    const { couple, tickets } = this.#parts;
    couple.sql.transaction(() => {
      pruneReceipts(couple.sql, now - COMMAND_MAX_AGE_MS);
      tickets.prune(now);
      // Counts what the log still holds, before the log is cut.
      this.#flush().prune(now);
      pruneLog(couple.sql, now - LOG_KEEP_MS, LOG_KEEP_EVENTS);
      pruneTraces(couple.sql, now);
    });
    return hasReceipts(couple.sql) || tickets.any() ? now + DAY_MS : null;
  }
}
