import * as z from "zod";
import { AppError } from "../../protocol/errors.ts";
import { leaveRelationship, purgePart } from "../parting/exit.ts";
import { isStatusMove } from "../parting/rules.ts";
import { DESTROY } from "../parting/schedule-kinds.ts";
import { defineService } from "../service.ts";
import { findMemberSlot, forgetPerson } from "./store.ts";

/**
 * A person's account is erased: they leave, if they are here, and everything of theirs goes, private and shared; what
 * both made stays for the other, under "former member" (domain rule 20). Whoever asks again changes nothing.
 * @throws AppError `conflict` while the object believes that the person lives here alone: the directory must tell it first
 */
export const eraseMember = defineService({
  name: "parting.erase_member",
  input: z.strictObject({ userId: z.string() }),
  run(ctx, { userId }): { wasHere: boolean } {
    const slot = findMemberSlot(ctx.sql, userId);
    if (slot === null) return { wasHere: false };
    const { status } = ctx.relationship;
    if (status === "solo") throw new AppError("conflict", "The directory has not said so yet", { current: status });
    // Before the erasure, so that the directory learns who left, as of everybody else.
    const isHere = ctx.members.some((member) => member.userId === userId);
    if (isHere && isStatusMove("leave", status)) leaveRelationship(ctx, userId);
    // Also for whoever is no member any more: their part waits here to be taken, or was left behind.
    purgePart(ctx, { userId, slot });
    forgetPerson(ctx.sql, userId, ctx.now);
    ctx.relationshipChanged();
    if (ctx.relationship.status === "ended") ctx.schedule(DESTROY, "", ctx.now);
    return { wasHere: true };
  },
});
