/** One person's part of one object, and the object that it is to move into. */
export interface AbsorptionRow {
  source_id: string;
  user_id: string;
  target_id: string;
}

/** Joins the batch that ends the source: from then on the target alone may take what this person has there. */
export function insertAbsorptionStatement(db: D1Database, row: AbsorptionRow, now: number): D1PreparedStatement {
  return db
    .prepare(`INSERT INTO absorptions (source_id, user_id, target_id, created_at) VALUES (?, ?, ?, ?)`)
    .bind(row.source_id, row.user_id, row.target_id, now);
}

/** What the objects of `targetIds` have not taken yet. */
export async function listWaitingAbsorptions(db: D1Database, targetIds: readonly string[]): Promise<AbsorptionRow[]> {
  const { results } = await db
    .prepare(
      `SELECT a.source_id, a.user_id, a.target_id FROM json_each(?) AS wanted
       JOIN absorptions AS a ON a.target_id = wanted.value AND a.finished_at IS NULL`,
    )
    .bind(JSON.stringify(targetIds))
    .all<AbsorptionRow>();
  return results;
}

/**
 * How an absorption stands in the directory. `isWaiting` is false once it was finished or called off; while
 * `isSourceReceiving`, the source itself has something to take first; of a source that has not ended nothing is taken.
 */
export async function findAbsorptionState(
  db: D1Database,
  { source_id, user_id, target_id }: AbsorptionRow,
): Promise<{ isWaiting: boolean; isSourceReceiving: boolean; hasSourceEnded: boolean }> {
  const row = await db
    .prepare(
      `SELECT EXISTS (SELECT 1 FROM absorptions
           WHERE source_id = ?1 AND user_id = ?2 AND target_id = ?3 AND finished_at IS NULL) AS is_waiting,
         EXISTS (SELECT 1 FROM absorptions WHERE target_id = ?1 AND finished_at IS NULL) AS is_receiving,
         EXISTS (SELECT 1 FROM relationships WHERE id = ?1 AND status = 'ended') AS has_ended`,
    )
    .bind(source_id, user_id, target_id)
    .first<{ is_waiting: number; is_receiving: number; has_ended: number }>();
  return {
    isWaiting: row?.is_waiting === 1,
    isSourceReceiving: row?.is_receiving === 1,
    hasSourceEnded: row?.has_ended === 1,
  };
}

/** The target has everything, and the directory forgets which object moved where. */
export function finishAbsorptionStatement(
  db: D1Database,
  { source_id, user_id, target_id }: AbsorptionRow,
): D1PreparedStatement {
  return db
    .prepare(`DELETE FROM absorptions WHERE source_id = ? AND user_id = ? AND target_id = ?`)
    .bind(source_id, user_id, target_id);
}

/**
 * Whether the object of `relationshipId` is gone for good, or was never made and never will be: its relationship has
 * ended, and nothing is on its way into it. The directory says so before the object is destroyed, and never takes it back.
 */
export async function isObjectOver(db: D1Database, relationshipId: string): Promise<boolean> {
  const row = await db
    .prepare(
      `SELECT 1 AS is_over FROM relationships WHERE id = ?1 AND status = 'ended'
         AND NOT EXISTS (SELECT 1 FROM absorptions WHERE target_id = ?1 AND finished_at IS NULL)`,
    )
    .bind(relationshipId)
    .first();
  return row !== null;
}
