import type { Sql } from "../sql.ts";
import type { Channel } from "./preferences.ts";

export interface ClaimRow {
  /** The local day for which it was sent. */
  date: string;
  /** Epoch milliseconds. */
  sentAt: number;
}

/** What was sent of `kind` to `userId` through `channel` for `fromDate` and later days. */
export function listClaims(sql: Sql, userId: string, kind: string, channel: Channel, fromDate: string): ClaimRow[] {
  return sql.all<ClaimRow>(
    `SELECT local_date AS date, sent_at AS sentAt FROM reminders_sent
     WHERE user_id = ? AND kind = ? AND local_date >= ? AND channel = ?`,
    userId,
    kind,
    fromDate,
    channel,
  );
}

export function insertClaim(sql: Sql, userId: string, kind: string, channel: Channel, claim: ClaimRow): void {
  sql.run(
    `INSERT INTO reminders_sent (user_id, kind, local_date, channel, sent_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
    userId,
    kind,
    claim.date,
    channel,
    claim.sentAt,
  );
}
