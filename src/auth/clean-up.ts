import { deleteExpiredSessions } from "../db/sessions.ts";
import { deleteEndedAttempts } from "../db/sign-in-attempts.ts";

/** Removes what ended by itself: sessions, one-time tokens, attempt windows. @returns how many rows went */
export async function cleanUpSignIn(env: Env, now: number, options: { limit: number }): Promise<number> {
  const sessions = await deleteExpiredSessions(env.DB, now, options.limit);
  const attempts = await deleteEndedAttempts(env.DB, now, options.limit);
  return sessions + attempts;
}
