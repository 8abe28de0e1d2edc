import type { Sql } from "../sql.ts";

/** One person's part of another object on its way into this one. */
export interface Absorption {
  sourceId: string;
  userId: string;
  /** Where the next page of the source begins; null before the first. */
  cursor: string | null;
  rowsTaken: number;
  /** Epoch milliseconds. */
  finishedAt: number | null;
}

/** Notes that something is to be taken. What is known already stays as it is. */
export function insertAbsorption(sql: Sql, sourceId: string, userId: string, now: number): void {
  sql.run(
    "INSERT INTO absorptions (source_id, user_id, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
    sourceId,
    userId,
    now,
  );
}

export function findAbsorption(sql: Sql, sourceId: string, userId: string): Absorption | null {
  return sql.first<Absorption>(
    `SELECT source_id AS sourceId, user_id AS userId, cursor, rows_taken AS rowsTaken, finished_at AS finishedAt
     FROM absorptions WHERE source_id = ? AND user_id = ?`,
    sourceId,
    userId,
  );
}

export function hasUnfinished(sql: Sql): boolean {
  return sql.first("SELECT 1 FROM absorptions WHERE finished_at IS NULL LIMIT 1") !== null;
}

/** Moves on behind a page of which `taken` rows were new here. */
export function saveCursor(sql: Sql, absorption: Absorption, cursor: string, taken: number): void {
  sql.run(
    "UPDATE absorptions SET cursor = ?, rows_taken = rows_taken + ? WHERE source_id = ? AND user_id = ?",
    cursor,
    taken,
    absorption.sourceId,
    absorption.userId,
  );
}

export function finishAbsorption(sql: Sql, absorption: Absorption, taken: number, now: number): void {
  sql.run(
    `UPDATE absorptions SET cursor = NULL, rows_taken = rows_taken + ?, finished_at = ?
     WHERE source_id = ? AND user_id = ? AND finished_at IS NULL`,
    taken,
    now,
    absorption.sourceId,
    absorption.userId,
  );
}
