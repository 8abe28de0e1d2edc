import { assert } from "../../lib/assert.ts";
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
  createdAt: number;
  updatedAt: number;
}

const COLUMNS = `id, participation_id AS participationId, user_id AS userId, entry_date AS date,
  completion_status AS completed, entry_content AS content, reflection, row_version AS version,
  created_at AS createdAt, updated_at AS updatedAt`;

interface EntryInput {
  id: string;
  participationId: string;
  userId: string;
  date: string;
  completed: boolean;
  /** undefined keeps what is there. */
  content: string | null | undefined;
  reflection: string | null | undefined;
  visibility: "private" | "shared";
  now: number;
}

/** Writes a member's entry of a date, or edits it; a row that is new has version 1. */
export function upsertEntry(sql: Sql, entry: EntryInput): EntryRow {
  const row = sql.first<EntryRow>(
    `INSERT INTO challenge_entries (id, participation_id, user_id, entry_date, completion_status, entry_content, reflection,
       visibility, created_at, updated_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)
     ON CONFLICT (participation_id, user_id, entry_date) DO UPDATE SET
       completion_status = excluded.completion_status,
       entry_content = CASE ?10 WHEN 1 THEN excluded.entry_content ELSE entry_content END,
       reflection = CASE ?11 WHEN 1 THEN excluded.reflection ELSE reflection END,
       row_version = row_version + 1, updated_at = excluded.updated_at
     RETURNING ${COLUMNS}`,
    entry.id,
    entry.participationId,
    entry.userId,
    entry.date,
    entry.completed ? 1 : 0,
    entry.content ?? null,
    entry.reflection ?? null,
    entry.visibility,
    entry.now,
    entry.content === undefined ? 0 : 1,
    entry.reflection === undefined ? 0 : 1,
  );
  assert(row !== null, "an upsert returns its row");
  return row;
}

/** The first `limit` dates for which `userId` has a completed entry. */
export function listCompletedDates(sql: Sql, participationId: string, userId: string, limit: number): string[] {
  const rows = sql.all<{ date: string }>(
    `SELECT entry_date AS date FROM challenge_entries
     WHERE participation_id = ? AND user_id = ? AND completion_status = 1 ORDER BY entry_date LIMIT ?`,
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
  const { participationId: _participation, completed, ...rest } = row;
  return { ...rest, completed: completed === 1 };
}
