import type { Sql } from "../sql.ts";
import type { ChallengeEntry } from "./schema.ts";

export interface EntryRow {
  id: string;
  participationId: string;
  userId: string;
  date: string;
  completed: number;
  content: string | null;
  reflection: string | null;
  version: number;
  textVersions: string;
  createdAt: number;
  updatedAt: number;
}

const COLUMNS = `id, participation_id AS participationId, user_id AS userId, entry_date AS date,
  completion_status AS completed, entry_content AS content, reflection, row_version AS version,
  text_versions AS textVersions, created_at AS createdAt, updated_at AS updatedAt`;

/** My entry of a date, or null. */
export function findEntry(sql: Sql, participationId: string, userId: string, date: string): EntryRow | null {
  return sql.first<EntryRow>(
    `SELECT ${COLUMNS} FROM challenge_entries WHERE participation_id = ? AND user_id = ? AND entry_date = ?`,
    participationId,
    userId,
    date,
  );
}

export function insertEntry(sql: Sql, row: EntryRow, visibility: "private" | "shared"): void {
  sql.run(
    `INSERT INTO challenge_entries (id, participation_id, user_id, entry_date, completion_status, entry_content, reflection,
       visibility, created_at, updated_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)`,
    row.id,
    row.participationId,
    row.userId,
    row.date,
    row.completed,
    row.content,
    row.reflection,
    visibility,
    row.createdAt,
  );
}

/** Writes what may change of `row`, as the next version of it, and returns that. */
export function saveEntry(sql: Sql, changed: EntryRow, now: number): EntryRow {
  const row = { ...changed, version: changed.version + 1, updatedAt: now };
  sql.run(
    `UPDATE challenge_entries SET completion_status = ?, entry_content = ?, reflection = ?, text_versions = ?,
       row_version = ?, updated_at = ?
     WHERE id = ?`,
    row.completed,
    row.content,
    row.reflection,
    row.textVersions,
    row.version,
    row.updatedAt,
    row.id,
  );
  return row;
}

/** The entries of a challenge that its author shows to the partner. */
export function shareEntries(sql: Sql, participationId: string, now: number): void {
  sql.run(
    `UPDATE challenge_entries SET visibility = 'shared', row_version = row_version + 1, updated_at = ?
     WHERE participation_id = ? AND visibility = 'private'`,
    now,
    participationId,
  );
}

/**
 * The first `limit` dates for which `userId` has a completed entry that counts: a private one, which can come late from
 * an earlier space, counts only in a challenge that is private itself.
 */
export function listCompletedDates(sql: Sql, participationId: string, userId: string, limit: number): string[] {
  const rows = sql.all<{ date: string }>(
    `SELECT entry_date AS date FROM challenge_entries
     WHERE participation_id = ?1 AND user_id = ?2 AND completion_status = 1
       AND (visibility <> 'private' OR (SELECT visibility FROM challenge_participation WHERE id = ?1) = 'private')
     ORDER BY entry_date LIMIT ?3`,
    participationId,
    userId,
    limit,
  );
  return rows.map((row) => row.date);
}

interface ListFilter {
  participationId: string;
  viewerId: string;
  /** Rows older than this key; null for the newest. */
  before: { date: string; id: string } | null;
  limit: number;
}

// Greater than every date and every id.
const AFTER_ALL = "~";

/** Entries of both that `viewerId` may see, by date, newest first. */
export function listEntries(sql: Sql, filter: ListFilter): EntryRow[] {
  return sql.all<EntryRow>(
    `SELECT ${COLUMNS} FROM challenge_entries
     WHERE participation_id = ? AND (entry_date, id) < (?, ?) AND (visibility <> 'private' OR user_id = ?)
     ORDER BY entry_date DESC, id DESC LIMIT ?`,
    filter.participationId,
    filter.before?.date ?? AFTER_ALL,
    filter.before?.id ?? AFTER_ALL,
    filter.viewerId,
    filter.limit,
  );
}

/** Entries of any of `participationIds` on `date` that `viewerId` may see. */
export function listEntriesOn(
  sql: Sql,
  participationIds: readonly string[],
  date: string,
  viewerId: string,
): EntryRow[] {
  return sql.all<EntryRow>(
    `SELECT ${COLUMNS} FROM challenge_entries
     WHERE participation_id IN (SELECT value FROM json_each(?)) AND entry_date = ?
       AND (visibility <> 'private' OR user_id = ?)`,
    JSON.stringify(participationIds),
    date,
    viewerId,
  );
}

export function toEntry(row: EntryRow): ChallengeEntry {
  const { participationId: _participation, textVersions: _texts, completed, ...rest } = row;
  return { ...rest, completed: completed === 1 };
}
