import type { ActivityStatus, ActivityType } from "../activities/schema.ts";
import type { Sql } from "../sql.ts";
import type { Import, ImportKind } from "./schema.ts";

export interface ImportedCheckin {
  id: string;
  userId: string;
  date: string;
  connection: number | null;
  mood: number | null;
  satisfaction: number | null;
  gratitudeNote: string | null;
  supportNeeded: string | null;
  highlight: string | null;
  visibility: "private" | "shared";
  notesVisibility: "private" | "shared";
  lateDays: number;
  /** Epoch milliseconds. */
  now: number;
}

export function listMyCheckinDates(sql: Sql, userId: string): string[] {
  return sql
    .all<{ date: string }>("SELECT checkin_date AS date FROM daily_checkins WHERE user_id = ?", userId)
    .map((row) => row.date);
}

/** A day that is there stays as it is. */
export function insertImportedCheckin(sql: Sql, row: ImportedCheckin, importId: string): void {
  sql.run(
    `INSERT INTO daily_checkins (id, user_id, checkin_date, connection_score, mood_score, relationship_satisfaction,
       gratitude_note, support_needed, highlight_of_day, visibility, notes_visibility, late_days, import_id,
       created_at, updated_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?14)
     ON CONFLICT DO NOTHING`,
    row.id,
    row.userId,
    row.date,
    row.connection,
    row.mood,
    row.satisfaction,
    row.gratitudeNote,
    row.supportNeeded,
    row.highlight,
    row.visibility,
    row.notesVisibility,
    row.lateDays,
    importId,
    row.now,
  );
}

export interface ActivityKey {
  name: string;
  type: ActivityType;
  status: ActivityStatus;
  plannedDate: string | null;
  completedDate: string | null;
}

/** What tells the activities apart that `viewerId` may see. An import reads them once, instead of once a row. */
export function listActivityKeys(sql: Sql, viewerId: string): ActivityKey[] {
  return sql.all<ActivityKey>(
    `SELECT activity_name AS name, activity_type AS type, status, planned_date AS plannedDate,
       completed_date AS completedDate
     FROM activities
     WHERE status IN ('planned', 'completed', 'cancelled') AND (visibility <> 'private' OR created_by_user_id = ?)`,
    viewerId,
  );
}

export interface ImportRow extends Import {
  userId: string;
}

const COLUMNS = "id, user_id AS userId, kind, rows_added AS rowsAdded, created_at AS createdAt, undone_at AS undoneAt";

export function insertImport(sql: Sql, row: ImportRow): void {
  sql.run(
    "INSERT INTO imports (id, user_id, kind, rows_added, created_at) VALUES (?, ?, ?, ?, ?)",
    row.id,
    row.userId,
    row.kind,
    row.rowsAdded,
    row.createdAt,
  );
}

export function findImport(sql: Sql, id: string, userId: string): ImportRow | null {
  return sql.first<ImportRow>(`SELECT ${COLUMNS} FROM imports WHERE id = ? AND user_id = ?`, id, userId);
}

// Greater than every id.
const AFTER_ALL_IDS = "~";

/** What `userId` imported, newest first; `beforeId` is the last one already seen. */
export function listImports(sql: Sql, userId: string, beforeId: string | null, limit: number): ImportRow[] {
  return sql.all<ImportRow>(
    `SELECT ${COLUMNS} FROM imports WHERE id < ? AND user_id = ? ORDER BY id DESC LIMIT ?`,
    beforeId ?? AFTER_ALL_IDS,
    userId,
    limit,
  );
}

export function saveUndone(sql: Sql, id: string, now: number): void {
  sql.run("UPDATE imports SET undone_at = ? WHERE id = ?", now, id);
}

// Whatever happened to a row since then has raised its version; a photo hangs on it without doing so. One that the
// importer cannot see must not show by what stays: the row goes, and that photo belongs to nothing.
const DELETES: Readonly<Record<ImportKind, string>> = {
  checkins: `DELETE FROM daily_checkins WHERE import_id = ?1 AND user_id = ?2 AND row_version = 1
    RETURNING visibility`,
  activities: `DELETE FROM activities WHERE import_id = ?1 AND row_version = 1
      AND NOT EXISTS (SELECT 1 FROM photos WHERE subject_kind = 'activity' AND subject_id = activities.id
        AND (user_id = ?2 OR (visibility <> 'private' AND status = 'stored')))
    RETURNING visibility`,
  dates: `DELETE FROM important_dates WHERE import_id = ?1 AND row_version = 1
      AND NOT EXISTS (SELECT 1 FROM photos WHERE subject_kind = 'date' AND subject_id = important_dates.id
        AND (user_id = ?2 OR (visibility <> 'private' AND status = 'stored')))
    RETURNING visibility`,
};

const COUNTS: Readonly<Record<ImportKind, string>> = {
  checkins: "SELECT COUNT(*) AS count FROM daily_checkins WHERE import_id = ?",
  activities: "SELECT COUNT(*) AS count FROM activities WHERE import_id = ?",
  dates: "SELECT COUNT(*) AS count FROM important_dates WHERE import_id = ?",
};

/** Deletes the rows of an import that, as far as its owner sees, are as it made them, and says who saw each. */
export function deleteImported(sql: Sql, { kind, id, userId }: ImportRow): { visibility: string }[] {
  return sql.all(DELETES[kind], id, userId);
}

export function countImported(sql: Sql, kind: ImportKind, importId: string): number {
  return sql.first<{ count: number }>(COUNTS[kind], importId)?.count ?? 0;
}
