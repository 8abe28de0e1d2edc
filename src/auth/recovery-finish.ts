import { isConstraintFailure, isDuplicate } from "../db/failures.ts";
import {
  cancelRecovery,
  findRecovery,
  finishRecoveryStatement,
  replaceSignInStatements,
  type OpenRecoveryRow,
} from "../db/recoveries.ts";
import { endSessionsStatements } from "../db/sessions.ts";
import { config } from "../lib/config.ts";
import { deliverMailSoon } from "../mail/delivery.ts";
import { recoveryFinishedMail } from "../mail/recovery-templates.ts";
import { deliverUrgently } from "../pairing/outbox.ts";
import { AppError } from "../protocol/errors.ts";
import { authLibrary } from "./instance.ts";
import { RECOVERY_LINK_TTL_MS } from "./recovery-job.ts";
import { mayStillHelp, ownerMail } from "./recovery-steps.ts";
import { verifyRecoveryToken } from "./recovery-token.ts";

/**
 * Uses the link of the last mail: the account gets the new address and password, every session ends, and the old address
 * is told, all in one batch. A former partner's approval is worth nothing any more.
 * @param now epoch milliseconds
 * @throws AppError `invalid_input` when the link is not ours, used, stopped or too old; `already_exists` when the new
 *   address has become somebody's account meanwhile
 */
export async function finishRecovery(
  env: Env,
  input: { token: string; newPassword: string },
  now: number,
): Promise<void> {
  const recoveryId = verifyRecoveryToken(env, "finish", input.token);
  const row = recoveryId === null ? null : await findRecovery(env.DB, recoveryId);
  if (row === null || !isUsable(row, now)) throw unusable();
  if (!(await mayStillHelp(env, row, row.approved_by_user_id, now))) {
    await cancelRecovery(env.DB, row.id, now);
    throw unusable();
  }
  const library = await authLibrary(env);
  const passwordHash = await (await library.$context).password.hash(input.newPassword);
  const [tell, end] = endSessionsStatements(env.DB, { userId: row.user_id }, now);
  const told = recoveryFinishedMail({ name: row.name, link: config(env).APP_URL });
  try {
    await env.DB.batch([
      finishRecoveryStatement(env.DB, row.id, now - RECOVERY_LINK_TTL_MS, now),
      ...replaceSignInStatements(env.DB, { userId: row.user_id, email: row.new_email, passwordHash }, now),
      tell,
      end,
      ownerMail(env, row, `recovery_finished:${row.id}`, told, now),
    ]);
  } catch (error) {
    if (isDuplicate(error, "users.email")) throw new AppError("already_exists", "This address has an account already");
    if (isConstraintFailure(error)) throw unusable();
    throw error;
  }
  deliverMailSoon(env, now);
  await deliverUrgently(env, now, [row.relationship_id]);
}

function isUsable(row: OpenRecoveryRow, now: number): boolean {
  return row.status === "link_mailed" && row.updated_at > now - RECOVERY_LINK_TTL_MS && row.updated_at <= now;
}

function unusable(): AppError {
  return new AppError("invalid_input", "This link was used already, or its time is over", {
    issues: [{ path: "token", message: "Used, expired or unknown" }],
  });
}
