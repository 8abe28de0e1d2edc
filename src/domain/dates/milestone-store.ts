import type { Sql } from "../sql.ts";

/** Remembers that `dates` were reached. @returns those that were not known before */
export function insertReached(sql: Sql, dates: readonly string[], now: number): string[] {
  const rows = sql.all<{ date: string }>(
    `INSERT INTO milestones_reached (milestone_date, reached_at) SELECT value, ? FROM json_each(?) WHERE true
     ON CONFLICT DO NOTHING RETURNING milestone_date AS date`,
    now,
    JSON.stringify(dates),
  );
  return rows.map((row) => row.date);
}
