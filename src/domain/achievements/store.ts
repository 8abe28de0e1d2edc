import type { Sql } from "../sql.ts";

export interface AwardRow {
  achievementId: string;
  earnedDate: string;
  /** Epoch milliseconds. */
  earnedAt: number;
  /** Null for both; a person's id for what that person earned while alone. */
  earnedBy: string | null;
}

export function insertAward(sql: Sql, id: string, award: AwardRow): void {
  sql.run(
    `INSERT INTO user_achievements (id, achievement_id, earned_date, earned_at, earned_by_user_id)
     VALUES (?, ?, ?, ?, ?)`,
    id,
    award.achievementId,
    award.earnedDate,
    award.earnedAt,
    award.earnedBy,
  );
}

/** The awards that `viewerId` may see. There are at most as many as the catalogue has entries. */
export function listAwards(sql: Sql, viewerId: string): AwardRow[] {
  return sql.all<AwardRow>(
    `SELECT achievement_id AS achievementId, earned_date AS earnedDate, earned_at AS earnedAt,
       earned_by_user_id AS earnedBy
     FROM user_achievements WHERE earned_by_user_id IS NULL OR earned_by_user_id = ?`,
    viewerId,
  );
}

/** Awards that one person earned while alone. */
export function listOwnAwards(sql: Sql): { achievementId: string; earnedBy: string }[] {
  return sql.all(
    `SELECT achievement_id AS achievementId, earned_by_user_id AS earnedBy
     FROM user_achievements WHERE earned_by_user_id IS NOT NULL`,
  );
}

export function listAllAwardedIds(sql: Sql): string[] {
  return sql.all<{ id: string }>("SELECT achievement_id AS id FROM user_achievements").map((row) => row.id);
}

export const ACHIEVEMENT_POINTS = "achievement";

/** Takes an award and its points back, as if it had never been earned. */
export function deleteAward(sql: Sql, achievementId: string): void {
  sql.run("DELETE FROM user_achievements WHERE achievement_id = ?", achievementId);
  sql.run("DELETE FROM points WHERE reason = ? AND subject_id = ?", ACHIEVEMENT_POINTS, achievementId);
}

/** An award that outlives its time alone belongs to both. */
export function shareAward(sql: Sql, achievementId: string): void {
  sql.run("UPDATE user_achievements SET earned_by_user_id = NULL WHERE achievement_id = ?", achievementId);
  sql.run("UPDATE points SET member_id = NULL WHERE reason = ? AND subject_id = ?", ACHIEVEMENT_POINTS, achievementId);
}

export interface PointRow {
  id: string;
  points: number;
  reason: string;
  subjectId: string;
  /** Null for both. */
  memberId: string | null;
  createdAt: number;
}

/** The ledger is only ever added to; the balance is its sum. One entry per reason and subject. */
export function insertPoints(sql: Sql, row: PointRow): void {
  sql.run(
    "INSERT INTO points (id, member_id, points, reason, subject_id, created_at) VALUES (?, ?, ?, ?, ?, ?)",
    row.id,
    row.memberId,
    row.points,
    row.reason,
    row.subjectId,
    row.createdAt,
  );
}

export function sumPoints(sql: Sql, viewerId: string): number {
  const row = sql.first<{ balance: number }>(
    "SELECT coalesce(SUM(points), 0) AS balance FROM points WHERE member_id IS NULL OR member_id = ?",
    viewerId,
  );
  return row?.balance ?? 0;
}

// Greater than every id.
const AFTER_ALL_IDS = "~";

/** The ledger as `viewerId` may see it, newest first; `beforeId` is the last one already seen. */
export function listPoints(sql: Sql, viewerId: string, beforeId: string | null, limit: number): PointRow[] {
  return sql.all<PointRow>(
    `SELECT id, points, reason, subject_id AS subjectId, member_id AS memberId, created_at AS createdAt FROM points
     WHERE id < ? AND (member_id IS NULL OR member_id = ?) ORDER BY id DESC LIMIT ?`,
    beforeId ?? AFTER_ALL_IDS,
    viewerId,
    limit,
  );
}
