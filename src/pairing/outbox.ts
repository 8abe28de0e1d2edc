import type { FailedDelivery, ObjectReport, OutboxRow } from "../db/object-outbox.ts";
import {
  deleteDeliveredStatement,
  listDueOutboxRows,
  listOutboxRowsOf,
  postponeFailedStatement,
  recordSchemaVersionsStatement,
} from "../db/object-outbox.ts";
import { runAfterAnswer } from "../lib/background.ts";
import { errorText, log } from "../lib/log.ts";
import { AppError } from "../protocol/errors.ts";
import type { MembershipState } from "../protocol/membership.ts";
import { callRelationship } from "../relationship/stub.ts";
import { readMembershipStates } from "./membership.ts";

const CONCURRENT_CALLS = 6;
const FIRST_RETRY_MS = 10_000;
const LONGEST_RETRY_MS = 60 * 60_000;
const PAGE_ROWS = 100;
/** Far more than one person has sessions; it only keeps a delivery from running for ever. */
const MOST_PAGES = 20;
const URGENT_TRIES = 3;
const URGENT_PAUSE_MS = 100;

export interface OutboxReport {
  delivered: number;
  failed: number;
}

type Delivery = { ok: true; row: OutboxRow; report: ObjectReport | null } | { ok: false; failure: FailedDelivery };

/**
 * Tells objects what is due. What they are told is read from D1 now, never what was true when the row was queued, so
 * rows may be delivered late, twice or in any order. An object that cannot be reached is tried again later.
 * @param now epoch milliseconds
 * @throws what D1 throws; a failing object never throws
 */
export async function deliverObjectOutbox(env: Env, now: number, options: { limit: number }): Promise<OutboxReport> {
  return deliverRows(env, await listDueOutboxRows(env.DB, now, options.limit), now);
}

/**
 * As `deliverObjectOutbox`, but everything that one object has not heard, also what waits for a later try: whoever names
 * the relationship needs it to know now.
 */
export async function deliverTo(env: Env, now: number, relationshipId: string): Promise<OutboxReport> {
  const total: OutboxReport = { delivered: 0, failed: 0 };
  let after = { kind: "", key: "" };
  for (let page = 0; page < MOST_PAGES; page++) {
    const rows = await listOutboxRowsOf(env.DB, relationshipId, after, PAGE_ROWS);
    const { delivered, failed } = await deliverRows(env, rows, now);
    total.delivered += delivered;
    total.failed += failed;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE_ROWS) break;
    after = last;
  }
  return total;
}

async function deliverRows(env: Env, rows: readonly OutboxRow[], now: number): Promise<OutboxReport> {
  if (rows.length === 0) return { delivered: 0, failed: 0 };
  const states = await statesFor(env, rows, now);
  const deliveries: Delivery[] = [];
  for (let start = 0; start < rows.length; start += CONCURRENT_CALLS) {
    const chunk = rows.slice(start, start + CONCURRENT_CALLS);
    deliveries.push(...(await Promise.all(chunk.map((row) => deliver(env, row, states, now)))));
  }
  return record(env.DB, deliveries, now);
}

/**
 * Delivery right after the cause, whose answer it must not spoil: whatever fails here is found by the sweep.
 * @returns whether everything that waited for these relationships has arrived
 */
export async function deliverNow(env: Env, now: number, relationshipIds: readonly string[]): Promise<boolean> {
  const results = await Promise.all(
    relationshipIds.map(async (relationshipId) => {
      try {
        return (await deliverTo(env, now, relationshipId)).failed === 0;
      } catch (error) {
        log.warn("outbox.delivery_failed", { relationshipId, error: errorText(error) });
        return false;
      }
    }),
  );
  return results.every(Boolean);
}

/** As `deliverNow`, with a few tries, for what costs somebody something if it comes only with the sweep. */
export async function deliverUrgently(env: Env, now: number, relationshipIds: readonly string[]): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    if (await deliverNow(env, now, relationshipIds)) return true;
    if (tries === URGENT_TRIES) return false;
    await new Promise((resolve) => setTimeout(resolve, URGENT_PAUSE_MS * tries));
  }
}

/** As `deliverNow`, after the answer is out. */
export function deliverSoon(env: Env, now: number, relationshipIds: readonly string[]): void {
  runAfterAnswer(deliverNow(env, now, relationshipIds), "outbox.deliver");
}

async function statesFor(env: Env, rows: readonly OutboxRow[], now: number): Promise<Map<string, MembershipState>> {
  const ids = new Set(rows.filter((row) => row.kind === "membership").map((row) => row.relationship_id));
  return ids.size === 0 ? new Map() : readMembershipStates(env.DB, [...ids], now);
}

async function deliver(env: Env, row: OutboxRow, states: Map<string, MembershipState>, now: number): Promise<Delivery> {
  try {
    return { ok: true, row, report: await tell(env, row, states, now) };
  } catch (error) {
    log.warn("outbox.delivery_failed", {
      relationshipId: row.relationship_id,
      kind: row.kind,
      attempts: row.attempts + 1,
      error: errorText(error),
    });
    // Our own refusals carry a code; a foreign message is cut, since it goes to a table that people read.
    const reason = error instanceof AppError ? error.code : errorText(error).slice(0, 120);
    const dueAt = now + retryDelayMs(row.attempts, Math.random());
    return { ok: false, failure: { row, error: reason, dueAt } };
  }
}

async function tell(
  env: Env,
  row: OutboxRow,
  states: Map<string, MembershipState>,
  now: number,
): Promise<ObjectReport | null> {
  if (row.kind === "session_ended") {
    await callRelationship(env, row.relationship_id, async (stub) => stub.endSession(row.key, now));
    return null;
  }
  const state = states.get(row.relationship_id);
  // The relationship is gone from D1, so there is nothing left to tell.
  if (state === undefined) return null;
  const answer = await callRelationship(env, row.relationship_id, async (stub) => stub.applyMembership(state));
  return { relationshipId: row.relationship_id, schemaVersion: answer.schemaVersion };
}

async function record(db: D1Database, deliveries: readonly Delivery[], now: number): Promise<OutboxReport> {
  const failures = deliveries.flatMap((delivery) => (delivery.ok ? [] : [delivery.failure]));
  const delivered = deliveries.filter((delivery) => delivery.ok);
  const reports = delivered.flatMap(({ report }) => (report === null ? [] : [report]));
  const statements: D1PreparedStatement[] = [];
  const rows = delivered.map(({ row }) => row);
  if (rows.length > 0) statements.push(deleteDeliveredStatement(db, rows));
  if (reports.length > 0) statements.push(recordSchemaVersionsStatement(db, reports));
  if (failures.length > 0) statements.push(postponeFailedStatement(db, failures, now));
  await db.batch(statements);
  return { delivered: rows.length, failed: failures.length };
}

/** 10, 20, 40, … seconds up to an hour, each shortened by up to a half so that tries spread. */
export function retryDelayMs(attempts: number, jitter: number): number {
  const full = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempts, 20));
  return Math.round(full * (1 - jitter / 2));
}
