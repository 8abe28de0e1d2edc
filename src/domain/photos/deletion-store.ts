import type { Sql } from "../sql.ts";

export interface FileDeletionRow {
  objectKey: string;
  /** Epoch milliseconds. */
  dueAt: number;
}

/** Of two due times of one key the later one counts. */
export function insertFileDeletion(sql: Sql, { objectKey, dueAt }: FileDeletionRow): void {
  sql.run(
    `INSERT INTO file_deletions (object_key, due_at) VALUES (?, ?)
     ON CONFLICT DO UPDATE SET due_at = max(due_at, excluded.due_at)`,
    objectKey,
    dueAt,
  );
}

export function nextFileDeletionAt(sql: Sql): number | null {
  return sql.first<{ dueAt: number | null }>("SELECT MIN(due_at) AS dueAt FROM file_deletions")?.dueAt ?? null;
}

/** Keys whose time has come, the longest waiting first, at most `limit`. */
export function listDueFileDeletions(sql: Sql, now: number, limit: number): string[] {
  return sql
    .all<{ objectKey: string }>(
      "SELECT object_key AS objectKey FROM file_deletions WHERE due_at <= ? ORDER BY due_at LIMIT ?",
      now,
      limit,
    )
    .map(({ objectKey }) => objectKey);
}

/** @param objectKeys whose bytes are gone */
export function deleteFileDeletions(sql: Sql, objectKeys: readonly string[]): void {
  sql.run(
    "DELETE FROM file_deletions WHERE object_key IN (SELECT value FROM json_each(?))",
    JSON.stringify(objectKeys),
  );
}
