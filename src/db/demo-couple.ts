/** The live relationship of whoever has `email`, or else the one that they parted from last and can still read; or null. */
export async function findRelationshipIdOfAddress(db: D1Database, email: string): Promise<string | null> {
  const row = await db
    .prepare(
      `SELECT m.relationship_id FROM users AS u
       JOIN relationship_members AS m ON m.user_id = u.id
       JOIN relationships AS r ON r.id = m.relationship_id AND (m.left_at IS NULL OR r.status = 'frozen')
       WHERE u.email = ? AND u.erased_at IS NULL ORDER BY m.left_at IS NULL DESC, m.left_at DESC LIMIT 1`,
    )
    .bind(email)
    .first<{ relationship_id: string }>();
  return row?.relationship_id ?? null;
}
