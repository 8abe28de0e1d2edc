export type AttemptScope =
  | "sign_in_account"
  | "sign_in_address"
  | "sign_up_account"
  | "sign_up_address"
  | "mail_link_account"
  | "mail_link_address"
  | "token_address"
  | "code_address";

/** One more attempt under `keyHmac`, in a window that begins with its first attempt. Times in epoch milliseconds. */
export interface AttemptCount {
  scope: AttemptScope;
  keyHmac: string;
  windowMs: number;
}

export interface AttemptRow {
  scope: AttemptScope;
  attempts: number;
  window_ends_at: number;
}

/** Counts attempts and returns each count with this attempt in it: the database counts, however many race. */
export async function countAttempts(db: D1Database, counts: AttemptCount[], now: number): Promise<AttemptRow[]> {
  const results = await db.batch<AttemptRow>(
    counts.map(({ scope, keyHmac, windowMs }) =>
      db
        .prepare(
          `INSERT INTO sign_in_attempts (scope, key_hmac, window_started_at, window_ends_at, attempts)
           VALUES (?1, ?2, ?3, ?4, 1)
           ON CONFLICT (scope, key_hmac) DO UPDATE SET
             attempts = CASE WHEN window_ends_at <= ?3 THEN 1 ELSE attempts + 1 END,
             window_started_at = CASE WHEN window_ends_at <= ?3 THEN ?3 ELSE window_started_at END,
             window_ends_at = CASE WHEN window_ends_at <= ?3 THEN ?4 ELSE window_ends_at END
           RETURNING scope, attempts, window_ends_at`,
        )
        .bind(scope, keyHmac, now, now + windowMs),
    ),
  );
  return results.flatMap((result) => result.results);
}

/** Takes one attempt back, for a sign-in that succeeded. */
export async function uncountAttempts(db: D1Database, keys: Pick<AttemptCount, "scope" | "keyHmac">[]): Promise<void> {
  await db.batch(
    keys.map(({ scope, keyHmac }) =>
      db
        .prepare(`UPDATE sign_in_attempts SET attempts = max(0, attempts - 1) WHERE scope = ? AND key_hmac = ?`)
        .bind(scope, keyHmac),
    ),
  );
}

/** Windows that are over count for nothing any more. @returns how many rows went */
export async function deleteEndedAttempts(db: D1Database, now: number, limit: number): Promise<number> {
  const { meta } = await db
    .prepare(
      `DELETE FROM sign_in_attempts WHERE (scope, key_hmac) IN
         (SELECT scope, key_hmac FROM sign_in_attempts WHERE window_ends_at <= ? ORDER BY window_ends_at LIMIT ?)`,
    )
    .bind(now, limit)
    .run();
  return meta.changes;
}
