import type { Context } from "../context.ts";
import type { JobDefinition } from "../jobs.ts";
import { INBOX_DELIVER, notificationCreated } from "./notify.ts";
import { remindsIn } from "./preferences.ts";
import { deliverWaiting, dropWaiting, findNextWaiting } from "./store.ts";

/** Hands out what waited for the end of `userId`'s quiet hours. */
function deliver(ctx: Context, userId: string): number | null {
  if (ctx.members.every((member) => member.userId !== userId)) return null;
  // A call to celebrate does not come hours after a break-up, because it waited for the morning.
  if (!remindsIn(ctx.relationship.status)) dropWaiting(ctx.sql, userId, ["reminder", "anniversary"]);
  for (const { id, type } of deliverWaiting(ctx.sql, userId, ctx.now)) {
    ctx.emit(notificationCreated, { type }, { subjectId: id, to: userId });
  }
  return findNextWaiting(ctx.sql, userId);
}

export const jobs: readonly JobDefinition[] = [{ kind: INBOX_DELIVER, run: deliver }];
