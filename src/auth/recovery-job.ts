import {
  cancelRecovery,
  deleteOldRecoveries,
  expireRecoveries,
  listReadyRecoveries,
  listUntoldRecoveries,
  markLinkMailedStatement,
  markTold,
  type OpenRecoveryRow,
} from "../db/recoveries.ts";
import { RECOVERY_STEPS, type RecoveryStep } from "../domain/recovery/rules.ts";
import { recoveryTell } from "../domain/recovery/services.ts";
import { config } from "../lib/config.ts";
import { errorText, log } from "../lib/log.ts";
import { deliverMailSoon } from "../mail/delivery.ts";
import { enqueueMail } from "../mail/outbox.ts";
import { recoveryLinkMail } from "../mail/recovery-templates.ts";
import { AppError } from "../protocol/errors.ts";
import { DAY_MS } from "../protocol/limits.ts";
import { callService } from "../relationship/stub.ts";
import { batchUnlessRefused, mayStillHelp } from "./recovery-steps.ts";
import { recoveryToken } from "./recovery-token.ts";

/** A partner who does not answer for a week is not going to. */
const ASKED_TTL_MS = 7 * DAY_MS;
/** How long the link of the last mail works. */
export const RECOVERY_LINK_TTL_MS = DAY_MS;
const KEEP_MS = 90 * DAY_MS;
const TELL_LIMIT = 20;

/**
 * Sends the links whose waiting period is over, tells inboxes what they have not heard, and drops what is over. A run
 * that is cut off anywhere is made up for by the next.
 * @param now epoch milliseconds
 * @returns how many links were sent
 */
export async function runRecoveries(env: Env, now: number, options: { limit: number }): Promise<number> {
  await expireRecoveries(env.DB, now - ASKED_TTL_MS, now - RECOVERY_LINK_TTL_MS);
  let sent = 0;
  for (const row of await listReadyRecoveries(env.DB, now, options.limit)) {
    try {
      if (await sendLink(env, row, now)) sent += 1;
    } catch (error) {
      // Its object is away, perhaps: the next run tries it again, and the others go on.
      log.warn("recovery.not_sent", { error: errorText(error) });
    }
  }
  if (sent > 0) deliverMailSoon(env, now);
  await tellRecoveries(env, now);
  await deleteOldRecoveries(env.DB, now - KEEP_MS);
  return sent;
}

async function sendLink(env: Env, row: OpenRecoveryRow, now: number): Promise<boolean> {
  if (!(await mayStillHelp(env, row, row.approved_by_user_id, now))) {
    await cancelRecovery(env.DB, row.id, now);
    return false;
  }
  const token = encodeURIComponent(recoveryToken(env, "finish", row.id));
  const mail = {
    idempotencyKey: `recovery_link:${row.id}`,
    recipientUserId: row.user_id,
    recipientEmail: row.new_email,
    content: recoveryLinkMail({ link: `${config(env).APP_URL}/api/recovery/finish?token=${token}` }),
  };
  return batchUnlessRefused(env, [markLinkMailedStatement(env.DB, row.id, now), enqueueMail(env.DB, mail, now)]);
}

/** Puts steps that the members' inboxes have not heard of there. */
export async function tellRecoveries(env: Env, now: number): Promise<void> {
  for (const row of await listUntoldRecoveries(env.DB, now, TELL_LIMIT)) {
    try {
      const step = RECOVERY_STEPS.find((each) => each === row.status);
      if (step !== undefined) await tell(env, row, step, now);
      await markTold(env.DB, row.id, row.status);
    } catch (error) {
      log.warn("recovery.not_told", { relationshipId: row.relationship_id, error: errorText(error) });
    }
  }
}

async function tell(env: Env, row: OpenRecoveryRow, step: RecoveryStep, now: number): Promise<void> {
  try {
    await callService(env, row.relationship_id, recoveryTell, { recoveryId: row.id, ownerId: row.user_id, step }, now);
  } catch (error) {
    // The relationship is over and its object gone: there is no inbox left.
    if (!(error instanceof AppError && error.code === "not_found")) throw error;
  }
}
