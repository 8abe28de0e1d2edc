import { jobs as challengeJobs } from "./challenges/jobs.ts";
import type { Context } from "./context.ts";
import { jobs as milestoneJobs } from "./dates/milestone-job.ts";
import { jobs as inboxJobs } from "./inbox/jobs.ts";
import { jobs as photoJobs } from "./photos/jobs.ts";
import { jobs as reminderJobs } from "./reminders/jobs.ts";

/** Work that a module plans for later with `ctx.schedule(kind, key, dueAt)`. */
export interface JobDefinition {
  kind: string;
  /**
   * Runs in one transaction, perhaps more than once for one due time, so it asks first whether it is still needed.
   * @returns when to run again (epoch milliseconds), or null when done
   */
  run(ctx: Context, key: string): number | null;
}

const JOBS = new Map(
  [...challengeJobs, ...milestoneJobs, ...photoJobs, ...inboxJobs, ...reminderJobs].map(
    (job): [string, JobDefinition] => [job.kind, job],
  ),
);

export function findJob(kind: string): JobDefinition | null {
  return JOBS.get(kind) ?? null;
}
