import type { LoggedEvent } from "./events.ts";
import type { Member, Relationship } from "./couple.ts";
import type { Sql } from "./sql.ts";

export function findRelationship(sql: Sql): Relationship | null {
  return sql.first<Relationship>(
    `SELECT relationship_id AS id, status, relationship_type AS type, start_date AS startDate,
       anniversary_date AS anniversaryDate, home_timezone AS homeTimezone, membership_version AS membershipVersion,
       profile_version AS profileVersion,
       status_version AS statusVersion, frozen_at AS frozenAt, parted_version AS partedVersion, epoch,
       created_at AS createdAt
     FROM _meta`,
  );
}

export function listMembers(sql: Sql): Member[] {
  return sql.all<Member>(
    `SELECT user_id AS userId, slot, display_name AS displayName, timezone, joined_at AS joinedAt, left_at AS leftAt,
       preferences, hidden_streaks AS hidesStreaks, parting_choice AS choice, erased_at AS erasedAt
     FROM members WHERE left_at IS NULL ORDER BY slot`,
  );
}

/** The last sequence of `stream`, 0 when it is empty. */
export function findHead(sql: Sql, stream: string): number {
  const row = sql.first<{ seq: number | null }>(
    "SELECT MAX(seq) AS seq FROM relationship_events WHERE stream = ?",
    stream,
  );
  return row?.seq ?? 0;
}

/** The streams that have events, each with its last sequence: one look-up a stream, never a walk through the log. */
export function listStreamHeads(sql: Sql): { stream: string; seq: number }[] {
  return sql.all(
    `SELECT stream, seq FROM (
       SELECT readers.stream, (SELECT MAX(seq) FROM relationship_events AS log WHERE log.stream = readers.stream) AS seq
       FROM (SELECT 'couple' AS stream UNION ALL SELECT user_id FROM members) AS readers)
     WHERE seq IS NOT NULL`,
  );
}

export function listAwardedIds(sql: Sql): string[] {
  return sql.all<{ id: string }>("SELECT achievement_id AS id FROM user_achievements").map((row) => row.id);
}

export function insertEvent(sql: Sql, event: LoggedEvent, isCounted: boolean): void {
  sql.run(
    `INSERT INTO relationship_events (stream, seq, name, actor_id, occurred_at, subject_id, data, counted)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    event.stream,
    event.seq,
    event.name,
    event.actorId,
    event.occurredAt,
    event.subjectId,
    event.data,
    isCounted ? 1 : 0,
  );
}

/** Events of `stream` after `afterSeq`, oldest first, at most `limit`. */
export function listEventsAfter(sql: Sql, stream: string, afterSeq: number, limit: number): LoggedEvent[] {
  return sql.all<LoggedEvent>(
    `SELECT stream, seq, name, actor_id AS actorId, occurred_at AS occurredAt, subject_id AS subjectId, data
     FROM relationship_events WHERE stream = ? AND seq > ? ORDER BY seq LIMIT ?`,
    stream,
    afterSeq,
    limit,
  );
}

export interface ReceiptRow {
  inputHash: string;
  result: string;
}

export function findReceipt(sql: Sql, memberId: string, commandId: string): ReceiptRow | null {
  return sql.first<ReceiptRow>(
    "SELECT input_hash AS inputHash, result FROM command_receipts WHERE member_id = ? AND command_id = ?",
    memberId,
    commandId,
  );
}

/** The newest command id of `memberId`; ids of version 7 sort by their time. */
export function findNewestCommandId(sql: Sql, memberId: string): string | null {
  const row = sql.first<{ id: string | null }>(
    "SELECT MAX(command_id) AS id FROM command_receipts WHERE member_id = ?",
    memberId,
  );
  return row?.id ?? null;
}

export function insertReceipt(sql: Sql, memberId: string, commandId: string, receipt: ReceiptRow, now: number): void {
  sql.run(
    "INSERT INTO command_receipts (member_id, command_id, input_hash, result, created_at) VALUES (?, ?, ?, ?, ?)",
    memberId,
    commandId,
    receipt.inputHash,
    receipt.result,
    now,
  );
}

export function upsertJob(sql: Sql, kind: string, key: string, dueAt: number): void {
  sql.run(
    `INSERT INTO schedule (kind, key, due_at) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET due_at = excluded.due_at, attempts = 0, last_error = NULL, parked_at = NULL
     WHERE due_at <> excluded.due_at OR parked_at IS NOT NULL`,
    kind,
    key,
    dueAt,
  );
}

export function deleteJob(sql: Sql, kind: string, key: string): void {
  sql.run("DELETE FROM schedule WHERE kind = ? AND key = ?", kind, key);
}

export function pruneReceipts(sql: Sql, before: number): void {
  sql.run("DELETE FROM command_receipts WHERE created_at < ?", before);
}

export function hasReceipts(sql: Sql): boolean {
  return sql.first("SELECT 1 FROM command_receipts LIMIT 1") !== null;
}

/** Cuts each stream's log to the longer of `keepEvents` and what is newer than `before`. */
export function pruneLog(sql: Sql, before: number, keepEvents: number): void {
  for (const { stream, seq } of listStreamHeads(sql)) {
    sql.run(
      "DELETE FROM relationship_events WHERE stream = ? AND seq <= ? AND occurred_at < ?",
      stream,
      seq - keepEvents,
      before,
    );
  }
}
