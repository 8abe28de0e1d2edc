import { cleanUpSignIn } from "../auth/clean-up.ts";
import { runRecoveries } from "../auth/recovery-job.ts";
import { runErasures } from "../compliance/erasure.ts";
import { CODE_LOCK_MS, deleteOldCodeAttempts } from "../db/code-attempts.ts";
import { expireInvitations } from "../db/invitations.ts";
import { deleteOldKeptAway } from "../db/kept-away.ts";
import { claimJobRun, deleteOldJobRuns, finishJobRun } from "../db/job-runs.ts";
import { now as clockNow } from "../lib/clock.ts";
import { errorText, log } from "../lib/log.ts";
import { deliverMail } from "../mail/delivery.ts";
import { deliverObjectOutbox } from "../pairing/outbox.ts";
import { DAY_MS, HOUR_MS } from "../protocol/limits.ts";
import { wakeOverdueObjects } from "./wake-objects.ts";

const FIVE_MINUTES_MS = 5 * 60_000;
/** A run that has not ended after this long is dead: the platform gives one a quarter of an hour. */
const RUN_STALE_MS = 15 * 60_000;
const JOB_RUNS_KEEP_MS = 30 * DAY_MS;
/** How long whoever was left by somebody whose account is erased writes nothing to the address that was theirs. */
const KEPT_AWAY_MS = 2 * 365 * DAY_MS;
const ERROR_MAX_CHARACTERS = 200;

export interface Job {
  name: string;
  /** The trigger in wrangler.jsonc that starts it. */
  cron: string;
  /** Length of a slot in milliseconds; a job runs once in each. */
  slotMs: number;
  /** Works off what is due at `now`, whichever slots were missed. @returns how many things were done */
  run(env: Env, now: number): Promise<number>;
}

/** Bounds of one run; what is left over is due in the next one. */
const MAILS_A_RUN = 100;
const OBJECTS_A_RUN = 200;
const ROWS_A_RUN = 1_000;
const RECOVERIES_A_RUN = 50;
const ERASURES_A_RUN = 20;

/** All that happens by the clock outside of objects. */
export const JOBS: readonly Job[] = [
  {
    name: "mail.deliver",
    cron: "*/5 * * * *",
    slotMs: FIVE_MINUTES_MS,
    run: async (env, now) => (await deliverMail(env, now, { limit: MAILS_A_RUN })).delivered,
  },
  {
    name: "outbox.deliver",
    cron: "*/5 * * * *",
    slotMs: FIVE_MINUTES_MS,
    run: async (env, now) => (await deliverObjectOutbox(env, now, { limit: OBJECTS_A_RUN })).delivered,
  },
  {
    name: "objects.wake",
    cron: "*/5 * * * *",
    slotMs: FIVE_MINUTES_MS,
    run: (env, now) => wakeOverdueObjects(env, now, { limit: OBJECTS_A_RUN }),
  },
  {
    name: "invitations.expire",
    cron: "*/5 * * * *",
    slotMs: FIVE_MINUTES_MS,
    run: (env, now) => expireInvitations(env.DB, now, ROWS_A_RUN),
  },
  {
    name: "sign_in.clean_up",
    cron: "*/5 * * * *",
    slotMs: FIVE_MINUTES_MS,
    run: (env, now) => cleanUpSignIn(env, now, { limit: ROWS_A_RUN }),
  },
  {
    name: "erasures.run",
    cron: "*/5 * * * *",
    slotMs: FIVE_MINUTES_MS,
    run: (env, now) => runErasures(env, now, { limit: ERASURES_A_RUN }),
  },
  {
    name: "recoveries.run",
    cron: "*/5 * * * *",
    slotMs: FIVE_MINUTES_MS,
    run: (env, now) => runRecoveries(env, now, { limit: RECOVERIES_A_RUN }),
  },
  {
    name: "code_attempts.clean_up",
    cron: "17 * * * *",
    slotMs: HOUR_MS,
    // Twice the length of a lock: by then neither a lock nor a count means anything.
    run: (env, now) => deleteOldCodeAttempts(env.DB, now - 2 * CODE_LOCK_MS, ROWS_A_RUN),
  },
  { name: "job_runs.clean_up", cron: "11 3 * * *", slotMs: DAY_MS, run: pruneJobRuns },
  {
    name: "kept_away.clean_up",
    cron: "11 3 * * *",
    slotMs: DAY_MS,
    run: (env, now) => deleteOldKeptAway(env.DB, now - KEPT_AWAY_MS, ROWS_A_RUN),
  },
];

async function pruneJobRuns(env: Env, now: number): Promise<number> {
  let pruned = 0;
  for (const { name } of JOBS) pruned += await deleteOldJobRuns(env.DB, name, now - JOB_RUNS_KEEP_MS, ROWS_A_RUN);
  return pruned;
}

/** The Worker's `scheduled` handler. It never fails: what went wrong stands in job_runs and in the log. */
export async function runScheduled(controller: ScheduledController, env: Env, _ctx: ExecutionContext): Promise<void> {
  const due = JOBS.filter((job) => job.cron === controller.cron);
  if (due.length === 0) log.error("job.unknown_trigger", { kind: controller.cron });
  // Side by side, so that a slow mail provider delays nobody's alarm; `runJob` keeps each one's failure to itself.
  await Promise.all(due.map((job) => runJob(env, job, controller.scheduledTime)));
}

/**
 * Runs `job` for the slot that holds `scheduledTime`, unless somebody does or did. Triggers may come twice, late or not
 * at all; jobs work off what is due, so a missed slot is made up for by the next one.
 * @returns whether it was run here and succeeded
 */
export async function runJob(env: Env, job: Job, scheduledTime: number): Promise<boolean> {
  const slotAt = scheduledTime - (scheduledTime % job.slotMs);
  const startedAt = clockNow();
  try {
    if (!(await claimJobRun(env.DB, job.name, slotAt, startedAt, startedAt - RUN_STALE_MS))) return false;
    const rowsAffected = await job.run(env, startedAt);
    await finishJobRun(env.DB, job.name, slotAt, { status: "succeeded", rowsAffected }, clockNow());
    log.info("job.succeeded", { job: job.name, count: rowsAffected, durationMs: clockNow() - startedAt });
    return true;
  } catch (error) {
    await recordFailure(env, job, slotAt, error, startedAt);
    return false;
  }
}

async function recordFailure(env: Env, job: Job, slotAt: number, error: unknown, startedAt: number): Promise<void> {
  const text = errorText(error).slice(0, ERROR_MAX_CHARACTERS);
  log.error("job.failed", { job: job.name, error: text, durationMs: clockNow() - startedAt });
  try {
    await finishJobRun(env.DB, job.name, slotAt, { status: "failed", error: text }, clockNow());
  } catch (recordError) {
    // D1 itself is away; the run counts as dead in a quarter of an hour.
    log.error("job.not_recorded", { job: job.name, error: errorText(recordError) });
  }
}
