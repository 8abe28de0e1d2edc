import {
  approveStatement,
  cancelRecoveriesStatement,
  cancelRecovery,
  disableRecoveryStatement,
  enableRecoveryStatement,
  findCandidate,
  findRecovery,
  insertRecoveryStatement,
  isRecoveryEnabled,
  listOpenRecoveries,
  supersedeStatement,
  type OpenRecoveryRow,
} from "../db/recoveries.ts";
import { runAfterAnswer } from "../lib/background.ts";
import { config } from "../lib/config.ts";
import { deliverMailSoon } from "../mail/delivery.ts";
import { recoveryApprovedMail, recoveryAskedMail } from "../mail/recovery-templates.ts";
import { AppError } from "../protocol/errors.ts";
import { newId } from "../protocol/ids.ts";
import { DAY_MS } from "../protocol/limits.ts";
import { tellRecoveries } from "./recovery-job.ts";
import { batchUnlessRefused, mayStillHelp, ownerMail } from "./recovery-steps.ts";
import { recoveryToken, verifyRecoveryToken } from "./recovery-token.ts";

/**
 * Recovery with the partner's help, for whoever lost phone and mailbox at once. It is off until the person switches it
 * on; the person's old address and all their devices hear of each step and can stop it; the partner alone can neither
 * begin it for somebody who has not switched it on nor shorten it; and who is parting helps nobody.
 */

/** From the partner's approval on. The table `recoveries` refuses a shorter one. */
export const RECOVERY_WAIT_MS = 2 * DAY_MS;

/** A recovery as its two people may see it. */
export interface RecoverySummary {
  id: string;
  status: "waiting_for_partner" | "waiting_period" | "link_mailed";
  /** The address at which the person can be reached now: what the partner asks them about. */
  newEmail: string;
  createdAt: number;
  /** Epoch milliseconds; null until the partner approved. */
  readyAt: number | null;
}

export interface RecoveryOverview {
  enabled: boolean;
  /** Of my own account. */
  mine: RecoverySummary | null;
  /** Of my partner's account. */
  partners: RecoverySummary | null;
}

export async function readRecovery(env: Env, userId: string): Promise<RecoveryOverview> {
  const [enabled, open] = await Promise.all([isRecoveryEnabled(env.DB, userId), listOpenRecoveries(env.DB, userId)]);
  const mine = open.find((row) => row.user_id === userId);
  const partners = open.find((row) => row.partner_id === userId);
  return { enabled, mine: mine ? toSummary(mine) : null, partners: partners ? toSummary(partners) : null };
}

/** Switching off also stops what is under way. */
export async function setRecovery(env: Env, userId: string, enabled: boolean, now: number): Promise<void> {
  await env.DB.batch(
    enabled
      ? [enableRecoveryStatement(env.DB, userId, now)]
      : [disableRecoveryStatement(env.DB, userId), cancelRecoveriesStatement(env.DB, userId, now)],
  );
  if (!enabled) tellSoon(env, now);
}

/**
 * Begins a recovery if there is one to begin. Whoever asks is not told: whether the account exists, is paired, has this
 * switched on, or is being recovered already is nobody's business.
 * @param now epoch milliseconds
 */
export async function askForRecovery(env: Env, input: { email: string; newEmail: string }, now: number): Promise<void> {
  const candidate = await findCandidate(env.DB, input.email);
  if (candidate === null) return;
  const id = newId("recovery", now);
  const recovery = {
    id,
    user_id: candidate.user_id,
    relationship_id: candidate.relationship_id,
    new_email: input.newEmail,
  };
  const content = recoveryAskedMail(noticeOf(env, candidate, id));
  const wasAsked = await batchUnlessRefused(env, [
    supersedeStatement(env.DB, candidate.user_id, now),
    insertRecoveryStatement(env.DB, recovery, now),
    ownerMail(env, candidate, `recovery_asked:${id}`, content, now),
  ]);
  if (!wasAsked) return;
  deliverMailSoon(env, now);
  tellSoon(env, now);
}

/**
 * The partner vouches for the person; the waiting period begins. Approving again changes nothing.
 * @throws AppError `not_found` unless `partnerId` is the partner of whom this recovery is, `conflict` when it is over or
 *   the two are parting
 */
export async function approveRecovery(
  env: Env,
  partnerId: string,
  recoveryId: string,
  now: number,
): Promise<RecoverySummary> {
  const row = await findRecovery(env.DB, recoveryId);
  if (row === null || row.partner_id !== partnerId) throw new AppError("not_found", "No such recovery");
  if (!isOpen(row)) throw new AppError("conflict", "This recovery is over", { current: row.status });
  if (row.status === "waiting_for_partner") {
    if (!(await mayStillHelp(env, row, partnerId, now))) {
      throw new AppError("conflict", "The relationship's state does not allow this");
    }
    const readyAt = now + RECOVERY_WAIT_MS;
    const content = recoveryApprovedMail({ ...noticeOf(env, row, recoveryId), readyAt });
    // Refused when another device was faster, or the person stopped it in this very moment: read below.
    await batchUnlessRefused(env, [
      approveStatement(env.DB, recoveryId, partnerId, { now, readyAt }),
      ownerMail(env, row, `recovery_approved:${recoveryId}`, content, now),
    ]);
    deliverMailSoon(env, now);
    tellSoon(env, now);
  }
  const after = await findRecovery(env.DB, recoveryId);
  if (after === null || !isOpen(after)) throw new AppError("conflict", "This recovery is over");
  return toSummary(after);
}

/**
 * Whoever is signed in as the person stops it, on any device.
 * @throws AppError `not_found` unless it is theirs
 */
export async function stopRecovery(env: Env, userId: string, recoveryId: string, now: number): Promise<void> {
  const row = await findRecovery(env.DB, recoveryId);
  if (row === null || row.user_id !== userId) throw new AppError("not_found", "No such recovery");
  if (await cancelRecovery(env.DB, recoveryId, now)) tellSoon(env, now);
}

/** As `stopRecovery`, by the link of a notice. @throws AppError `invalid_input` when we did not make that link */
export async function stopRecoveryByToken(env: Env, token: string, now: number): Promise<void> {
  const recoveryId = verifyRecoveryToken(env, "cancel", token);
  if (recoveryId === null) {
    const issues = [{ path: "token", message: "Unknown" }];
    throw new AppError("invalid_input", "This link is not one of ours", { issues });
  }
  if (await cancelRecovery(env.DB, recoveryId, now)) tellSoon(env, now);
}

function noticeOf(env: Env, owner: { name: string }, recoveryId: string): { name: string; link: string } {
  const token = encodeURIComponent(recoveryToken(env, "cancel", recoveryId));
  return { name: owner.name, link: `${config(env).APP_URL}/api/recovery/stop?token=${token}` };
}

function tellSoon(env: Env, now: number): void {
  runAfterAnswer(tellRecoveries(env, now), "recovery.tell");
}

function isOpen(row: OpenRecoveryRow): row is OpenRecoveryRow & { status: RecoverySummary["status"] } {
  return row.status === "waiting_for_partner" || row.status === "waiting_period" || row.status === "link_mailed";
}

function toSummary(row: OpenRecoveryRow): RecoverySummary {
  if (!isOpen(row)) throw new Error("Only an open recovery is shown");
  return {
    id: row.id,
    status: row.status,
    newEmail: row.new_email,
    createdAt: row.created_at,
    readyAt: row.ready_at,
  };
}
