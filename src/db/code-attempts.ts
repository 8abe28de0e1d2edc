/** Wrong codes that lock an account's code entry, and for how long; the count is forgotten after the same time. */
const WRONG_CODES_MAX = 5;
export const CODE_LOCK_MS = 15 * 60_000;

export type CodeAttempt = { allowed: true; attemptsLeft: number } | { allowed: false; lockedUntilAt: number };

/**
 * Counts one code as wrong before it is looked at, so that of any number of simultaneous guesses exactly five are
 * looked at; `uncountCodeAttempt` takes back the one that was right. The fifth locks.
 * @param now epoch milliseconds
 */
export async function countCodeAttempt(db: D1Database, userId: string, now: number): Promise<CodeAttempt> {
  const counted = await db
    .prepare(
      `INSERT INTO code_entry_attempts (user_id, wrong_count, updated_at) VALUES (?1, 1, ?2)
       ON CONFLICT (user_id) DO UPDATE SET
         wrong_count = CASE WHEN updated_at <= ?2 - ?3 THEN 1 ELSE wrong_count + 1 END,
         locked_until_at = CASE WHEN updated_at > ?2 - ?3 AND wrong_count + 1 >= ?4 THEN ?2 + ?3 END,
         updated_at = ?2
       WHERE locked_until_at IS NULL OR locked_until_at <= ?2
       RETURNING wrong_count`,
    )
    .bind(userId, now, CODE_LOCK_MS, WRONG_CODES_MAX)
    .first<{ wrong_count: number }>();
  if (counted !== null) return { allowed: true, attemptsLeft: Math.max(0, WRONG_CODES_MAX - counted.wrong_count) };
  const locked = await db
    .prepare(`SELECT locked_until_at FROM code_entry_attempts WHERE user_id = ?`)
    .bind(userId)
    .first<{ locked_until_at: number | null }>();
  return { allowed: false, lockedUntilAt: locked?.locked_until_at ?? now };
}

/**
 * The code was right, so it does not count. Earlier wrong ones still do: an accomplice's right code would otherwise
 * buy any number of guesses.
 */
export async function uncountCodeAttempt(db: D1Database, userId: string): Promise<void> {
  await db
    .prepare(
      `UPDATE code_entry_attempts SET wrong_count = max(0, wrong_count - 1), locked_until_at = NULL WHERE user_id = ?`,
    )
    .bind(userId)
    .run();
}

/** @returns how many counts went because nothing happened since `before` */
export async function deleteOldCodeAttempts(db: D1Database, before: number, limit: number): Promise<number> {
  const { meta } = await db
    .prepare(
      `DELETE FROM code_entry_attempts WHERE user_id IN
         (SELECT user_id FROM code_entry_attempts WHERE updated_at < ? ORDER BY updated_at LIMIT ?)`,
    )
    .bind(before, limit)
    .run();
  return meta.changes;
}
