import type { ContentTable } from "../content.ts";
import type { Sql, SqlValue } from "../sql.ts";
import { namesOf, type ContentRow } from "./page-store.ts";

// Table and column names come from the list of content alone; values are always bound.

/** Writes the columns of `row` that are content; what an older sender did not know gets its default. */
export function insertArrival(sql: Sql, table: ContentTable, row: ContentRow): void {
  const columns = Object.keys(table.columns).filter((column) => column in row);
  sql.run(
    `INSERT INTO ${table.table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
    ...columns.map((column) => row[column] ?? null),
  );
}

/** Whose row `id` is in a table whose key is an id; null when there is none. */
export function findAuthorOf(sql: Sql, table: ContentTable, id: SqlValue): string | null {
  const { key, author } = namesOf(table);
  const row = sql.first<{ author: string }>(`SELECT ${author} AS author FROM ${table.table} WHERE ${key} = ?`, id);
  return row?.author ?? null;
}

/** The row of the same author in the same place, such as the check-in of the same date, whatever its id. */
export function findInPlace(
  sql: Sql,
  table: ContentTable,
  row: ContentRow,
  place: readonly string[],
): ContentRow | null {
  return sql.first<ContentRow>(
    `SELECT * FROM ${table.table} WHERE ${place.map((column) => `${column} = ?`).join(" AND ")}`,
    ...place.map((column) => row[column] ?? null),
  );
}

/** Gives the row in the same place the facts that it has not; what it has stays. */
export function fillFacts(
  sql: Sql,
  table: ContentTable,
  row: ContentRow,
  place: readonly string[],
  facts: ContentRow,
): void {
  const columns = Object.keys(facts);
  sql.run(
    `UPDATE ${table.table} SET ${columns.map((column) => `${column} = COALESCE(${column}, ?)`).join(", ")},
       row_version = row_version + 1
     WHERE ${place.map((column) => `${column} = ?`).join(" AND ")}`,
    ...columns.map((column) => facts[column] ?? null),
    ...place.map((column) => row[column] ?? null),
  );
}

/** Whether a private participation of the author stands in the way of `row`: one under way, or one of the same day. */
export function isParticipationTaken(sql: Sql, row: ContentRow): boolean {
  const found = sql.first(
    `SELECT 1 FROM challenge_participation
     WHERE challenge_id = ?1 AND (CASE visibility WHEN 'private' THEN created_by_user_id ELSE '' END) = ?2
       AND ((?3 IN ('active', 'paused') AND status IN ('active', 'paused'))
         OR (?3 <> 'abandoned' AND status <> 'abandoned' AND start_date = ?4))
     LIMIT 1`,
    row["challenge_id"] ?? null,
    row["created_by_user_id"] ?? null,
    row["status"] ?? null,
    row["start_date"] ?? null,
  );
  return found !== null;
}

export function findSlot(sql: Sql, userId: string): number | null {
  return sql.first<{ slot: number }>("SELECT slot FROM members WHERE user_id = ?", userId)?.slot ?? null;
}

export function hasFileAt(sql: Sql, objectKey: string): boolean {
  return sql.first("SELECT 1 FROM photos WHERE object_key = ?", objectKey) !== null;
}

/** Makes `preferences` those of a member who has said nothing here yet. @returns whether that changed anything */
export function keepPreferences(sql: Sql, userId: string, preferences: string): boolean {
  const kept = sql.first(
    `UPDATE members SET preferences = ?2 WHERE user_id = ?1 AND preferences = '{}' AND ?2 <> '{}' RETURNING 1 AS kept`,
    userId,
    preferences,
  );
  return kept !== null;
}
