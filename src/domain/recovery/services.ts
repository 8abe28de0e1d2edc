import * as z from "zod";
import type { Context } from "../context.ts";
import { notify } from "../inbox/notify.ts";
import { defineService } from "../service.ts";
import { mayHelp, RECOVERY_STEPS, RECOVERY_WORDS } from "./rules.ts";
import { isNotified } from "./store.ts";

/** Whether `ownerId` and `partnerId` are in this relationship now, in a state in which one may help the other. */
export const recoveryStanding = defineService({
  name: "recovery.standing",
  input: z.strictObject({ ownerId: z.string(), partnerId: z.string() }),
  run(ctx, { ownerId, partnerId }): { allowed: boolean } {
    const present = new Set(ctx.members.map((member) => member.userId));
    return {
      allowed:
        ownerId !== partnerId && present.has(ownerId) && present.has(partnerId) && mayHelp(ctx.relationship.status),
    };
  },
});

/** Puts a step of a recovery into the inboxes that it concerns, once each, however often it is told. */
export const recoveryTell = defineService({
  name: "recovery.tell",
  input: z.strictObject({ recoveryId: z.string(), ownerId: z.string(), step: z.enum(RECOVERY_STEPS) }),
  run(ctx, { recoveryId, ownerId, step }): null {
    const words = RECOVERY_WORDS[step];
    for (const { userId } of ctx.members) {
      const said = userId === ownerId ? words.owner : words.partner;
      if (said !== null && (userId === ownerId || mayHelp(ctx.relationship.status))) {
        tellOnce(ctx, userId, recoveryId, said);
      }
    }
    return null;
  },
});

function tellOnce(ctx: Context, userId: string, recoveryId: string, said: { title: string; message: string }): void {
  if (isNotified(ctx.sql, userId, recoveryId, said.title)) return;
  notify(ctx, {
    userId,
    type: "reminder",
    ...said,
    actionUrl: "/settings/recovery",
    subjectId: recoveryId,
    priority: "urgent",
  });
}
