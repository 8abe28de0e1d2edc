import * as z from "zod";
import type { Context } from "../context.ts";
import type { Member } from "../couple.ts";
import { defineEvent } from "../events.ts";
import { recountProgress } from "../insights/rebuild.ts";
import { updateStatus } from "../membership/state-store.ts";
import { beginPause, endPause } from "../membership/pauses.ts";
import {
  clearParting,
  clearRatings,
  deleteOwnRows,
  deletePersonalTraces,
  endMemberships,
  freezeMeta,
  listOwnFiles,
  markParted,
  updateChoice,
} from "./exit-store.ts";
import { endsAt, FREEZE_MS, isGone, requireStatusMove, type PartingChoice } from "./rules.ts";
import { deletionOf, planFileDeletions } from "../photos/removal.ts";
import { illegalTransition } from "../transitions.ts";
import { DESTROY, PARTING_END, STATUS_REPORT } from "./schedule-kinds.ts";

/** Says that it is so and until when, and nothing else: neither who nor why. */
export const relationshipFrozen = defineEvent(
  "relationship.frozen",
  "The shared space is read-only from now on",
  z.strictObject({ endsAt: z.int() }),
  { counted: false },
);
export const relationshipReunited = defineEvent(
  "relationship.reunited",
  "Both wanted to go on, and the shared space is theirs again",
  z.strictObject({ pausedDays: z.int() }),
  { counted: false },
);

/**
 * `userId` leaves: from this turn on the couple's space is read-only for both, and every socket is closed. It needs
 * nobody's consent. The directory hears of it when it can be reached. Leaving what the other has just left only notes
 * that both did.
 * @returns when the space ends (epoch milliseconds)
 * @throws AppError `illegal_transition` for a person alone
 */
export function leaveRelationship(ctx: Context, userId: string): { frozenAt: number; endsAt: number } {
  const { status, statusVersion, frozenAt } = ctx.relationship;
  if (status === "frozen" && frozenAt !== null) {
    markParted(ctx.sql, userId, ctx.now);
    ctx.schedule(STATUS_REPORT, "", ctx.now);
    return { frozenAt, endsAt: frozenAt + FREEZE_MS };
  }
  requireStatusMove("leave", status);
  beginPause(ctx, null);
  markParted(ctx.sql, userId, ctx.now);
  freezeMeta(ctx.sql, ctx.now, statusVersion + 1);
  ctx.relationshipChanged();
  const end = ctx.now + FREEZE_MS;
  ctx.emit(relationshipFrozen, { endsAt: end }, { anonymous: true });
  ctx.schedule(STATUS_REPORT, "", ctx.now);
  ctx.schedule(PARTING_END, "", end);
  ctx.closeSockets();
  return { frozenAt: ctx.now, endsAt: end };
}

/**
 * Deletes a member's own part, for good and at once; what both made stays for the other. When nobody keeps anything
 * here, the end comes at once. The caller has asked whether `member` may do this.
 */
export function purgePart(ctx: Context, member: Pick<Member, "userId" | "slot">): void {
  const files = listOwnFiles(ctx.sql, member.userId);
  planFileDeletions(
    ctx,
    files.map((file) => deletionOf(file, ctx.now)),
  );
  deleteOwnRows(ctx.sql, member.userId);
  deletePersonalTraces(ctx.sql, member.userId);
  clearRatings(ctx.sql, member.slot);
  updateChoice(ctx.sql, member.userId, "purged");
  ctx.relationshipChanged();
  // Of what both had entered, only the other's part is left.
  recountProgress(ctx);
  const { status, frozenAt } = ctx.relationship;
  if (status === "frozen" && frozenAt !== null) ctx.schedule(PARTING_END, "", endsAt(frozenAt, ctx.members, ctx.now));
}

/** @throws AppError `illegal_transition` for whoever has purged their part: nothing is left to choose about */
export function chooseAtEnd(ctx: Context, member: Member, choice: Exclude<PartingChoice, "purged">): void {
  requireNotOver(ctx);
  if (isGone(member)) throw illegalTransition("purged");
  updateChoice(ctx.sql, member.userId, choice);
  ctx.relationshipChanged();
}

// The end may be under way; what is chosen now could come too late for it.
function requireNotOver({ now, relationship: { frozenAt } }: Context): void {
  if (frozenAt !== null && now >= frozenAt + FREEZE_MS) throw illegalTransition("ended");
}

/** The directory says that both came back. The time in between counts as paused. */
export function comeBack(ctx: Context): void {
  clearParting(ctx.sql);
  ctx.relationshipChanged();
  const pausedDays = endPause(ctx);
  ctx.unschedule(PARTING_END, "");
  ctx.emit(relationshipReunited, { pausedDays }, { anonymous: true });
}

/** The directory says that the thirty days are over: nobody is a member any more, and what nobody takes is destroyed. */
export function endHere(ctx: Context, statusVersion: number): void {
  updateStatus(ctx.sql, "ended", statusVersion);
  endMemberships(ctx.sql, ctx.now);
  ctx.unschedule(PARTING_END, "");
  ctx.schedule(DESTROY, "", ctx.now);
  ctx.relationshipChanged();
  ctx.closeSockets();
}
