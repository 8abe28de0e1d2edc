import type { Sql } from "../sql.ts";
import type { Photo, PhotoType, Subject, SubjectKind } from "./schema.ts";

export interface PhotoRow {
  id: string;
  authorId: string;
  subjectKind: SubjectKind | null;
  subjectId: string | null;
  objectKey: string;
  contentType: PhotoType;
  sizeBytes: number;
  caption: string | null;
  status: "reserved" | "stored";
  visibility: "private" | "shared";
  version: number;
  /** JSON, see `Versioned`. */
  textVersions: string;
  createdAt: number;
  updatedAt: number;
}

const COLUMNS = `id, user_id AS authorId, subject_kind AS subjectKind, subject_id AS subjectId, object_key AS objectKey,
  content_type AS contentType, size_bytes AS sizeBytes, caption, status, visibility, row_version AS version,
  text_versions AS textVersions, created_at AS createdAt, updated_at AS updatedAt`;

export function insertPhoto(sql: Sql, row: PhotoRow): void {
  sql.run(
    `INSERT INTO photos (id, user_id, subject_kind, subject_id, object_key, content_type, size_bytes, caption, status,
       visibility, row_version, text_versions, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    row.id,
    row.authorId,
    row.subjectKind,
    row.subjectId,
    row.objectKey,
    row.contentType,
    row.sizeBytes,
    row.caption,
    row.status,
    row.visibility,
    row.version,
    row.textVersions,
    row.createdAt,
    row.updatedAt,
  );
}

/** Writes what may change of `row`, as the next version of it, and returns that. */
export function savePhoto(sql: Sql, changed: PhotoRow, now: number): PhotoRow {
  const row = { ...changed, version: changed.version + 1, updatedAt: now };
  sql.run(
    `UPDATE photos SET subject_kind = ?, subject_id = ?, caption = ?, status = ?, visibility = ?, row_version = ?,
       text_versions = ?, updated_at = ?
     WHERE id = ?`,
    row.subjectKind,
    row.subjectId,
    row.caption,
    row.status,
    row.visibility,
    row.version,
    row.textVersions,
    row.updatedAt,
    row.id,
  );
  return row;
}

/** To be called through `removePhoto`, which sees to the bytes. */
export function deletePhoto(sql: Sql, id: string): void {
  sql.run("DELETE FROM photos WHERE id = ?", id);
}

/** The photo, reserved or stored, whoever asks. */
export function findPhoto(sql: Sql, id: string): PhotoRow | null {
  return sql.first<PhotoRow>(`SELECT ${COLUMNS} FROM photos WHERE id = ?`, id);
}

/** Every photo of one thing, whoever asks: for what becomes of them when the thing goes. */
export function listPhotosOf(sql: Sql, kind: SubjectKind, subjectId: string): PhotoRow[] {
  return sql.all<PhotoRow>(
    `SELECT ${COLUMNS} FROM photos WHERE subject_kind = ? AND subject_id = ? ORDER BY id`,
    kind,
    subjectId,
  );
}

/** How many photos `userId` has of one thing. */
export function countPhotosOf(sql: Sql, userId: string, subject: Subject): number {
  const row = sql.first<{ photos: number }>(
    "SELECT COUNT(*) AS photos FROM photos WHERE subject_kind = ? AND subject_id = ? AND user_id = ?",
    subject.kind,
    subject.id,
    userId,
  );
  return row?.photos ?? 0;
}

/** What `userId` has taken up, reserved places included. */
export function sumPhotos(sql: Sql, userId: string): { photos: number; bytes: number } {
  const row = sql.first<{ photos: number; bytes: number }>(
    "SELECT COUNT(*) AS photos, coalesce(SUM(size_bytes), 0) AS bytes FROM photos WHERE user_id = ?",
    userId,
  );
  return row ?? { photos: 0, bytes: 0 };
}

interface ListFilter {
  viewerId: string;
  /** Null for everybody's. */
  authorId: string | null;
  subject: Subject | null;
  /** Rows reserved before the one with this id; null for the newest. */
  beforeId: string | null;
  limit: number;
}

// Greater than every id.
const AFTER_ALL_IDS = "~";

/** The stored ones that `viewerId` may see, newest first. */
export function listPhotos(sql: Sql, filter: ListFilter): PhotoRow[] {
  return sql.all<PhotoRow>(
    `SELECT ${COLUMNS} FROM photos
     WHERE id < ?1 AND status = 'stored' AND (?2 IS NULL OR user_id = ?2) AND (?3 IS NULL OR subject_kind = ?3)
       AND (?4 IS NULL OR subject_id = ?4) AND (visibility <> 'private' OR user_id = ?5)
     ORDER BY id DESC LIMIT ?6`,
    filter.beforeId ?? AFTER_ALL_IDS,
    filter.authorId,
    filter.subject?.kind ?? null,
    filter.subject?.id ?? null,
    filter.viewerId,
    filter.limit,
  );
}

/** The limits of the plan that is in force at `now`, as JSON, or null where none was told. */
export function findPlanLimits(sql: Sql, now: number): string | null {
  const row = sql.first<{ limits: string }>(
    "SELECT limits FROM entitlement WHERE expires_at IS NULL OR expires_at > ?",
    now,
  );
  return row?.limits ?? null;
}

export function toPhoto(row: PhotoRow): Photo {
  const subject = row.subjectKind === null ? null : ({ kind: row.subjectKind, id: row.subjectId ?? "" } as Subject);
  return {
    id: row.id,
    contentType: row.contentType,
    sizeBytes: row.sizeBytes,
    caption: row.caption,
    subject,
    createdBy: row.authorId,
    isPrivate: row.visibility === "private",
    version: row.version,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}
