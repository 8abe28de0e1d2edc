import { listAddresses, reportStatusStatements, type StatusReport } from "../db/partings.ts";
import { cancelRecoveriesOfRelationshipStatement } from "../db/recoveries.ts";
import type { Couple } from "../domain/couple.ts";
import { listPartedIds } from "../domain/parting/exit-store.ts";
import { FREEZE_MS } from "../domain/parting/rules.ts";
import { enqueueMail } from "../mail/outbox.ts";
import { partedMail } from "../mail/templates.ts";
import { config } from "../lib/config.ts";
import type { TaskParts } from "./tasks.ts";

/** Tells the directory what the object has decided about its status; until it is there, the job comes back. */
export async function statusTask(parts: TaskParts, _key: string, now: number): Promise<number | null> {
  // A close can have been lost with a crash between the parting and here.
  parts.sockets.closeEnded(now);
  const sent = await reportStatus(parts, now);
  // Whoever moved on while the directory answered has planned this job for the same time, perhaps.
  return sent !== null && JSON.stringify(reportOf(parts.couple)) !== JSON.stringify(sent) ? now : null;
}

/** @returns what was reported, null when the directory itself decides. @throws what D1 throws */
export async function reportStatus({ couple, env }: TaskParts, now: number): Promise<StatusReport | null> {
  const report = reportOf(couple);
  if (report === null) return null;
  const notices = await partedNotices(env, couple, report, now);
  await env.DB.batch([
    ...reportStatusStatements(env.DB, report, now),
    // Whoever is parting helps nobody back into an account.
    ...(report.frozenAt === null ? [] : [cancelRecoveriesOfRelationshipStatement(env.DB, report.relationshipId, now)]),
    ...notices,
  ]);
  return report;
}

function reportOf(couple: Couple): StatusReport | null {
  const { id, status, statusVersion, frozenAt } = couple.relationship;
  if (status === "solo" || status === "ended") return null;
  return { relationshipId: id, status, statusVersion, frozenAt, leaverIds: listPartedIds(couple.sql) };
}

// Whoever was left is told once, in the same batch.
async function partedNotices(
  env: Env,
  couple: Couple,
  { relationshipId, statusVersion, frozenAt, leaverIds }: StatusReport,
  now: number,
): Promise<D1PreparedStatement[]> {
  if (frozenAt === null) return [];
  const left = couple.members.map(({ userId }) => userId).filter((userId) => !leaverIds.includes(userId));
  const people = await listAddresses(env.DB, left);
  const content = partedMail({ link: config(env).APP_URL, endsAt: frozenAt + FREEZE_MS });
  return people.map((person) =>
    enqueueMail(
      env.DB,
      {
        idempotencyKey: `parted:${relationshipId}:${statusVersion}:${person.id}`,
        recipientUserId: person.id,
        recipientEmail: person.email,
        content,
      },
      now,
    ),
  );
}
