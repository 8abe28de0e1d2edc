import { columnsOf, type ContentTable } from "../content.ts";
import { assert } from "../../lib/assert.ts";
import type { NotificationRow } from "../inbox/store.ts";
import type { Sql, SqlValue } from "../sql.ts";

/** A row as its table has it, column by column. */
export type ContentRow = Record<string, SqlValue>;

/** The last row of the page before: by what the table is ordered. */
export interface After {
  key: string;
  author: string;
}

export interface Names {
  key: string;
  author: string;
}

/** The column that orders a table, and the one that names the author. */
export function namesOf(table: ContentTable): Names {
  const [key] = columnsOf(table, "key");
  const [author] = columnsOf(table, "author");
  assert(key !== undefined && author !== undefined, "a content table has a key and an author");
  return { key, author };
}

// Less than every key: dates and ids are not empty.
const BEFORE_ALL: After = { key: "", author: "" };

/**
 * What `viewerId` may see of `table`: their own rows, and of others' those of the classes that are shown to them. A class
 * that is not named here is not shown. Names come from the list of content alone.
 */
export function listVisible(
  sql: Sql,
  table: ContentTable,
  viewerId: string,
  after: After | null,
  limit: number,
): ContentRow[] {
  const { key, author } = namesOf(table);
  const columns = Object.keys(table.columns).join(", ");
  return sql.all<ContentRow>(
    `SELECT ${columns} FROM ${table.table}
     WHERE (${key}, ${author}) > (?1, ?2) AND (${author} = ?3 OR visibility IN ('shared', 'joint'))
     ORDER BY ${key}, ${author} LIMIT ?4`,
    after?.key ?? BEFORE_ALL.key,
    after?.author ?? BEFORE_ALL.author,
    viewerId,
    limit,
  );
}

export interface MonthRow {
  /** `YYYY-MM`. */
  month: string;
  checkins: number;
  /** Means of the month; null where nobody gave that score. */
  connection: number | null;
  mood: number | null;
  satisfaction: number | null;
}

/** One person's own check-ins by month, the oldest first. */
export function listOwnMonths(sql: Sql, userId: string): MonthRow[] {
  return sql.all<MonthRow>(
    `SELECT substr(checkin_date, 1, 7) AS month, COUNT(*) AS checkins, AVG(connection_score) AS connection,
       AVG(mood_score) AS mood, AVG(relationship_satisfaction) AS satisfaction
     FROM daily_checkins WHERE user_id = ? GROUP BY month ORDER BY month`,
    userId,
  );
}

/** One person's own check-ins by day: the date and the mood, null where it was left out. */
export function listOwnDays(sql: Sql, userId: string): { date: string; mood: number | null }[] {
  return sql.all(
    "SELECT checkin_date AS date, mood_score AS mood FROM daily_checkins WHERE user_id = ? ORDER BY checkin_date",
    userId,
  );
}

/** Completed activities that `viewerId` may see, by type, the most frequent first. */
export function countActivityTypes(sql: Sql, viewerId: string): { type: string; count: number }[] {
  return sql.all(
    `SELECT activity_type AS type, COUNT(*) AS count FROM activities
     WHERE status = 'completed' AND (created_by_user_id = ? OR visibility = 'joint')
     GROUP BY activity_type ORDER BY count DESC, activity_type`,
    viewerId,
  );
}

/** The days on which `userId` opened the app, as far back as they are kept. */
export function listAppDays(sql: Sql, userId: string): string[] {
  return sql
    .all<{ date: string }>("SELECT local_date AS date FROM app_days WHERE user_id = ? ORDER BY local_date", userId)
    .map(({ date }) => date);
}

export interface ExportedImport {
  id: string;
  kind: string;
  rowsAdded: number;
  createdAt: number;
  undoneAt: number | null;
}

/** What `userId` imported, the oldest first. */
export function listOwnImports(sql: Sql, userId: string): ExportedImport[] {
  return sql.all(
    `SELECT id, kind, rows_added AS rowsAdded, created_at AS createdAt, undone_at AS undoneAt
     FROM imports WHERE user_id = ? ORDER BY id`,
    userId,
  );
}

export interface ExportedFeed {
  createdAt: number;
  revokedAt: number | null;
}

/** The calendar addresses that `userId` has made, without what opens them. */
export function listOwnFeeds(sql: Sql, userId: string): ExportedFeed[] {
  return sql.all(
    "SELECT created_at AS createdAt, revoked_at AS revokedAt FROM calendar_feeds WHERE user_id = ? ORDER BY id",
    userId,
  );
}

export interface ExportedNotificationRow extends NotificationRow {
  /** When its reader put it away. */
  archivedAt: number | null;
}

// Greater than every id.
const AFTER_ALL_IDS = "~";

/** What `userId` was told, newest first, also what they put away; `beforeId` is the last one already seen. */
export function listOwnNotifications(
  sql: Sql,
  userId: string,
  beforeId: string | null,
  limit: number,
): ExportedNotificationRow[] {
  return sql.all<ExportedNotificationRow>(
    `SELECT id, user_id AS userId, notification_type AS type, title, message, action_url AS actionUrl,
       subject_id AS subjectId, priority, is_read AS isRead, read_at AS readAt, created_at AS createdAt,
       archived_at AS archivedAt
     FROM notifications WHERE user_id = ? AND id < ? AND (scheduled_for IS NULL OR sent_at IS NOT NULL)
     ORDER BY id DESC LIMIT ?`,
    userId,
    beforeId ?? AFTER_ALL_IDS,
    limit,
  );
}
