import { columnsOf, CONTENT } from "../content.ts";
import type { Sql } from "../sql.ts";
import type { PhotoRow } from "../photos/store.ts";
import { fateOf, ROW_CLASSES, type PartingChoice } from "./rules.ts";

/** Both are parted from `frozenAt` on (epoch milliseconds). */
export function freezeMeta(sql: Sql, frozenAt: number, statusVersion: number): void {
  sql.run(
    "UPDATE _meta SET status = 'frozen', status_version = ?1, parted_version = ?1, frozen_at = ?2",
    statusVersion,
    frozenAt,
  );
}

/** Who left; saying so again changes nothing. */
export function markParted(sql: Sql, userId: string, now: number): void {
  sql.run("UPDATE members SET parted_at = ? WHERE user_id = ? AND parted_at IS NULL", now, userId);
}

export function listPartedIds(sql: Sql): string[] {
  return sql.all<{ id: string }>("SELECT user_id AS id FROM members WHERE parted_at IS NOT NULL").map((row) => row.id);
}

/** Both came back: whatever was said about the end is void. */
export function clearParting(sql: Sql): void {
  sql.run("UPDATE _meta SET frozen_at = NULL");
  sql.run("UPDATE members SET parted_at = NULL, parting_choice = 'keep', part_taken_at = NULL WHERE left_at IS NULL");
}

export function updateChoice(sql: Sql, userId: string, choice: PartingChoice): void {
  sql.run("UPDATE members SET parting_choice = ? WHERE user_id = ?", choice, userId);
}

/** Nobody is a member any more. */
export function endMemberships(sql: Sql, now: number): void {
  sql.run("UPDATE members SET left_at = max(?, joined_at) WHERE left_at IS NULL", now);
}

export function listOwnFiles(sql: Sql, userId: string): Pick<PhotoRow, "objectKey" | "status">[] {
  return sql.all("SELECT object_key AS objectKey, status FROM photos WHERE user_id = ?", userId);
}

const GONE = ROW_CLASSES.filter((rowClass) => fateOf("purge", rowClass, "mine") === "deleted");

/** Deletes the rows of `userId` whose class a purge deletes; a joint row that is private counts as private. */
export function deleteOwnRows(sql: Sql, userId: string): void {
  for (const content of CONTENT.toReversed()) {
    const [author = ""] = columnsOf(content, "author");
    // Names come from a constant of ours, never from a request.
    sql.run(
      `DELETE FROM ${content.table} WHERE ${author} = ?1
         AND (CASE WHEN visibility IN ('private', 'joint') THEN visibility ELSE 'shared' END)
           IN (SELECT value FROM json_each(?2))`,
      userId,
      JSON.stringify(GONE),
    );
  }
}

/** Deletes what else only `userId` reads, and the results of their commands, which quote what they wrote. */
export function deletePersonalTraces(sql: Sql, userId: string): void {
  sql.run("DELETE FROM notifications WHERE user_id = ?", userId);
  // The last one stays, so that the stream's sequence never falls back.
  sql.run(
    `DELETE FROM relationship_events WHERE stream = ?1
       AND seq < (SELECT MAX(seq) FROM relationship_events WHERE stream = ?1)`,
    userId,
  );
  sql.run("DELETE FROM command_receipts WHERE member_id = ?", userId);
  sql.run("DELETE FROM calendar_feeds WHERE user_id = ?", userId);
  sql.run("DELETE FROM imports WHERE user_id = ?", userId);
  sql.run("DELETE FROM reminders_sent WHERE user_id = ?", userId);
  sql.run("DELETE FROM app_days WHERE user_id = ?", userId);
}

/** Takes the ratings of whoever has `slot` out of joint activities. */
export function clearRatings(sql: Sql, slot: number): void {
  sql.run(
    `UPDATE activities SET satisfaction_rating_user1 = iif(?1 = 1, NULL, satisfaction_rating_user1),
       satisfaction_rating_user2 = iif(?1 = 2, NULL, satisfaction_rating_user2)`,
    slot,
  );
}
