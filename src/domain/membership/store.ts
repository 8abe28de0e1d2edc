import type { Sql } from "../sql.ts";

export interface ProfileRow {
  relationshipType: string;
  startDate: string | null;
  anniversaryDate: string | null;
  homeTimezone: string;
}

/** Replaces the couple's profile, as the next version of it. The next flush carries it to D1. */
export function updateProfile(sql: Sql, row: ProfileRow): void {
  sql.run(
    `UPDATE _meta SET relationship_type = ?, start_date = ?, anniversary_date = ?, home_timezone = ?,
       profile_version = profile_version + 1`,
    row.relationshipType,
    row.startDate,
    row.anniversaryDate,
    row.homeTimezone,
  );
}
