import { assert } from "../../lib/assert.ts";
import { columnsOf, type ContentTable } from "../content.ts";
import type { Sql, SqlValue } from "../sql.ts";
import type { PartingChoice } from "./rules.ts";

/** A row as its table has it, column by column. */
export type ContentRow = Record<string, SqlValue>;

/** A member, current or former, of an object that is given away part by part. */
export interface PartOwner {
  userId: string;
  slot: number;
  /** JSON; what they want to be notified of. */
  preferences: string;
  choice: PartingChoice;
  erasedAt: number | null;
  /** When the other object had everything (epoch milliseconds). */
  takenAt: number | null;
}

/** Everybody who ever was here: in the directory they have left by now. */
export function listPartOwners(sql: Sql): PartOwner[] {
  return sql.all<PartOwner>(
    `SELECT user_id AS userId, slot, preferences, parting_choice AS choice, erased_at AS erasedAt, part_taken_at AS takenAt
     FROM members ORDER BY slot`,
  );
}

export function markPartTaken(sql: Sql, userId: string, now: number): void {
  sql.run("UPDATE members SET part_taken_at = COALESCE(part_taken_at, ?) WHERE user_id = ?", now, userId);
}

/** Nothing can be written here from now on. The directory has decided so already, and tells of it in its own time. */
export function sealStatus(sql: Sql): void {
  sql.run("UPDATE _meta SET status = 'ended' WHERE status IN ('solo', 'frozen')");
}

/** The one column that tells the rows of one author apart, and the one that names the author. */
export function namesOf(table: ContentTable): { key: string; author: string } {
  const [key, ...otherKeys] = columnsOf(table, "key");
  const [author, ...otherAuthors] = columnsOf(table, "author");
  assert(key !== undefined && otherKeys.length === 0, "a content table has one key column");
  assert(author !== undefined && otherAuthors.length === 0, "a content table has one author column");
  return { key, author };
}

interface PartQuery {
  userId: string;
  /** Whether what others wrote jointly comes along. */
  withJoint: boolean;
  /** Key of the last row of the page before; null for the first. */
  after: string | null;
  limit: number;
}

// Less than every key: dates and ids are not empty.
const BEFORE_ALL_KEYS = "";

/** The part that one member has in `table`, in the order of its key. Names come from the list of content alone. */
export function listPart(sql: Sql, table: ContentTable, { userId, withJoint, after, limit }: PartQuery): ContentRow[] {
  const { key, author } = namesOf(table);
  const columns = Object.keys(table.columns).join(", ");
  const isJoint = withJoint && table.belongs === "joint";
  const part = isJoint ? `(${author} = ?1 OR visibility <> 'private')` : `${author} = ?1`;
  return sql.all<ContentRow>(
    `SELECT ${columns} FROM ${table.table} WHERE ${part} AND ${key} > ?2 ORDER BY ${key} LIMIT ?3`,
    userId,
    after ?? BEFORE_ALL_KEYS,
    limit,
  );
}

/** The hours of which this object has counters (epoch milliseconds): those that it may have sent to the directory. */
export function listCountedHours(sql: Sql): number[] {
  return sql.all<{ at: number }>("SELECT DISTINCT bucket_at AS at FROM event_summaries").map(({ at }) => at);
}
