import * as z from "zod";
import { notify } from "../inbox/notify.ts";
import { wasNotified } from "../inbox/store.ts";
import { defineService } from "../service.ts";
import { isGone } from "./rules.ts";

/**
 * Tells the other member, once in a parting, that there is a wish to come back: nothing of when, nothing in anybody's
 * words, and never again however often it is taken back and repeated.
 */
export const wishReunion = defineService({
  name: "parting.wish_reunion",
  input: z.strictObject({ userId: z.string() }),
  run(ctx, { userId }) {
    const { status, frozenAt, id } = ctx.relationship;
    if (status !== "frozen" || frozenAt === null) return { told: false };
    const other = ctx.members.find((member) => member.userId !== userId && !isGone(member));
    if (other === undefined) return { told: false };
    if (wasNotified(ctx.sql, other.userId, "partner_activity", id, frozenAt)) return { told: false };
    notify(ctx, {
      userId: other.userId,
      type: "partner_activity",
      title: "A wish to come back",
      message: "Only if you both want it, this space opens again. You do not have to answer.",
      subjectId: id,
    });
    return { told: true };
  },
});

export const services = [wishReunion];
