/** The live relationship of whoever has `email`; null when there is no such person or they have none. */
export async function findRelationshipIdOfAddress(db: D1Database, email: string): Promise<string | null> {
  const row = await db
    .prepare(
      `SELECT m.relationship_id FROM users AS u
       JOIN relationship_members AS m ON m.user_id = u.id AND m.left_at IS NULL
       WHERE u.email = ? AND u.erased_at IS NULL`,
    )
    .bind(email)
    .first<{ relationship_id: string }>();
  return row?.relationship_id ?? null;
}
