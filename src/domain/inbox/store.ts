import { firstIdAt } from "../../protocol/ids.ts";
import type { Sql } from "../sql.ts";
import type { Preferences } from "./preferences.ts";
import type { Notification, NotificationPriority, NotificationType } from "./schema.ts";

export interface NotificationRow {
  id: string;
  userId: string;
  type: NotificationType;
  title: string;
  message: string;
  actionUrl: string | null;
  subjectId: string | null;
  priority: NotificationPriority;
  isRead: number;
  readAt: number | null;
  createdAt: number;
}

/** A new row; one with `scheduledFor` is seen by nobody until `deliverWaiting` hands it out. */
export interface NewNotificationRow extends Omit<NotificationRow, "isRead" | "readAt"> {
  scheduledFor: number | null;
}

export function insertNotification(sql: Sql, row: NewNotificationRow): void {
  sql.run(
    `INSERT INTO notifications
       (id, user_id, notification_type, title, message, action_url, subject_id, priority, scheduled_for, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    row.id,
    row.userId,
    row.type,
    row.title,
    row.message,
    row.actionUrl,
    row.subjectId,
    row.priority,
    row.scheduledFor,
    row.createdAt,
  );
}

/** When the next of `userId`'s waiting notifications is to be handed out, or null. */
export function findNextWaiting(sql: Sql, userId: string): number | null {
  const row = sql.first<{ at: number | null }>(
    `SELECT MIN(scheduled_for) AS at FROM notifications
     WHERE user_id = ? AND scheduled_for IS NOT NULL AND sent_at IS NULL`,
    userId,
  );
  return row?.at ?? null;
}

/** Forgets what waits for `userId` of these types; nobody has seen it. */
export function dropWaiting(sql: Sql, userId: string, types: readonly NotificationType[]): void {
  sql.run(
    `DELETE FROM notifications WHERE user_id = ? AND scheduled_for IS NOT NULL AND sent_at IS NULL
       AND notification_type IN (SELECT value FROM json_each(?))`,
    userId,
    JSON.stringify(types),
  );
}

/** Hands out what has waited long enough, and returns it, the oldest first. */
export function deliverWaiting(sql: Sql, userId: string, now: number): { id: string; type: NotificationType }[] {
  const rows = sql.all<{ id: string; type: NotificationType }>(
    `UPDATE notifications SET sent_at = ?1
     WHERE user_id = ?2 AND scheduled_for <= ?1 AND scheduled_for IS NOT NULL AND sent_at IS NULL
     RETURNING id, notification_type AS type`,
    now,
    userId,
  );
  return rows.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

interface ListFilter {
  userId: string;
  unreadOnly: boolean;
  type?: NotificationType | undefined;
  /** Rows older than this one; null for the newest. */
  beforeId: string | null;
  limit: number;
}

const AFTER_EVERY_ID = "~";

/** A member's notifications, newest first: their ids sort by time. */
export function listNotifications(sql: Sql, filter: ListFilter): NotificationRow[] {
  return sql.all<NotificationRow>(
    `SELECT id, user_id AS userId, notification_type AS type, title, message, action_url AS actionUrl,
       subject_id AS subjectId, priority, is_read AS isRead, read_at AS readAt, created_at AS createdAt
     FROM notifications
     WHERE user_id = ?1 AND id < ?2 AND (is_read = 0 OR ?3 = 0) AND (?4 IS NULL OR notification_type = ?4)
       AND archived_at IS NULL AND (scheduled_for IS NULL OR sent_at IS NOT NULL)
     ORDER BY id DESC LIMIT ?5`,
    filter.userId,
    filter.beforeId ?? AFTER_EVERY_ID,
    filter.unreadOnly ? 1 : 0,
    filter.type ?? null,
    filter.limit,
  );
}

export function countUnread(sql: Sql, userId: string): number {
  const row = sql.first<{ unread: number }>(
    // Left alone, SQLite reads all that the member was ever told.
    `SELECT COUNT(*) AS unread FROM notifications INDEXED BY notifications_unread
     WHERE user_id = ? AND is_read = 0 AND (scheduled_for IS NULL OR sent_at IS NOT NULL)`,
    userId,
  );
  return row?.unread ?? 0;
}

/** As `countUnread`, by type; types without an unread one are left out. */
export function countUnreadByType(sql: Sql, userId: string): { type: NotificationType; unread: number }[] {
  return sql.all(
    `SELECT notification_type AS type, COUNT(*) AS unread FROM notifications INDEXED BY notifications_unread
     WHERE user_id = ? AND is_read = 0 AND (scheduled_for IS NULL OR sent_at IS NOT NULL) GROUP BY 1 ORDER BY 1`,
    userId,
  );
}

/** How many of `ids` are notifications of `userId`. */
export function countOwned(sql: Sql, userId: string, ids: readonly string[]): number {
  const row = sql.first<{ owned: number }>(
    "SELECT COUNT(*) AS owned FROM notifications WHERE user_id = ? AND id IN (SELECT value FROM json_each(?))",
    userId,
    JSON.stringify(ids),
  );
  return row?.owned ?? 0;
}

/** Marks those of `ids` that `userId` has not read yet, and returns their ids. */
export function markRead(sql: Sql, userId: string, ids: readonly string[], now: number): string[] {
  const rows = sql.all<{ id: string }>(
    `UPDATE notifications SET is_read = 1, read_at = ?
     WHERE user_id = ? AND is_read = 0 AND id IN (SELECT value FROM json_each(?)) RETURNING id`,
    now,
    userId,
    JSON.stringify(ids),
  );
  return rows.map((row) => row.id);
}

/** Marks everything that `userId` has not read yet; returns how many that were. */
export function markAllRead(sql: Sql, userId: string, now: number): number {
  const unread = countUnread(sql, userId);
  if (unread > 0) {
    sql.run(
      `UPDATE notifications SET is_read = 1, read_at = ?
       WHERE user_id = ? AND is_read = 0 AND (scheduled_for IS NULL OR sent_at IS NOT NULL)`,
      now,
      userId,
    );
  }
  return unread;
}

/** Puts those of `ids` away that `userId` still sees, and returns how many. The rows stay: what was told is not told again. */
export function archive(sql: Sql, userId: string, ids: readonly string[], now: number): number {
  return sql.all(
    `UPDATE notifications SET archived_at = ?
     WHERE user_id = ? AND archived_at IS NULL AND id IN (SELECT value FROM json_each(?)) RETURNING id`,
    now,
    userId,
    JSON.stringify(ids),
  ).length;
}

/** Replaces what `userId` chose. The caller makes the couple read its members again. */
export function savePreferences(sql: Sql, userId: string, preferences: Preferences): void {
  sql.run("UPDATE members SET preferences = ? WHERE user_id = ?", JSON.stringify(preferences), userId);
}

/** Whether `userId` was told about `subjectId` by a notification of `type` at or after `since`. */
export function wasNotified(
  sql: Sql,
  userId: string,
  type: NotificationType,
  subjectId: string,
  since: number,
): boolean {
  const row = sql.first(
    `SELECT 1 FROM notifications
     WHERE user_id = ? AND id >= ? AND notification_type = ? AND subject_id = ? LIMIT 1`,
    userId,
    firstIdAt("notification", since),
    type,
    subjectId,
  );
  return row !== null;
}

export function toNotification(row: NotificationRow): Notification {
  const { userId: _reader, isRead, ...rest } = row;
  return { ...rest, isRead: isRead === 1 };
}
