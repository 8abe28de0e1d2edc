import * as z from "zod";
import type { Member } from "../couple.ts";
import { shownAuthor } from "../parting/rules.ts";
import type { Sql } from "../sql.ts";
import type { Participation, ParticipationStatus } from "./schema.ts";

export interface ParticipationRow {
  id: string;
  challengeId: string;
  status: ParticipationStatus;
  startDate: string;
  targetDate: string;
  endDate: string | null;
  pausedDate: string | null;
  /** JSON of `Pause[]`. */
  pauses: string;
  progress: number;
  notes: string | null;
  authorId: string;
  /** 1 when an earlier partner began it; `authorId` is then whoever took it along. */
  formerAuthor: number;
  visibility: "private" | "joint";
  version: number;
  createdAt: number;
  updatedAt: number;
}

const pausesSchema = z.array(z.tuple([z.string(), z.string()]));
/** The first day of a pause, and the day of resuming, which is no longer part of it. */
export type Pause = z.infer<typeof pausesSchema>[number];

export function pausesOf(json: string): Pause[] {
  return pausesSchema.parse(JSON.parse(json));
}

const COLUMNS = `id, challenge_id AS challengeId, status, start_date AS startDate, target_end_date AS targetDate,
  actual_end_date AS endDate, paused_date AS pausedDate, pauses, progress_percentage AS progress,
  completion_notes AS notes, created_by_user_id AS authorId, former_author AS formerAuthor, visibility,
  row_version AS version, created_at AS createdAt, updated_at AS updatedAt`;

export function insertParticipation(sql: Sql, row: ParticipationRow): void {
  sql.run(
    `INSERT INTO challenge_participation (id, challenge_id, start_date, target_end_date, actual_end_date, status,
       paused_date, pauses, progress_percentage, completion_notes, created_by_user_id, visibility, row_version,
       created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    row.id,
    row.challengeId,
    row.startDate,
    row.targetDate,
    row.endDate,
    row.status,
    row.pausedDate,
    row.pauses,
    row.progress,
    row.notes,
    row.authorId,
    row.visibility,
    row.version,
    row.createdAt,
    row.updatedAt,
  );
}

/** Writes what may change of `row`, as the next version of it, and returns that. */
export function saveParticipation(sql: Sql, changed: ParticipationRow, now: number): ParticipationRow {
  const row = { ...changed, version: changed.version + 1, updatedAt: now };
  sql.run(
    `UPDATE challenge_participation SET status = ?, target_end_date = ?, actual_end_date = ?, paused_date = ?,
       pauses = ?, progress_percentage = ?, completion_notes = ?, visibility = ?, row_version = ?,
       updated_at = ?
     WHERE id = ?`,
    row.status,
    row.targetDate,
    row.endDate,
    row.pausedDate,
    row.pauses,
    row.progress,
    row.notes,
    row.visibility,
    row.version,
    row.updatedAt,
    row.id,
  );
  return row;
}

/** The participation, if `viewerId` may see it. */
export function findParticipation(sql: Sql, id: string, viewerId: string): ParticipationRow | null {
  return sql.first<ParticipationRow>(
    `SELECT ${COLUMNS} FROM challenge_participation
     WHERE id = ? AND (visibility <> 'private' OR created_by_user_id = ?)`,
    id,
    viewerId,
  );
}

/** For the object's own schedule, which nobody looks at. */
export function findAnyParticipation(sql: Sql, id: string): ParticipationRow | null {
  return sql.first<ParticipationRow>(`SELECT ${COLUMNS} FROM challenge_participation WHERE id = ?`, id);
}

/** The running or paused one of a challenge: the couple's, or with `privateAuthorId` that person's own. */
export function findLiveParticipation(sql: Sql, challengeId: string, privateAuthorId: string | null): string | null {
  const row = sql.first<{ id: string }>(
    `SELECT id FROM challenge_participation
     WHERE challenge_id = ? AND status IN ('active', 'paused')
       AND (CASE visibility WHEN 'private' THEN created_by_user_id ELSE '' END) = ?`,
    challengeId,
    privateAuthorId ?? "",
  );
  return row?.id ?? null;
}

/**
 * The one that is not given up of a challenge and a start date, whose class and date no other may have then: the
 * couple's, or with `privateAuthorId` that person's own.
 */
export function findStartedOn(
  sql: Sql,
  challengeId: string,
  startDate: string,
  privateAuthorId: string | null,
): string | null {
  const row = sql.first<{ id: string }>(
    `SELECT id FROM challenge_participation
     WHERE challenge_id = ? AND start_date = ? AND status <> 'abandoned'
       AND (CASE visibility WHEN 'private' THEN created_by_user_id ELSE '' END) = ?`,
    challengeId,
    startDate,
    privateAuthorId ?? "",
  );
  return row?.id ?? null;
}

interface ListFilter {
  viewerId: string;
  status: ParticipationStatus | null;
  /** Rows created before the one with this id; null for the newest. */
  beforeId: string | null;
  limit: number;
}

// Greater than every id.
const AFTER_ALL_IDS = "~";

/** What `viewerId` may see, newest first. */
export function listParticipations(sql: Sql, filter: ListFilter): ParticipationRow[] {
  return sql.all<ParticipationRow>(
    `SELECT ${COLUMNS} FROM challenge_participation
     WHERE id < ?1 AND (?2 IS NULL OR status = ?2) AND (visibility <> 'private' OR created_by_user_id = ?3)
     ORDER BY id DESC LIMIT ?4`,
    filter.beforeId ?? AFTER_ALL_IDS,
    filter.status,
    filter.viewerId,
    filter.limit,
  );
}

/** Challenges under way, the newest first. */
export function listActiveParticipations(sql: Sql, viewerId: string, limit: number): ParticipationRow[] {
  return sql.all<ParticipationRow>(
    `SELECT ${COLUMNS} FROM challenge_participation
     WHERE status = 'active' AND (visibility <> 'private' OR created_by_user_id = ?)
     ORDER BY start_date DESC, id DESC LIMIT ?`,
    viewerId,
    limit,
  );
}

export function toParticipation(row: ParticipationRow, members: readonly Member[]): Participation {
  const { authorId: _author, formerAuthor: _former, visibility, pauses: _pauses, ...rest } = row;
  return { ...rest, createdBy: shownAuthor(members, row), isPrivate: visibility === "private" };
}
