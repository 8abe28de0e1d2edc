import { endOfDay } from "../calendar.ts";
import type { Context } from "../context.ts";
import { notify } from "../inbox/notify.ts";
import { wasNotified } from "../inbox/store.ts";
import type { JobDefinition } from "../jobs.ts";
import { CHALLENGE_DUE } from "./lifecycle.ts";
import { participants } from "./progress.ts";
import { findAnyParticipation } from "./store.ts";

/** Reminds everybody who takes part, once for each target date, that a challenge is still open. */
function remind(ctx: Context, participationId: string): number | null {
  const row = findAnyParticipation(ctx.sql, participationId);
  const { status, homeTimezone } = ctx.relationship;
  if (row === null || row.status !== "active" || (status !== "active" && status !== "solo")) return null;
  // The home zone may have changed since this was planned.
  const dueAt = endOfDay(row.targetDate, homeTimezone);
  if (ctx.now < dueAt) return dueAt;
  for (const { userId } of participants(ctx, row)) {
    if (wasNotified(ctx.sql, userId, "reminder", row.id, dueAt)) continue;
    notify(ctx, {
      userId,
      type: "reminder",
      kind: "challenges",
      title: "A challenge is still open",
      message: "Its planned time is over. Entries still count until you complete it or let it go.",
      actionUrl: `/challenges/${row.id}`,
      subjectId: row.id,
    });
  }
  return null;
}

export const jobs: readonly JobDefinition[] = [{ kind: CHALLENGE_DUE, run: remind }];
