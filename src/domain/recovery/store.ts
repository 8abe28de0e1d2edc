import type { Sql } from "../sql.ts";

/** Whether the inbox of `userId` holds a notification of `title` about `subjectId`. */
export function isNotified(sql: Sql, userId: string, subjectId: string, title: string): boolean {
  return (
    sql.first(
      "SELECT 1 FROM notifications WHERE user_id = ? AND subject_id = ? AND title = ? LIMIT 1",
      userId,
      subjectId,
      title,
    ) !== null
  );
}
