import {
  deleteSummariesOfMemberStatement,
  erasingStatements,
  findErasure,
  finishErasureStatement,
  insertErasureStatement,
  listDueErasures,
  listPlaces,
  postponeErasure,
  recordStepStatement,
  type ErasureStep,
} from "../db/erasures.ts";
import { keepAwayStatement } from "../db/kept-away.ts";
import { endSessionsStatements } from "../db/sessions.ts";
import { eraseMember } from "../domain/erasure/services.ts";
import { config } from "../lib/config.ts";
import { errorText, log } from "../lib/log.ts";
import { deliverUrgently } from "../pairing/outbox.ts";
import { hashKeptAddress } from "../pairing/secrets.ts";
import { AppError } from "../protocol/errors.ts";
import { DAY_MS, HOUR_MS } from "../protocol/limits.ts";
import { callService } from "../relationship/stub.ts";

/**
 * Erasing an account. The account is closed and the directory emptied in one batch, at once; then each object where the
 * person ever was forgets them; then, when their parting has arrived in the directory, what it wrote about them goes, too.
 * Every step may be cut off and is repeated by the five-minute job until it is done. The list of steps with their times is
 * the certificate, and all that stays.
 */

/** Objects keep hourly counters for 35 days; one more for those of other zones. */
const COUNTER_DAYS = 36;
const FIRST_RETRY_MS = 5 * 60_000;
const LONGEST_RETRY_MS = DAY_MS;
const NO_ADDRESS = "";

export interface Certificate {
  requestedAt: number;
  /** Null while something is left to do. */
  finishedAt: number | null;
  steps: ErasureStep[];
}

/**
 * Closes the account and erases what can be erased at once. The sessions are over when this returns, also when the rest
 * has to wait.
 * @param now epoch milliseconds
 */
export async function eraseAccount(
  env: Env,
  person: { userId: string; email: string },
  now: number,
): Promise<Certificate> {
  const { DB } = env;
  const addressHmac = hashKeptAddress(config(env).CODE_PEPPER, person.email);
  await DB.batch([
    keepAwayStatement(DB, { userId: person.userId, addressHmac }, now),
    insertErasureStatement(DB, person.userId, now),
    ...endSessionsStatements(DB, { userId: person.userId }, now),
    ...erasingStatements(DB, "solo", person, now),
    ...erasingStatements(DB, "traces", person, now),
    ...erasingStatements(DB, "account", person, now),
    recordStepStatement(DB, person.userId, { step: "account", at: now }),
  ]);
  await continueErasure(env, person.userId, now);
  return readCertificate(env, person.userId);
}

/** Goes on with erasures that were cut off or had to wait. @returns how many were finished */
export async function runErasures(env: Env, now: number, options: { limit: number }): Promise<number> {
  let finished = 0;
  for (const { user_id } of await listDueErasures(env.DB, now, options.limit)) {
    if (await continueErasure(env, user_id, now)) finished += 1;
  }
  return finished;
}

export async function readCertificate(env: Env, userId: string): Promise<Certificate> {
  const row = await findErasure(env.DB, userId);
  if (row === null) throw new AppError("not_found", "Nothing was erased");
  return {
    requestedAt: row.requested_at,
    finishedAt: row.finished_at,
    steps: JSON.parse(row.steps) as ErasureStep[],
  };
}

/** @returns whether nothing is left to do */
async function continueErasure(env: Env, userId: string, now: number): Promise<boolean> {
  try {
    const isDone = await takeSteps(env, userId, now);
    if (!isDone) await postponeErasure(env.DB, userId, null, now + FIRST_RETRY_MS);
    return isDone;
  } catch (error) {
    log.warn("erasure.postponed", { error: errorText(error) });
    const row = await findErasure(env.DB, userId);
    const delay = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(row?.attempts ?? 0, 10));
    const reason = error instanceof AppError ? error.code : errorText(error).slice(0, 120);
    await postponeErasure(env.DB, userId, reason, now + delay);
    return false;
  }
}

async function takeSteps(env: Env, userId: string, now: number): Promise<boolean> {
  const { steps } = await readCertificate(env, userId);
  const done = new Set(steps.map(({ step }) => step));
  const places = (await listPlaces(env.DB, userId)).map((place) => place.relationship_id);
  // One object that is away holds up its own step and the end, not the other objects.
  const outcomes = await Promise.allSettled(
    places.map(async (relationshipId) => {
      const step = `space:${relationshipId}`;
      if (!done.has(step)) await eraseFrom(env, relationshipId, { userId, step }, now);
    }),
  );
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  // The object has let them go, and will say so to the directory; until then something new may be written about them.
  if ((await listPlaces(env.DB, userId)).some((place) => place.is_live === 1)) return false;
  await env.DB.batch([
    ...erasingStatements(env.DB, "traces", { userId, email: NO_ADDRESS }, now),
    recordStepStatement(env.DB, userId, { step: "directory", at: now }),
    finishErasureStatement(env.DB, userId, now),
  ]);
  return true;
}

async function eraseFrom(
  env: Env,
  relationshipId: string,
  { userId, step }: { userId: string; step: string },
  now: number,
): Promise<void> {
  // The end of the sessions, which closes sockets, and whatever the directory has decided: an object that has not heard
  // that both came back would let the erased one in afterwards (test/breakup-model.test.ts).
  if (!(await deliverUrgently(env, now, [relationshipId]))) throw new AppError("unavailable", "The object is away");
  try {
    await callService(env, relationshipId, eraseMember, { userId }, now);
  } catch (error) {
    // Destroyed already, or never made.
    if (!(error instanceof AppError && error.code === "not_found")) throw error;
  }
  await env.DB.batch([
    deleteSummariesOfMemberStatement(env.DB, relationshipId, userId, counterHours(now)),
    recordStepStatement(env.DB, userId, { step, at: now }),
  ]);
}

/** The hours of which a relationship's counters can stand in the directory. */
function counterHours(now: number): number[] {
  const newest = now - (now % HOUR_MS) + DAY_MS;
  return Array.from({ length: (COUNTER_DAYS + 1) * 24 }, (_, index) => newest - index * HOUR_MS);
}
