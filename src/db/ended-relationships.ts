/**
 * For the batch that closes the directory's file on a relationship whose object is destroyed: who was in it and when
 * stays, since payments point at it; what it was like goes.
 * @param bucketsAt the hours of which the object has sent counters (epoch milliseconds); older ones are in no couple's name
 */
export function scrubRelationshipStatements(
  db: D1Database,
  relationshipId: string,
  bucketsAt: readonly number[],
  now: number,
): D1PreparedStatement[] {
  return [
    db
      .prepare(
        `UPDATE relationships SET relationship_type = 'partnership', start_date = NULL, anniversary_date = NULL,
           home_timezone = 'UTC', next_due_at = NULL, updated_at = ?2
         WHERE id = ?1 AND status = 'ended'`,
      )
      .bind(relationshipId, now),
    db.prepare(`DELETE FROM relationship_analytics WHERE relationship_id = ?`).bind(relationshipId),
    db
      .prepare(
        `DELETE FROM engagement_scores WHERE relationship_id = ?1
           AND user_id IN (SELECT user_id FROM relationship_members WHERE relationship_id = ?1)`,
      )
      .bind(relationshipId),
    db
      .prepare(
        `DELETE FROM relationship_event_summaries
         WHERE bucket_at IN (SELECT value FROM json_each(?2)) AND relationship_id = ?1`,
      )
      .bind(relationshipId, JSON.stringify(bucketsAt)),
    db
      .prepare(
        `UPDATE partner_invitations SET status = iif(status = 'pending', 'revoked', status), invitee_email = NULL,
           message = NULL, code_hmac = NULL, code_expires_at = NULL, provisional_user_id = NULL, provisional_at = NULL,
           updated_at = ?2
         WHERE relationship_id = ?1`,
      )
      .bind(relationshipId, now),
    // Of whoever erased their account meanwhile; what was taken is forgotten with the taking.
    db.prepare(`DELETE FROM absorptions WHERE source_id = ? AND finished_at IS NOT NULL`).bind(relationshipId),
    db.prepare(`DELETE FROM object_outbox WHERE relationship_id = ?`).bind(relationshipId),
    db.prepare(`DELETE FROM reunion_votes WHERE relationship_id = ?`).bind(relationshipId),
  ];
}
