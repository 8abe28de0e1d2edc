import { createHash } from "node:crypto";
import { newId } from "../protocol/ids.ts";

export type AuditRole = "user" | "support" | "finance" | "admin" | "system";

/** What somebody did that must stay traceable. Ids, facts and the reason that they gave; no words of a couple. */
export interface NewAuditEntry {
  /** Null only for the system. */
  actorUserId: string | null;
  actorRole: AuditRole;
  /** `relationship.inspected` and the like. */
  action: string;
  subjectKind: string;
  subjectId: string;
  relationshipId?: string;
  reason?: string;
  details?: Record<string, unknown>;
}

/** The columns that an entry's hash covers, in its order. */
export interface AuditRow {
  id: string;
  actor_user_id: string | null;
  actor_role: AuditRole;
  action: string;
  subject_kind: string;
  subject_id: string;
  relationship_id: string | null;
  reason: string | null;
  details: string | null;
  previous_hash: string;
  created_at: number;
}

/** Each try loses only to an entry that somebody else wrote, so that this many cannot all be lost. */
const TRIES = 50;

/** SHA-256 of the row and, by `previous_hash`, of everything before it: nothing can be changed or left out unseen. */
export function auditHash(row: AuditRow): string {
  const text = JSON.stringify([
    row.previous_hash,
    row.id,
    row.actor_user_id,
    row.actor_role,
    row.action,
    row.subject_kind,
    row.subject_id,
    row.relationship_id,
    row.reason,
    row.details,
    row.created_at,
  ]);
  return createHash("sha256").update(text).digest("hex");
}

/**
 * Adds an entry behind the newest one. Of two writers who follow the same entry the table takes one; the other reads the
 * end of the chain again.
 * @param now epoch milliseconds
 * @returns the entry's id
 * @throws what D1 throws; then nothing was written, and what was to be audited must not happen
 */
export async function appendAudit(db: D1Database, entry: NewAuditEntry, now: number): Promise<string> {
  const id = newId("audit", now);
  for (let attempt = 1; ; attempt++) {
    const row: AuditRow = {
      id,
      actor_user_id: entry.actorUserId,
      actor_role: entry.actorRole,
      action: entry.action,
      subject_kind: entry.subjectKind,
      subject_id: entry.subjectId,
      relationship_id: entry.relationshipId ?? null,
      reason: entry.reason ?? null,
      details: entry.details === undefined ? null : JSON.stringify(entry.details),
      previous_hash: await findLastHash(db),
      created_at: now,
    };
    try {
      await insertRow(db, row);
      return id;
    } catch (error) {
      if (!isTaken(error) || attempt === TRIES) throw error;
    }
  }
}

async function findLastHash(db: D1Database): Promise<string> {
  const row = await db
    .prepare(`SELECT entry_hash FROM audit_log WHERE sequence = (SELECT max(sequence) FROM audit_log)`)
    .first<{ entry_hash: string }>();
  return row?.entry_hash ?? "";
}

async function insertRow(db: D1Database, row: AuditRow): Promise<void> {
  await db
    .prepare(
      `INSERT INTO audit_log (id, actor_user_id, actor_role, action, subject_kind, subject_id, relationship_id, reason,
         details, previous_hash, created_at, entry_hash)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .bind(
      row.id,
      row.actor_user_id,
      row.actor_role,
      row.action,
      row.subject_kind,
      row.subject_id,
      row.relationship_id,
      row.reason,
      row.details,
      row.previous_hash,
      row.created_at,
      auditHash(row),
    )
    .run();
}

// The trigger and the constraint say the same thing: the place behind that entry is taken.
function isTaken(error: unknown): boolean {
  return error instanceof Error && error.message.includes("UNIQUE constraint");
}

/** The action of an operator's look into a relationship's object. */
export const RELATIONSHIP_INSPECTED = "relationship.inspected";

const LOOKS_SHOWN = 100;

/** One look at a relationship, as its members may see it: not who, but in which office and why. */
export interface LookRow {
  relationshipId: string;
  at: number;
  role: AuditRole;
  reason: string;
}

/**
 * The newest looks at relationships of `userId`, gone ones among them: those of the time from their first joining to
 * their last leaving, in which nobody else can have taken their place. After a parting both can still read for a while,
 * and what happens to the space is theirs to know to its end.
 * @param relationshipId one of them; null for all
 */
export async function listLooks(db: D1Database, userId: string, relationshipId: string | null): Promise<LookRow[]> {
  const { results } = await db
    .prepare(
      `WITH mine AS (
         SELECT m.relationship_id, min(m.joined_at) AS joined_at,
           iif(max(m.left_at IS NULL) OR max(m.left_at) >= max(r.frozen_at), NULL, max(m.left_at)) AS left_at
         FROM relationship_members AS m JOIN relationships AS r ON r.id = m.relationship_id
         WHERE m.user_id = ?1 AND m.relationship_id = coalesce(?2, m.relationship_id) GROUP BY m.relationship_id
       )
       SELECT a.relationship_id AS relationshipId, a.created_at AS at, a.actor_role AS role,
         coalesce(a.reason, '') AS reason
       FROM mine CROSS JOIN audit_log AS a ON a.relationship_id = mine.relationship_id
       WHERE a.action = ?3 AND a.created_at >= mine.joined_at
         AND (mine.left_at IS NULL OR a.created_at <= mine.left_at)
       ORDER BY a.created_at DESC LIMIT ?4`,
    )
    .bind(userId, relationshipId, RELATIONSHIP_INSPECTED, LOOKS_SHOWN)
    .all<LookRow>();
  return results;
}
