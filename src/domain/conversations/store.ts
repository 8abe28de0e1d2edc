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

interface ListFilter {
  viewerId: string;
  type: ConversationType | null;
  /** Rows older than this key; null for the newest. */
  before: { date: string; id: string } | null;
  limit: number;
}

const COLUMNS = `id, communication_type AS type, communication_date AS date, topic, description, outcome,
  duration_minutes AS durationMinutes, follow_up_needed AS followUpNeeded, follow_up_date AS followUpDate,
  initiated_by_user_id AS authorId, visibility, row_version AS version, created_at AS createdAt,
  updated_at AS updatedAt`;

// Greater than every date and every id.
const AFTER_ALL = "~";

/** What `viewerId` may see, by the date on which people talked, newest first. */
export function listConversations(sql: Sql, filter: ListFilter): ConversationRow[] {
  return sql.all<ConversationRow>(
    `SELECT ${COLUMNS} FROM communication_log
     WHERE (communication_date, id) < (?1, ?2) AND (?3 IS NULL OR communication_type = ?3)
       AND (visibility <> 'private' OR initiated_by_user_id = ?4)
     ORDER BY communication_date DESC, id DESC LIMIT ?5`,
    filter.before?.date ?? AFTER_ALL,
    filter.before?.id ?? AFTER_ALL,
    filter.type,
    filter.viewerId,
    filter.limit,
  );
}

export function toConversation(row: ConversationRow): Conversation {
  const { authorId, visibility, followUpNeeded, ...rest } = row;
  return { ...rest, followUpNeeded: followUpNeeded === 1, createdBy: authorId, isPrivate: visibility === "private" };
}
