import type { Sql } from "../sql.ts";

export interface FeedRow {
  id: string;
  userId: string;
  createdAt: number;
  revokedAt: number | null;
}

const COLUMNS = "id, user_id AS userId, created_at AS createdAt, revoked_at AS revokedAt";

export function insertFeed(sql: Sql, feed: Omit<FeedRow, "revokedAt">): void {
  sql.run(
    "INSERT INTO calendar_feeds (id, user_id, created_at) VALUES (?, ?, ?)",
    feed.id,
    feed.userId,
    feed.createdAt,
  );
}

/** The feed of this id, revoked or not. */
export function findFeed(sql: Sql, id: string): FeedRow | null {
  return sql.first<FeedRow>(`SELECT ${COLUMNS} FROM calendar_feeds WHERE id = ?`, id);
}

export function findLiveFeed(sql: Sql, userId: string): FeedRow | null {
  return sql.first<FeedRow>(`SELECT ${COLUMNS} FROM calendar_feeds WHERE user_id = ? AND revoked_at IS NULL`, userId);
}

/** @returns whether there was one */
export function revokeFeed(sql: Sql, userId: string, now: number): boolean {
  const rows = sql.all(
    "UPDATE calendar_feeds SET revoked_at = ? WHERE user_id = ? AND revoked_at IS NULL RETURNING id",
    now,
    userId,
  );
  return rows.length > 0;
}
