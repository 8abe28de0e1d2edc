import type { Sql } from "../sql.ts";
import type { Conversation, ConversationType, Outcome } from "./schema.ts";

export interface ConversationRow {
  id: string;
  type: ConversationType;
  date: string;
  topic: string | null;
  description: string | null;
  outcome: Outcome | null;
  durationMinutes: number | null;
  followUpNeeded: number;
  followUpDate: string | null;
  authorId: string;
  visibility: "private" | "shared";
  version: number;
  textVersions: string;
  createdAt: number;
  updatedAt: number;
}

export function insertConversation(sql: Sql, row: ConversationRow): void {
  sql.run(
    `INSERT INTO communication_log (id, communication_type, topic, description, outcome, duration_minutes,
       initiated_by_user_id, communication_date, follow_up_needed, follow_up_date, visibility, row_version,
       created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    row.id,
    row.type,
    row.topic,
    row.description,
    row.outcome,
    row.durationMinutes,
    row.authorId,
    row.date,
    row.followUpNeeded,
    row.followUpDate,
    row.visibility,
    row.version,
    row.createdAt,
    row.updatedAt,
  );
}

/** Writes what may change of `row`, as the next version of it, and returns that. */
export function saveConversation(sql: Sql, changed: ConversationRow, now: number): ConversationRow {
  const row = { ...changed, version: changed.version + 1, updatedAt: now };
  sql.run(
    `UPDATE communication_log SET communication_type = ?, communication_date = ?, topic = ?, description = ?,
       outcome = ?, duration_minutes = ?, follow_up_needed = ?, follow_up_date = ?, visibility = ?, text_versions = ?,
       row_version = ?, updated_at = ?
     WHERE id = ?`,
    row.type,
    row.date,
    row.topic,
    row.description,
    row.outcome,
    row.durationMinutes,
    row.followUpNeeded,
    row.followUpDate,
    row.visibility,
    row.textVersions,
    row.version,
    row.updatedAt,
    row.id,
  );
  return row;
}

export function deleteConversation(sql: Sql, id: string): void {
  sql.run("DELETE FROM communication_log WHERE id = ?", id);
}

const COLUMNS = `id, communication_type AS type, communication_date AS date, topic, description, outcome,
  duration_minutes AS durationMinutes, follow_up_needed AS followUpNeeded, follow_up_date AS followUpDate,
  initiated_by_user_id AS authorId, visibility, row_version AS version, text_versions AS textVersions,
  created_at AS createdAt, updated_at AS updatedAt`;

/** The conversation, if `viewerId` may see it. */
export function findConversation(sql: Sql, id: string, viewerId: string): ConversationRow | null {
  return sql.first<ConversationRow>(
    `SELECT ${COLUMNS} FROM communication_log WHERE id = ? AND (visibility <> 'private' OR initiated_by_user_id = ?)`,
    id,
    viewerId,
  );
}

interface ListFilter {
  viewerId: string;
  type: ConversationType | null;
  outcome: Outcome | null;
  /** Whether it is to be continued. */
  followUp: boolean | null;
  /** Both ends included. */
  from: string | null;
  to: string | null;
  /** Rows older than this key; null for the newest. */
  before: { date: string; id: string } | null;
  limit: number;
}

// Before and after every date and every id.
const BEFORE_ALL = "";
const AFTER_ALL = "~";

/** What `viewerId` may see, by the date on which people talked, newest first. */
export function listConversations(sql: Sql, filter: ListFilter): ConversationRow[] {
  const followUp = filter.followUp === null ? null : filter.followUp ? 1 : 0;
  return sql.all<ConversationRow>(
    `SELECT ${COLUMNS} FROM communication_log
     WHERE (communication_date, id) < (?1, ?2) AND communication_date BETWEEN ?3 AND ?4
       AND (?5 IS NULL OR communication_type = ?5) AND (?6 IS NULL OR outcome = ?6)
       AND (?7 IS NULL OR follow_up_needed = ?7) AND (visibility <> 'private' OR initiated_by_user_id = ?8)
     ORDER BY communication_date DESC, id DESC LIMIT ?9`,
    filter.before?.date ?? AFTER_ALL,
    filter.before?.id ?? AFTER_ALL,
    filter.from ?? BEFORE_ALL,
    filter.to ?? AFTER_ALL,
    filter.type,
    filter.outcome,
    followUp,
    filter.viewerId,
    filter.limit,
  );
}

export interface DueFollowUp {
  id: string;
  authorId: string;
  /** A private one is to be told to its author only. */
  visibility: "private" | "shared";
  followUpDate: string;
}

/**
 * Conversations that are to be continued between the two dates, both included, the soonest first. For the object's own
 * schedule, which nobody looks at; a follow-up that was done, moved or deleted is not among them.
 */
export function listDueFollowUps(sql: Sql, fromDate: string, toDate: string): DueFollowUp[] {
  return sql.all<DueFollowUp>(
    `SELECT id, initiated_by_user_id AS authorId, visibility, follow_up_date AS followUpDate FROM communication_log
     WHERE follow_up_needed = 1 AND follow_up_date BETWEEN ? AND ? ORDER BY follow_up_date, id`,
    fromDate,
    toDate,
  );
}

export function toConversation(row: ConversationRow): Conversation {
  const { authorId, visibility, followUpNeeded, textVersions: _texts, ...rest } = row;
  return { ...rest, followUpNeeded: followUpNeeded === 1, createdBy: authorId, isPrivate: visibility === "private" };
}
