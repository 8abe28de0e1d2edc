import { isConstraintFailure } from "../db/failures.ts";
import type { CandidateRow, OpenRecoveryRow } from "../db/recoveries.ts";
import { recoveryStanding } from "../domain/recovery/services.ts";
import type { MailContent } from "../mail/layout.ts";
import { enqueueMail } from "../mail/outbox.ts";
import { callService } from "../relationship/stub.ts";

/** What each step of a recovery does, whoever takes it. */

/** Asks the object as well: it knows of a parting before D1 does. */
export async function mayStillHelp(
  env: Env,
  row: OpenRecoveryRow,
  partnerId: string | null,
  now: number,
): Promise<boolean> {
  if (partnerId === null || partnerId !== row.partner_id) return false;
  const input = { ownerId: row.user_id, partnerId };
  const { allowed } = await callService(env, row.relationship_id, recoveryStanding, input, now);
  return allowed;
}

/** To the address that the account has now; the same step is mailed once. */
export function ownerMail(
  env: Env,
  owner: Pick<CandidateRow, "user_id" | "email">,
  idempotencyKey: string,
  content: MailContent,
  now: number,
): D1PreparedStatement {
  const mail = { idempotencyKey, recipientUserId: owner.user_id, recipientEmail: owner.email, content };
  return enqueueMail(env.DB, mail, now);
}

/** @returns false when the rows do not allow what the batch is about; then none of it happened */
export async function batchUnlessRefused(env: Env, statements: D1PreparedStatement[]): Promise<boolean> {
  try {
    await env.DB.batch(statements);
    return true;
  } catch (error) {
    if (isConstraintFailure(error)) return false;
    throw error;
  }
}
