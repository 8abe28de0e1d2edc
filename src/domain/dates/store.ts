import type { Member } from "../couple.ts";
import { shownAuthor } from "../parting/rules.ts";
import type { Sql } from "../sql.ts";
import { nextOccurrence } from "./recurrence.ts";
import type { DateType, ImportantDate, LeapDay, Repeats } from "./schema.ts";

export interface ImportantDateRow {
  id: string;
  name: string;
  type: DateType;
  date: string;
  description: string | null;
  repeats: Repeats;
  every: number;
  leapDay: LeapDay;
  reminderDaysBefore: number;
  authorId: string;
  /** 1 when an earlier partner made it. */
  formerAuthor: number;
  visibility: "private" | "joint";
  version: number;
  textVersions: string;
  createdAt: number;
  updatedAt: number;
}

// Recurring without a pattern means yearly.
const COLUMNS = `id, event_name AS name, event_type AS type, date_value AS date, description,
  CASE is_recurring WHEN 1 THEN coalesce(recurrence_pattern, 'yearly') ELSE 'none' END AS repeats,
  recurrence_interval AS every, leap_day AS leapDay, reminder_days_before AS reminderDaysBefore,
  created_by_user_id AS authorId, former_author AS formerAuthor, visibility, row_version AS version,
  text_versions AS textVersions, created_at AS createdAt, updated_at AS updatedAt`;

export function insertDate(sql: Sql, row: ImportantDateRow, importId: string | null = null): void {
  sql.run(
    `INSERT INTO important_dates (id, date_value, event_name, event_type, description, is_recurring, recurrence_pattern,
       recurrence_interval, leap_day, reminder_days_before, created_by_user_id, visibility, row_version, created_at,
       updated_at, import_id)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    row.id,
    row.date,
    row.name,
    row.type,
    row.description,
    row.repeats === "none" ? 0 : 1,
    row.repeats === "none" ? null : row.repeats,
    row.every,
    row.leapDay,
    row.reminderDaysBefore,
    row.authorId,
    row.visibility,
    row.version,
    row.createdAt,
    row.updatedAt,
    importId,
  );
}

/** Writes what may change of `row`, as the next version of it, and returns that. */
export function saveDate(sql: Sql, changed: ImportantDateRow, now: number): ImportantDateRow {
  const row = { ...changed, version: changed.version + 1, updatedAt: now };
  sql.run(
    `UPDATE important_dates SET date_value = ?, event_name = ?, event_type = ?, description = ?, is_recurring = ?,
       recurrence_pattern = ?, recurrence_interval = ?, leap_day = ?, reminder_days_before = ?, visibility = ?,
       row_version = ?, text_versions = ?, updated_at = ?
     WHERE id = ?`,
    row.date,
    row.name,
    row.type,
    row.description,
    row.repeats === "none" ? 0 : 1,
    row.repeats === "none" ? null : row.repeats,
    row.every,
    row.leapDay,
    row.reminderDaysBefore,
    row.visibility,
    row.version,
    row.textVersions,
    row.updatedAt,
    row.id,
  );
  return row;
}

export function deleteDate(sql: Sql, id: string): void {
  sql.run("DELETE FROM important_dates WHERE id = ?", id);
}

/** The date, if `viewerId` may see it. */
export function findDate(sql: Sql, id: string, viewerId: string): ImportantDateRow | null {
  return sql.first<ImportantDateRow>(
    `SELECT ${COLUMNS} FROM important_dates WHERE id = ? AND (visibility <> 'private' OR created_by_user_id = ?)`,
    id,
    viewerId,
  );
}

// Greater than every id.
const AFTER_ALL_IDS = "~";

/** What `viewerId` may see, newest entry first; `beforeId` is the last one already seen. */
export function listDates(sql: Sql, viewerId: string, beforeId: string | null, limit: number): ImportantDateRow[] {
  return sql.all<ImportantDateRow>(
    `SELECT ${COLUMNS} FROM important_dates
     WHERE id < ? AND (visibility <> 'private' OR created_by_user_id = ?) ORDER BY id DESC LIMIT ?`,
    beforeId ?? AFTER_ALL_IDS,
    viewerId,
    limit,
  );
}

/** Those of `days` on which `viewerId` can see that an activity was completed. */
export function listDoneDays(sql: Sql, viewerId: string, days: readonly string[]): string[] {
  const rows = sql.all<{ date: string }>(
    // Left alone, SQLite reads all that was ever completed.
    `SELECT DISTINCT completed_date AS date FROM activities INDEXED BY activities_by_month_day
     WHERE status = 'completed' AND substr(completed_date, 6) IN (SELECT substr(value, 6) FROM json_each(?1))
       AND completed_date IN (SELECT value FROM json_each(?1))
       AND (visibility <> 'private' OR created_by_user_id = ?2)`,
    JSON.stringify(days),
    viewerId,
  );
  return rows.map((row) => row.date);
}

interface Shown {
  today: string;
  members: readonly Member[];
  lastCelebrated: string | null;
}

export function toImportantDate(row: ImportantDateRow, { today, members, lastCelebrated }: Shown): ImportantDate {
  const { authorId: _author, formerAuthor: _former, textVersions: _versions, visibility, ...rest } = row;
  return {
    ...rest,
    nextDate: nextOccurrence(row, today),
    lastCelebrated,
    createdBy: shownAuthor(members, row),
    isPrivate: visibility === "private",
  };
}
