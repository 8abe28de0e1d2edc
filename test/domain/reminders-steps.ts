import { env } from "cloudflare:workers";
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { Couple } from "../../src/domain/couple.ts";
import { findJob } from "../../src/domain/jobs.ts";
import { planReminders } from "../../src/domain/reminders/plan.ts";
import { Scope } from "../../src/domain/scope.ts";
import type { Sql } from "../../src/domain/sql.ts";
import { sqlOf } from "../../src/relationship/sql-storage.ts";
import type { TestCouple } from "../support/couple.ts";

/** Real jobs on real tables with a clock of their own: what the alarm does, without waiting for it. */
export class Clockwork {
  readonly sql: Sql;
  now: number;
  readonly #couple: Couple;

  constructor(sql: Sql, now: number) {
    this.sql = sql;
    this.now = now;
    this.#couple = new Couple(sql);
  }

  /**
   * Runs every job of reminders and inbox that is due until `end`, each `lateMs` after its time, and `repeats` more times
   * as after a crash before its row was moved.
   */
  runUntil(end: number, { lateMs = 0, repeats = 0 } = {}): void {
    for (let runs = 0; runs < 1_000; runs++) {
      const job = this.sql.first<{ kind: string; key: string; due: number }>(
        `SELECT kind, key, due_at AS due FROM schedule
         WHERE (kind LIKE 'reminders.%' OR kind LIKE 'inbox.%') AND due_at <= ? ORDER BY due_at, kind LIMIT 1`,
        end - lateMs,
      );
      if (job === null) break;
      this.now = Math.max(this.now, job.due + lateMs);
      this.run(job.kind, job.key, job.due, repeats);
    }
    this.now = end;
  }

  /** One job as the alarm runs it. */
  run(kind: string, key: string, due: number, repeats: number): void {
    const definition = findJob(kind);
    if (definition === null) throw new Error(`No job ${kind}`);
    let next: number | null = null;
    for (let time = 0; time <= repeats; time++) {
      next = this.sql.transaction(() => definition.run(this.scope(), key));
    }
    if (next === null) {
      this.sql.run("DELETE FROM schedule WHERE kind = ? AND key = ? AND due_at = ?", kind, key, due);
    } else {
      this.sql.run("UPDATE schedule SET due_at = ? WHERE kind = ? AND key = ? AND due_at = ?", next, kind, key, due);
    }
  }

  /** As a command of the member or a new membership does. */
  change(userId: string, change: { preferences?: object; timezone?: string }): void {
    const { preferences, timezone } = change;
    if (preferences !== undefined) {
      this.sql.run("UPDATE members SET preferences = ? WHERE user_id = ?", JSON.stringify(preferences), userId);
    }
    if (timezone !== undefined) this.sql.run("UPDATE members SET timezone = ? WHERE user_id = ?", timezone, userId);
    this.sql.run(
      `INSERT INTO schedule (kind, key, due_at) VALUES ('reminders.due', ?, ?)
       ON CONFLICT DO UPDATE SET due_at = excluded.due_at`,
      userId,
      this.now,
    );
  }

  scope(): Scope {
    this.#couple.forget();
    return new Scope(this.#couple, this.now);
  }

  /** As joining does. */
  plan(userId: string): void {
    const scope = this.scope();
    for (const member of scope.members) if (member.userId === userId) planReminders(scope, member);
  }

  checkIn(userId: string, date: string): void {
    this.sql.run(
      `INSERT INTO daily_checkins (id, user_id, checkin_date, mood_score, visibility, notes_visibility, created_at, updated_at)
       VALUES (?, ?, ?, 5, 'shared', 'shared', 1, 1)`,
      `${userId}/${date}`,
      userId,
      date,
    );
  }

  /** Reminders that reached the inbox of `userId` and were handed out, in order. */
  reminders(userId: string): { message: string; at: number }[] {
    return this.sql.all<{ message: string; at: number }>(
      `SELECT message, coalesce(sent_at, created_at) AS at FROM notifications
       WHERE user_id = ? AND notification_type = 'reminder' AND (scheduled_for IS NULL OR sent_at IS NOT NULL) ORDER BY id`,
      userId,
    );
  }

  jobs(): string[] {
    const rows = this.sql.all<{ kind: string; key: string }>(
      "SELECT kind, key FROM schedule WHERE kind LIKE 'reminders.%' ORDER BY 1, 2",
    );
    return rows.map(({ kind, key }) => `${kind} ${key}`);
  }

  /** Forgets what happened, for the next run of a property. */
  reset(userId: string): void {
    for (const table of ["notifications", "reminders_sent", "daily_checkins", "schedule", "relationship_events"]) {
      this.sql.run(`DELETE FROM ${table}`);
    }
    this.sql.run("UPDATE members SET preferences = '{}' WHERE user_id = ?", userId);
  }
}

/** Does `body` inside the couple's object, in one turn. */
export async function inside<T>(
  couple: Pick<TestCouple, "relationshipId">,
  now: number,
  body: (clockwork: Clockwork) => T,
): Promise<T> {
  const stub = env.RELATIONSHIP.getByName(couple.relationshipId);
  const result = await runInDurableObject(stub, (_, state) => body(new Clockwork(sqlOf(state.storage), now)));
  // What the object holds in memory is from before.
  await evictDurableObject(stub);
  return result;
}
