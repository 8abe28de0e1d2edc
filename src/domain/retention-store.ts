import { firstIdAt } from "../protocol/ids.ts";
import { DAY_MS } from "../protocol/limits.ts";
import { dateOfDay } from "./calendar.ts";
import type { Sql } from "./sql.ts";

/** What was read this long ago is not scrolled back to; unread ones stay. */
const READ_NOTIFICATIONS_KEEP_MS = 365 * DAY_MS;
/** Longer than any local day can be asked about again. */
const REMINDERS_KEEP_MS = 45 * DAY_MS;
/** As long as D1 keeps the scores that they are part of. */
const APP_DAYS_KEEP_MS = 90 * DAY_MS;

/** Drops what only served its day. What members wrote is never among it. */
export function pruneTraces(sql: Sql, now: number): void {
  sql.run(
    `DELETE FROM notifications
     WHERE user_id IN (SELECT user_id FROM members) AND id < ? AND is_read = 1`,
    firstIdAt("notification", now - READ_NOTIFICATIONS_KEEP_MS),
  );
  sql.run("DELETE FROM reminders_sent WHERE local_date < ?", utcDate(now - REMINDERS_KEEP_MS));
  sql.run("DELETE FROM app_days WHERE local_date < ?", utcDate(now - APP_DAYS_KEEP_MS));
}

function utcDate(at: number): string {
  return dateOfDay(Math.floor(at / DAY_MS));
}
