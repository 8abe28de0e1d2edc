import type { Sql } from "../sql.ts";
import type { Note } from "./schema.ts";

export interface NoteRow {
  id: string;
  date: string;
  title: string | null;
  body: string;
  authorId: string;
  visibility: "private" | "shared";
  version: number;
  /** JSON, see `Versioned`. */
  textVersions: string;
  createdAt: number;
  updatedAt: number;
}

const COLUMNS = `id, note_date AS date, title, body, user_id AS authorId, visibility, row_version AS version,
  text_versions AS textVersions, created_at AS createdAt, updated_at AS updatedAt`;

export function insertNote(sql: Sql, row: NoteRow): void {
  sql.run(
    `INSERT INTO notes (id, user_id, note_date, title, body, visibility, row_version, text_versions, created_at,
       updated_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    row.id,
    row.authorId,
    row.date,
    row.title,
    row.body,
    row.visibility,
    row.version,
    row.textVersions,
    row.createdAt,
    row.updatedAt,
  );
}

/** Writes what may change of `row`, as the next version of it, and returns that. */
export function saveNote(sql: Sql, changed: NoteRow, now: number): NoteRow {
  const row = { ...changed, version: changed.version + 1, updatedAt: now };
  sql.run(
    `UPDATE notes SET note_date = ?, title = ?, body = ?, visibility = ?, row_version = ?, text_versions = ?,
       updated_at = ?
     WHERE id = ?`,
    row.date,
    row.title,
    row.body,
    row.visibility,
    row.version,
    row.textVersions,
    row.updatedAt,
    row.id,
  );
  return row;
}

export function deleteNote(sql: Sql, id: string): void {
  sql.run("DELETE FROM notes WHERE id = ?", id);
}

/** The note, if `viewerId` may see it. */
export function findNote(sql: Sql, id: string, viewerId: string): NoteRow | null {
  return sql.first<NoteRow>(
    `SELECT ${COLUMNS} FROM notes WHERE id = ? AND (visibility <> 'private' OR user_id = ?)`,
    id,
    viewerId,
  );
}

/** How many notes `userId` has. */
export function countNotes(sql: Sql, userId: string): number {
  return sql.first<{ notes: number }>("SELECT COUNT(*) AS notes FROM notes WHERE user_id = ?", userId)?.notes ?? 0;
}

interface ListFilter {
  viewerId: string;
  /** Null for everybody's. */
  authorId: string | null;
  /** Rows created before the one with this id; null for the newest. */
  beforeId: string | null;
  limit: number;
}

// Greater than every id.
const AFTER_ALL_IDS = "~";

/** What `viewerId` may see, newest first. */
export function listNotes(sql: Sql, filter: ListFilter): NoteRow[] {
  return sql.all<NoteRow>(
    `SELECT ${COLUMNS} FROM notes
     WHERE id < ?1 AND (?2 IS NULL OR user_id = ?2) AND (visibility <> 'private' OR user_id = ?3)
     ORDER BY id DESC LIMIT ?4`,
    filter.beforeId ?? AFTER_ALL_IDS,
    filter.authorId,
    filter.viewerId,
    filter.limit,
  );
}

export function toNote(row: NoteRow): Note {
  const { authorId, visibility, textVersions: _bookkeeping, ...rest } = row;
  return { ...rest, createdBy: authorId, isPrivate: visibility === "private" };
}
