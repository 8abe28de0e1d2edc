import { columnsOf, type ContentTable } from "../content.ts";
import type { Sql } from "../sql.ts";
import type { Inspection } from "./schema.ts";

/** What stands in the place of a text, or of anything in a private row. */
export const MASK = "masked";

export function findSchemaVersion(sql: Sql): number {
  return sql.first<{ version: number | null }>("SELECT MAX(version) AS version FROM _migrations")?.version ?? 0;
}

export function findLastFlushAt(sql: Sql): number | null {
  return sql.first<{ at: number | null }>("SELECT last_flush_at AS at FROM _meta")?.at ?? null;
}

/** Everybody who is or was a member; ids only. */
export function listEveryMember(sql: Sql): Inspection["members"] {
  return sql.all("SELECT user_id AS userId, slot, joined_at AS joinedAt, left_at AS leftAt FROM members ORDER BY slot");
}

export function listJobs(sql: Sql): Inspection["schedule"] {
  return sql.all(
    `SELECT kind, key, due_at AS dueAt, attempts, last_error AS lastError, parked_at AS parkedAt FROM schedule
     ORDER BY due_at LIMIT 200`,
  );
}

export interface ReceiptTime {
  memberId: string;
  at: number;
}

/** When `memberId` sent the newest commands. */
export function listReceiptTimes(sql: Sql, memberId: string, limit: number): ReceiptTime[] {
  return sql.all(
    `SELECT member_id AS memberId, created_at AS at FROM command_receipts
     WHERE member_id = ? ORDER BY command_id DESC LIMIT ?`,
    memberId,
    limit,
  );
}

export interface EventName {
  actorId: string;
  at: number;
  name: string;
}

/** Names of the newest events of `stream`. */
export function listEventNames(sql: Sql, stream: string, limit: number): EventName[] {
  return sql.all(
    `SELECT actor_id AS actorId, occurred_at AS at, name FROM relationship_events
     WHERE stream = ? ORDER BY seq DESC LIMIT ?`,
    stream,
    limit,
  );
}

export function listTableNames(sql: Sql): string[] {
  const rows = sql.all<{ name: string }>(
    // Tables of the platform begin with an underscore and are not readable.
    "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 1) BETWEEN 'a' AND 'z' ORDER BY name",
  );
  return rows.map((row) => row.name).filter((name) => !name.startsWith("sqlite_"));
}

/** Counts a table of the object's own schema: its name comes from there and from nowhere else. */
export function countRows(sql: Sql, table: string): number {
  return sql.first<{ rows: number }>(`SELECT COUNT(*) AS rows FROM "${table}"`)?.rows ?? 0;
}

/** How many rows of each table that is copied to D1 are still to be sent. */
export function listDirty(sql: Sql): Inspection["waitingForFlush"] {
  return sql.all(
    `SELECT 'event_summaries' AS "table", COUNT(*) AS rows FROM event_summaries WHERE source_seq > flushed_seq
     UNION ALL SELECT 'snapshot_dates', COUNT(*) FROM snapshot_dates WHERE source_seq > flushed_seq
     UNION ALL SELECT 'score_dates', COUNT(*) FROM score_dates WHERE source_seq > flushed_seq`,
  );
}

export function listAbsorptions(sql: Sql): Inspection["absorptions"] {
  return sql.all(
    `SELECT source_id AS sourceId, user_id AS userId, rows_taken AS rowsTaken, created_at AS createdAt,
       finished_at AS finishedAt
     FROM absorptions ORDER BY created_at`,
  );
}

/**
 * The newest rows of a content table. Words never leave the database: they are masked in the query, and so is every fact
 * of a row that its author keeps to themselves or that is still sealed.
 */
export function listMaskedRows(sql: Sql, content: ContentTable, limit: number): NonNullable<Inspection["rows"]> {
  const words = columnsOf(content, "words").map(
    (column) => `CASE WHEN ${column} IS NULL THEN NULL ELSE ?1 END AS ${column}`,
  );
  const facts = columnsOf(content, "fact")
    .filter((column) => column !== "visibility")
    .map((column) => `CASE WHEN visibility IN ('private', 'sealed') THEN ?1 ELSE ${column} END AS ${column}`);
  const open = [...columnsOf(content, "author"), ...columnsOf(content, "keeping"), "visibility"];
  // A key is an id; where it is a date, it is a fact like any other.
  const keys = columnsOf(content, "key").map(
    (column) =>
      `CASE WHEN visibility IN ('private', 'sealed') AND ${column} NOT LIKE '%\\_%' ESCAPE '\\' THEN ?1 ELSE ${column} END AS ${column}`,
  );
  return sql.all(
    `SELECT ${[...keys, ...open, ...facts, ...words].join(", ")} FROM ${content.table} ORDER BY created_at DESC LIMIT ?2`,
    MASK,
    limit,
  );
}
