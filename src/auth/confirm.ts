import { confirmSession, findPasswordHash } from "../db/sessions.ts";
import { AppError } from "../protocol/errors.ts";
import { authLibrary } from "./instance.ts";

/**
 * Whoever is signed in proves once more who they are, for what cannot be taken back. From then on, for ten minutes, this
 * session counts as fresh; a socket that is open learns of it with its next ticket.
 * @param now epoch milliseconds
 * @throws AppError `unauthenticated` for a wrong password, in the words of a sign-in
 */
export async function confirmIdentity(
  env: Env,
  session: { userId: string; sessionId: string },
  password: string,
  now: number,
): Promise<void> {
  const hash = await findPasswordHash(env.DB, session.userId);
  const library = await authLibrary(env);
  const { password: passwords } = await library.$context;
  if (hash === null || !(await passwords.verify({ hash, password }))) {
    throw new AppError("unauthenticated", "The password is wrong", { reason: "wrong_password" });
  }
  await confirmSession(env.DB, session.sessionId, now);
}
