/** A session joined with what every request needs to know of its user. Library times are ISO 8601 text. */
export interface LiveSessionRow {
  session_id: string;
  user_id: string;
  expires_at: string;
  created_at: string;
  confirmed_at: number | null;
  email: string;
  name: string;
  timezone: string;
  role: "user" | "support" | "finance" | "admin";
}

export interface SessionRow {
  id: string;
  created_at: string;
  updated_at: string;
  expires_at: string;
  device_class: string | null;
  browser_family: string | null;
  os_family: string | null;
}

/** Which sessions of one person: one, all but one, or all. */
export interface SessionSelection {
  userId: string;
  sessionId?: string;
  exceptSessionId?: string;
}

/**
 * The one query of an authenticated request. Read from the primary, so that an ended session is refused at once. Only
 * people whose address is confirmed have a session; asking it here again costs nothing and holds for every route.
 */
export async function findLiveSession(db: D1Database, token: string, now: number): Promise<LiveSessionRow | null> {
  return db
    .prepare(
      `SELECT s.id AS session_id, s.user_id, s.expires_at, s.created_at, s.confirmed_at, u.email, u.name, u.timezone, u.role
       FROM sessions AS s JOIN users AS u ON u.id = s.user_id
       WHERE s.token = ? AND s.expires_at > ? AND u.email_verified = 1 AND u.erased_at IS NULL`,
    )
    .bind(token, new Date(now).toISOString())
    .first<LiveSessionRow>();
}

/** Sessions that still live, the newest first. */
export async function listLiveSessions(db: D1Database, userId: string, now: number): Promise<SessionRow[]> {
  const { results } = await db
    .prepare(
      `SELECT id, created_at, updated_at, expires_at, device_class, browser_family, os_family
       FROM sessions WHERE user_id = ? AND expires_at > ? ORDER BY id DESC LIMIT 200`,
    )
    .bind(userId, new Date(now).toISOString())
    .all<SessionRow>();
  return results;
}

/** Moves the end of a session; nothing happens when it was ended meanwhile. */
export async function extendSession(db: D1Database, sessionId: string, expiresAt: number, now: number): Promise<void> {
  await db
    .prepare(`UPDATE sessions SET expires_at = ?, updated_at = ? WHERE id = ?`)
    .bind(new Date(expiresAt).toISOString(), new Date(now).toISOString(), sessionId)
    .run();
}

/** The hash of a person's password; null when they have none. */
export async function findPasswordHash(db: D1Database, userId: string): Promise<string | null> {
  const row = await db
    .prepare(`SELECT password FROM accounts WHERE user_id = ? AND provider_id = 'credential'`)
    .bind(userId)
    .first<{ password: string | null }>();
  return row?.password ?? null;
}

/** The person behind the session has just proved who they are. */
export async function confirmSession(db: D1Database, sessionId: string, now: number): Promise<void> {
  await db.prepare(`UPDATE sessions SET confirmed_at = ? WHERE id = ?`).bind(now, sessionId).run();
}

/**
 * Ends sessions and, in the same transaction, records for the person's relationship objects, the live one and a frozen
 * one that they can still read, that they must close their sockets. A crash leaves both or neither.
 * @returns ids of the ended sessions, and of the relationships that must be told
 */
export async function endSessions(
  db: D1Database,
  selection: SessionSelection,
  now: number,
): Promise<{ sessionIds: string[]; relationshipIds: string[] }> {
  const [told, ended] = await db.batch<{ id: string }>(endSessionsStatements(db, selection, now));
  return {
    sessionIds: (ended?.results ?? []).map((row) => row.id),
    relationshipIds: [...new Set((told?.results ?? []).map((row) => row.id))],
  };
}

/** What `endSessions` does, for a batch that does more: the first returns relationships to tell, the second sessions. */
export function endSessionsStatements(
  db: D1Database,
  selection: SessionSelection,
  now: number,
): [D1PreparedStatement, D1PreparedStatement] {
  const only = selection.sessionId ?? null;
  const except = selection.exceptSessionId ?? null;
  return [
    db
      .prepare(
        `INSERT INTO object_outbox (relationship_id, kind, key, due_at, created_at)
         SELECT m.relationship_id, 'session_ended', s.id, ?4, ?4
         FROM sessions AS s
         JOIN relationship_members AS m ON m.user_id = s.user_id
         JOIN relationships AS r ON r.id = m.relationship_id
         WHERE (m.left_at IS NULL OR r.status = 'frozen') AND s.user_id = ?1 AND (?2 IS NULL OR s.id = ?2) AND (?3 IS NULL OR s.id <> ?3)
         ON CONFLICT (relationship_id, kind, key) DO UPDATE SET
           generation = generation + 1, attempts = 0, due_at = excluded.due_at, last_error = NULL
         RETURNING relationship_id AS id`,
      )
      .bind(selection.userId, only, except, now),
    db
      .prepare(
        `DELETE FROM sessions
         WHERE user_id = ?1 AND (?2 IS NULL OR id = ?2) AND (?3 IS NULL OR id <> ?3) RETURNING id`,
      )
      .bind(selection.userId, only, except),
  ];
}

/** Sessions and one-time tokens that ended by themselves. @returns how many rows went */
export async function deleteExpiredSessions(db: D1Database, now: number, limit: number): Promise<number> {
  const at = new Date(now).toISOString();
  const results = await db.batch([
    db
      .prepare(
        `DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)`,
      )
      .bind(at, limit),
    db
      .prepare(
        `DELETE FROM verifications
         WHERE id IN (SELECT id FROM verifications WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)`,
      )
      .bind(at, limit),
  ]);
  return results.reduce((sum, result) => sum + result.meta.changes, 0);
}
