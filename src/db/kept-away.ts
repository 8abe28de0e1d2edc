/**
 * For the batch that erases `userId`, before it forgets who parted from whom: those whom they have left, or leave by it,
 * still do not write to their address. Of the address a keyed hash is kept, which says nothing by itself.
 */
export function keepAwayStatement(
  db: D1Database,
  erased: { userId: string; addressHmac: string },
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO kept_away_addresses (address_hmac, sender_user_id, erased_at)
       SELECT ?2, sender.id, ?3 FROM (
         SELECT other_user_id AS user_id FROM parted_pairs WHERE user_id = ?1
         UNION
         SELECT theirs.user_id FROM relationship_members AS mine
         JOIN relationship_members AS theirs ON theirs.relationship_id = mine.relationship_id
           AND theirs.user_id <> mine.user_id AND theirs.left_at IS NULL
         WHERE mine.user_id = ?1 AND mine.left_at IS NULL
       ) AS left_behind
       JOIN users AS sender ON sender.id = left_behind.user_id AND sender.erased_at IS NULL
       WHERE EXISTS (SELECT 1 FROM users WHERE id = ?1 AND erased_at IS NULL)
       ON CONFLICT DO NOTHING`,
    )
    .bind(erased.userId, erased.addressHmac, now);
}

/** Whoever has that address now and the other have said yes to each other. */
export function forgetKeptAwayStatement(db: D1Database, addressHmac: string, senderId: string): D1PreparedStatement {
  return db
    .prepare(`DELETE FROM kept_away_addresses WHERE address_hmac = ? AND sender_user_id = ?`)
    .bind(addressHmac, senderId);
}

/** @returns how many were forgotten of those kept since before `before` (epoch milliseconds) */
export async function deleteOldKeptAway(db: D1Database, before: number, limit: number): Promise<number> {
  const { meta } = await db
    .prepare(
      `DELETE FROM kept_away_addresses WHERE (address_hmac, sender_user_id) IN (
         SELECT address_hmac, sender_user_id FROM kept_away_addresses WHERE erased_at < ? ORDER BY erased_at LIMIT ?)`,
    )
    .bind(before, limit)
    .run();
  return meta.changes;
}
