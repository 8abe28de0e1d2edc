import type { Member } from "../couple.ts";
import { shownAuthor } from "../parting/rules.ts";
import type { Sql } from "../sql.ts";
import type { Activity, ActivityStatus, ActivityType } from "./schema.ts";

export interface ActivityRow {
  id: string;
  name: string;
  type: ActivityType;
  status: ActivityStatus;
  plannedDate: string | null;
  completedDate: string | null;
  description: string | null;
  location: string | null;
  durationMinutes: number | null;
  costCents: number | null;
  currency: string | null;
  notes: string | null;
  ratingSlot1: number | null;
  ratingSlot2: number | null;
  authorId: string;
  /** 1 when an earlier partner made it; `authorId` is then whoever took it along. */
  formerAuthor: number;
  visibility: "private" | "joint";
  version: number;
  textVersions: string;
  createdAt: number;
  updatedAt: number;
}

const COLUMNS = `id, activity_name AS name, activity_type AS type, status, planned_date AS plannedDate,
  completed_date AS completedDate, description, location, duration_minutes AS durationMinutes,
  cost_cents AS costCents, currency, notes, satisfaction_rating_user1 AS ratingSlot1,
  satisfaction_rating_user2 AS ratingSlot2, created_by_user_id AS authorId, former_author AS formerAuthor, visibility,
  row_version AS version, text_versions AS textVersions, created_at AS createdAt, updated_at AS updatedAt`;

/** @param importId the import that made it, or null */
export function insertActivity(sql: Sql, row: ActivityRow, importId: string | null = null): void {
  sql.run(
    `INSERT INTO activities (id, activity_name, activity_type, status, planned_date, completed_date, description, location,
       duration_minutes, cost_cents, currency, notes, satisfaction_rating_user1, satisfaction_rating_user2,
       created_by_user_id, visibility, row_version, created_at, updated_at, import_id)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    row.id,
    row.name,
    row.type,
    row.status,
    row.plannedDate,
    row.completedDate,
    row.description,
    row.location,
    row.durationMinutes,
    row.costCents,
    row.currency,
    row.notes,
    row.ratingSlot1,
    row.ratingSlot2,
    row.authorId,
    row.visibility,
    row.version,
    row.createdAt,
    row.updatedAt,
    importId,
  );
}

/** Writes what may change of `row`, as the next version of it, and returns that. */
export function saveActivity(sql: Sql, changed: ActivityRow, now: number): ActivityRow {
  const row = { ...changed, version: changed.version + 1, updatedAt: now };
  sql.run(
    `UPDATE activities SET activity_name = ?, activity_type = ?, status = ?, planned_date = ?, completed_date = ?,
       description = ?, location = ?, duration_minutes = ?, cost_cents = ?, currency = ?, notes = ?,
       satisfaction_rating_user1 = ?, satisfaction_rating_user2 = ?, visibility = ?, text_versions = ?,
       row_version = ?, updated_at = ?
     WHERE id = ?`,
    row.name,
    row.type,
    row.status,
    row.plannedDate,
    row.completedDate,
    row.description,
    row.location,
    row.durationMinutes,
    row.costCents,
    row.currency,
    row.notes,
    row.ratingSlot1,
    row.ratingSlot2,
    row.visibility,
    row.textVersions,
    row.version,
    row.updatedAt,
    row.id,
  );
  return row;
}

/** The activity, if `viewerId` may see it. */
export function findActivity(sql: Sql, id: string, viewerId: string): ActivityRow | null {
  return sql.first<ActivityRow>(
    `SELECT ${COLUMNS} FROM activities WHERE id = ? AND (visibility <> 'private' OR created_by_user_id = ?)`,
    id,
    viewerId,
  );
}

interface ListFilter {
  viewerId: string;
  status: ActivityStatus | null;
  type: ActivityType | null;
  /** Rows created before the one with this id; null for the newest. */
  beforeId: string | null;
  limit: number;
}

// Greater than every id.
const AFTER_ALL_IDS = "~";

/** What `viewerId` may see, newest first. */
export function listActivities(sql: Sql, filter: ListFilter): ActivityRow[] {
  return sql.all<ActivityRow>(
    `SELECT ${COLUMNS} FROM activities
     WHERE id < ?1 AND (?2 IS NULL OR status = ?2) AND (?3 IS NULL OR activity_type = ?3)
       AND (visibility <> 'private' OR created_by_user_id = ?4)
     ORDER BY id DESC LIMIT ?5`,
    filter.beforeId ?? AFTER_ALL_IDS,
    filter.status,
    filter.type,
    filter.viewerId,
    filter.limit,
  );
}

/** What is planned, the soonest first; what has no date comes last. */
export function listPlannedActivities(sql: Sql, viewerId: string, limit: number): ActivityRow[] {
  return sql.all<ActivityRow>(
    `SELECT ${COLUMNS} FROM activities
     WHERE status = 'planned' AND (visibility <> 'private' OR created_by_user_id = ?)
     ORDER BY planned_date IS NULL, planned_date, id LIMIT ?`,
    viewerId,
    limit,
  );
}

export function toActivity(row: ActivityRow, members: readonly Member[]): Activity {
  const {
    ratingSlot1,
    ratingSlot2,
    authorId: _author,
    formerAuthor: _former,
    visibility,
    textVersions: _texts,
    ...rest
  } = row;
  const ratings: Activity["ratings"] = [];
  for (const { userId, slot } of members) {
    const rating = slot === 1 ? ratingSlot1 : ratingSlot2;
    if (rating !== null) ratings.push({ userId, rating });
  }
  return { ...rest, ratings, createdBy: shownAuthor(members, row), isPrivate: visibility === "private" };
}
