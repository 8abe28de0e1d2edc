/** Messages for relationship objects. A row says that there is something to tell; what it is, is read at delivery. */
export interface OutboxRow {
  relationship_id: string;
  kind: "membership" | "session_ended";
  /** Ended session's id; empty for a membership. */
  key: string;
  generation: number;
  attempts: number;
}

export interface FailedDelivery {
  row: OutboxRow;
  error: string;
  /** Epoch milliseconds of the next try. */
  dueAt: number;
}

/** What an object reported about itself while it was told something. */
export interface ObjectReport {
  relationshipId: string;
  schemaVersion: number;
}

/** Joins the batch of whatever changes a membership. A row that waits already becomes due now. */
export function queueMembershipStatement(db: D1Database, relationshipId: string, now: number): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO object_outbox (relationship_id, kind, key, due_at, created_at) VALUES (?1, 'membership', '', ?2, ?2)
       ON CONFLICT (relationship_id, kind, key) DO UPDATE SET
         generation = generation + 1, attempts = 0, due_at = excluded.due_at, last_error = NULL`,
    )
    .bind(relationshipId, now);
}

/** As `queueMembershipStatement`, for the live relationship of `userId`, if there is one. */
export function queueMembershipOfUserStatement(db: D1Database, userId: string, now: number): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO object_outbox (relationship_id, kind, key, due_at, created_at)
       SELECT relationship_id, 'membership', '', ?2, ?2 FROM relationship_members
       WHERE user_id = ?1 AND left_at IS NULL
       ON CONFLICT (relationship_id, kind, key) DO UPDATE SET
         generation = generation + 1, attempts = 0, due_at = excluded.due_at, last_error = NULL`,
    )
    .bind(userId, now);
}

/** Rows whose time has come, the longest waiting first. */
export async function listDueOutboxRows(db: D1Database, now: number, limit: number): Promise<OutboxRow[]> {
  const { results } = await db
    .prepare(
      `SELECT relationship_id, kind, key, generation, attempts FROM object_outbox
       WHERE due_at <= ? AND kind IN ('membership', 'session_ended') ORDER BY due_at LIMIT ?`,
    )
    .bind(now, limit)
    .all<OutboxRow>();
  return results;
}

/** What waits for one object, due or not, the membership first; from behind `after` on, which names a row. */
export async function listOutboxRowsOf(
  db: D1Database,
  relationshipId: string,
  after: Pick<OutboxRow, "key"> & { kind: string },
  limit: number,
): Promise<OutboxRow[]> {
  const { results } = await db
    .prepare(
      `SELECT relationship_id, kind, key, generation, attempts FROM object_outbox
       WHERE relationship_id = ? AND (kind, key) > (?, ?) AND kind IN ('membership', 'session_ended')
       ORDER BY kind, key LIMIT ?`,
    )
    .bind(relationshipId, after.kind, after.key, limit)
    .all<OutboxRow>();
  return results;
}

/** Forgets delivered rows, except those to which something newer was added since they were read. */
export function deleteDeliveredStatement(db: D1Database, rows: readonly OutboxRow[]): D1PreparedStatement {
  return db
    .prepare(
      `DELETE FROM object_outbox WHERE (relationship_id, kind, key, generation) IN
         (SELECT value ->> 'relationship_id', value ->> 'kind', value ->> 'key', value ->> 'generation'
          FROM json_each(?))`,
    )
    .bind(JSON.stringify(rows));
}

/**
 * Puts failed rows back for later, except those that became newer meanwhile. A row that was tried before its time keeps
 * that time, so that impatient requests do not push away the sweep's next try.
 */
export function postponeFailedStatement(
  db: D1Database,
  failures: readonly FailedDelivery[],
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE object_outbox SET attempts = attempts + 1, due_at = failed.due_at, last_error = failed.error
       FROM (SELECT value ->> '$.row.relationship_id' AS relationship_id, value ->> '$.row.kind' AS kind,
               value ->> '$.row.key' AS key, value ->> '$.row.generation' AS generation,
               value ->> 'error' AS error, value ->> 'dueAt' AS due_at
             FROM json_each(?1)) AS failed
       WHERE object_outbox.due_at <= ?2 AND object_outbox.relationship_id = failed.relationship_id
         AND object_outbox.kind = failed.kind AND object_outbox.key = failed.key
         AND object_outbox.generation = failed.generation`,
    )
    .bind(JSON.stringify(failures), now);
}

/** Keeps the directory's note of each object's schema, which decides when a column may be dropped. */
export function recordSchemaVersionsStatement(db: D1Database, reports: readonly ObjectReport[]): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE relationships SET schema_version = report.schema_version
       FROM (SELECT value ->> 'relationshipId' AS id, value ->> 'schemaVersion' AS schema_version
             FROM json_each(?)) AS report
       WHERE relationships.id = report.id AND relationships.schema_version <> report.schema_version`,
    )
    .bind(JSON.stringify(reports));
}
