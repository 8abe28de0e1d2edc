import type { Member } from "../couple.ts";
import { shownAuthor } from "../parting/rules.ts";
import type { Sql } from "../sql.ts";
import type { Goal, GoalStatus, GoalType } from "./schema.ts";

export interface GoalRow {
  id: string;
  name: string;
  description: string | null;
  type: GoalType;
  targetCount: number;
  progress: number;
  status: GoalStatus;
  startDate: string;
  targetDate: string | null;
  completionDate: string | null;
  authorId: string;
  /** 1 when an earlier partner made it; `authorId` is then whoever took it along. */
  formerAuthor: number;
  visibility: "private" | "joint";
  version: number;
  textVersions: string;
  createdAt: number;
  updatedAt: number;
}

const COLUMNS = `id, goal_name AS name, goal_description AS description, goal_type AS type, target_count AS targetCount,
  current_progress AS progress, status, start_date AS startDate, target_date AS targetDate,
  completion_date AS completionDate, created_by_user_id AS authorId, former_author AS formerAuthor, visibility,
  row_version AS version, text_versions AS textVersions, created_at AS createdAt, updated_at AS updatedAt`;

export function insertGoal(sql: Sql, row: GoalRow): void {
  sql.run(
    `INSERT INTO shared_goals (id, goal_name, goal_description, goal_type, target_count, current_progress, status,
       start_date, target_date, completion_date, created_by_user_id, visibility, row_version, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    row.id,
    row.name,
    row.description,
    row.type,
    row.targetCount,
    row.progress,
    row.status,
    row.startDate,
    row.targetDate,
    row.completionDate,
    row.authorId,
    row.visibility,
    row.version,
    row.createdAt,
    row.updatedAt,
  );
}

/** Writes what may change of `row`, as the next version of it, and returns that. */
export function saveGoal(sql: Sql, changed: GoalRow, now: number): GoalRow {
  const row = { ...changed, version: changed.version + 1, updatedAt: now };
  sql.run(
    `UPDATE shared_goals SET goal_name = ?, goal_description = ?, goal_type = ?, target_count = ?, start_date = ?,
       target_date = ?, status = ?, current_progress = ?, completion_date = ?, visibility = ?, text_versions = ?,
       row_version = ?, updated_at = ?
     WHERE id = ?`,
    row.name,
    row.description,
    row.type,
    row.targetCount,
    row.startDate,
    row.targetDate,
    row.status,
    row.progress,
    row.completionDate,
    row.visibility,
    row.textVersions,
    row.version,
    row.updatedAt,
    row.id,
  );
  return row;
}

/** The goal, if `viewerId` may see it. */
export function findGoal(sql: Sql, id: string, viewerId: string): GoalRow | null {
  return sql.first<GoalRow>(
    `SELECT ${COLUMNS} FROM shared_goals WHERE id = ? AND (visibility <> 'private' OR created_by_user_id = ?)`,
    id,
    viewerId,
  );
}

interface ListFilter {
  viewerId: string;
  status: GoalStatus | null;
  /** Rows created before the one with this id; null for the newest. */
  beforeId: string | null;
  limit: number;
}

// Greater than every id.
const AFTER_ALL_IDS = "~";

/** What `viewerId` may see, newest first. */
export function listGoals(sql: Sql, filter: ListFilter): GoalRow[] {
  return sql.all<GoalRow>(
    `SELECT ${COLUMNS} FROM shared_goals
     WHERE id < ?1 AND (?2 IS NULL OR status = ?2) AND (visibility <> 'private' OR created_by_user_id = ?3)
     ORDER BY id DESC LIMIT ?4`,
    filter.beforeId ?? AFTER_ALL_IDS,
    filter.status,
    filter.viewerId,
    filter.limit,
  );
}

/** Goals under way, the one that is due first comes first. */
export function listActiveGoals(sql: Sql, viewerId: string, limit: number): GoalRow[] {
  return sql.all<GoalRow>(
    `SELECT ${COLUMNS} FROM shared_goals
     WHERE status = 'active' AND (visibility <> 'private' OR created_by_user_id = ?)
     ORDER BY target_date IS NULL, target_date, id LIMIT ?`,
    viewerId,
    limit,
  );
}

export function toGoal(row: GoalRow, members: readonly Member[]): Goal {
  const { authorId: _author, formerAuthor: _former, visibility, textVersions: _texts, ...rest } = row;
  const percent = Math.min(100, Math.floor((row.progress / row.targetCount) * 100));
  return { ...rest, percent, createdBy: shownAuthor(members, row), isPrivate: visibility === "private" };
}
