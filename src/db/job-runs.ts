/**
 * Claims `jobName` for the slot that began at `slotAt`. A slot is run once; one that failed, or whose run died and was
 * not heard of since `staleBefore`, may be claimed again.
 * @returns whether the caller is to run it
 */
export async function claimJobRun(
  db: D1Database,
  jobName: string,
  slotAt: number,
  now: number,
  staleBefore: number,
): Promise<boolean> {
  const claimed = await db
    .prepare(
      `INSERT INTO job_runs (job_name, slot_at, started_at, status) VALUES (?1, ?2, ?3, 'running')
       ON CONFLICT (job_name, slot_at) DO UPDATE SET
         started_at = excluded.started_at, status = 'running', finished_at = NULL, rows_affected = NULL, error = NULL
       WHERE status = 'failed' OR (status = 'running' AND started_at <= ?4)
       RETURNING slot_at`,
    )
    .bind(jobName, slotAt, now, staleBefore)
    .first();
  return claimed !== null;
}

export type JobOutcome = { status: "succeeded"; rowsAffected: number } | { status: "failed"; error: string };

export async function finishJobRun(
  db: D1Database,
  jobName: string,
  slotAt: number,
  outcome: JobOutcome,
  now: number,
): Promise<void> {
  const succeeded = outcome.status === "succeeded";
  await db
    .prepare(
      `UPDATE job_runs SET status = ?3, finished_at = max(?4, started_at), rows_affected = ?5, error = ?6
       WHERE job_name = ?1 AND slot_at = ?2 AND status = 'running'`,
    )
    .bind(
      jobName,
      slotAt,
      outcome.status,
      now,
      succeeded ? outcome.rowsAffected : null,
      succeeded ? null : outcome.error,
    )
    .run();
}

/** The diary of one job, without what is older than `before`. @returns how many rows went */
export async function deleteOldJobRuns(
  db: D1Database,
  jobName: string,
  before: number,
  limit: number,
): Promise<number> {
  const { meta } = await db
    .prepare(
      `DELETE FROM job_runs WHERE (job_name, slot_at) IN
         (SELECT job_name, slot_at FROM job_runs WHERE job_name = ? AND slot_at < ? ORDER BY slot_at LIMIT ?)`,
    )
    .bind(jobName, before, limit)
    .run();
  return meta.changes;
}
