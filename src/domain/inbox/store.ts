import { firstIdAt } from "../../protocol/ids.ts";
import type { Sql } from "../sql.ts";
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

export function insertNotification(sql: Sql, row: Omit<NotificationRow, "isRead" | "readAt">): void {
  sql.run(
    `INSERT INTO notifications
       (id, user_id, notification_type, title, message, action_url, subject_id, priority, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    row.id,
    row.userId,
    row.type,
    row.title,
    row.message,
    row.actionUrl,
    row.subjectId,
    row.priority,
    row.createdAt,
  );
}

interface ListFilter {
  userId: string;
  unreadOnly: boolean;
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
     WHERE user_id = ? AND id < ? AND (is_read = 0 OR ? = 0)
     ORDER BY id DESC LIMIT ?`,
    filter.userId,
    filter.beforeId ?? AFTER_EVERY_ID,
    filter.unreadOnly ? 1 : 0,
    filter.limit,
  );
}

export function countUnread(sql: Sql, userId: string): number {
  const row = sql.first<{ unread: number }>(
    "SELECT COUNT(*) AS unread FROM notifications WHERE user_id = ? AND is_read = 0",
    userId,
  );
  return row?.unread ?? 0;
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
    sql.run("UPDATE notifications SET is_read = 1, read_at = ? WHERE user_id = ? AND is_read = 0", now, userId);
  }
  return unread;
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
