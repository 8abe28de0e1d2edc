import * as z from "zod";
import { assert } from "../../lib/assert.ts";
import type { MembershipState } from "../../protocol/membership.ts";
import { reevaluateAll } from "../achievements/evaluate.ts";
import type { Context } from "../context.ts";
import type { Couple } from "../couple.ts";
import { defineEvent } from "../events.ts";
import { recountProgress } from "../insights/rebuild.ts";
import { replanReminders } from "../reminders/plan.ts";
import { upsertJob } from "../store.ts";
import { findAbsorption, finishAbsorption, insertAbsorption, saveCursor, type Absorption } from "./absorption-store.ts";
import { arrive, type Mover } from "./arrivals.ts";
import { findSlot, keepPreferences } from "./arrival-store.ts";
import type { PartPage } from "./pages.ts";

/** Takes a person's part of another object into this one; its key names both. */
export const ABSORB_TASK = "absorb";

export const historyMoved = defineEvent(
  "history.moved",
  "What I had elsewhere has arrived here, private to me",
  z.strictObject({ rows: z.int().nonnegative() }),
  { counted: false },
);

export function absorbKey({ sourceId, userId }: Pick<Absorption, "sourceId" | "userId">): string {
  return `${sourceId}/${userId}`;
}

export function parseAbsorbKey(key: string): { sourceId: string; userId: string } {
  const [sourceId, userId] = key.split("/");
  assert(sourceId !== undefined && userId !== undefined, "the key of an absorption names source and person");
  return { sourceId, userId };
}

/** Plans to take what the directory says is waiting. The members of `state` are in their table by now. */
export function noteAbsorptions(couple: Couple, state: Pick<MembershipState, "absorbs" | "now">): void {
  for (const waiting of state.absorbs ?? []) {
    insertAbsorption(couple.sql, waiting.sourceId, waiting.userId, state.now);
    // Also what is finished here: then the directory has not heard of it.
    upsertJob(couple.sql, ABSORB_TASK, absorbKey(waiting), state.now);
    couple.planVersion += 1;
  }
}

/**
 * Takes one page, and remembers in the same transaction where the next one begins, so that a page is taken once however
 * often it is read.
 * @param asked the absorption as it was when the page was asked for
 * @returns whether everything is here now
 */
export function takePage(ctx: Context, asked: Absorption, page: PartPage): boolean {
  const { sourceId, userId } = asked;
  const current = findAbsorption(ctx.sql, sourceId, userId);
  if (current === null || current.finishedAt !== null) return true;
  if (current.cursor !== asked.cursor) return false;
  const targetSlot = findSlot(ctx.sql, userId);
  assert(targetSlot !== null, "whoever moves in is a member");
  const mover: Mover = { userId, sourceId, targetId: ctx.relationship.id, sourceSlot: page.slot, targetSlot };
  let taken = 0;
  for (const row of page.rows) if (arrive(ctx, mover, row)) taken += 1;
  if (keepPreferences(ctx.sql, userId, page.preferences)) {
    ctx.relationshipChanged();
    replanReminders(ctx, userId);
  }
  if (page.next === null) finish(ctx, current, taken);
  else saveCursor(ctx.sql, current, page.next, taken);
  return page.next === null;
}

/** Nothing more will come: the source is empty, gone, or gave its last page. */
export function finish(ctx: Context, absorption: Absorption, taken = 0): void {
  finishAbsorption(ctx.sql, absorption, taken, ctx.now);
  const rows = absorption.rowsTaken + taken;
  if (rows === 0) return;
  recountProgress(ctx);
  // Private rows count for nobody but a person alone.
  if (ctx.solo) reevaluateAll(ctx, "silent");
  ctx.emit(historyMoved, { rows }, { to: absorption.userId });
}
