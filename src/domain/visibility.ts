import * as z from "zod";
import { AppError } from "../protocol/errors.ts";
import type { Context, EmitOptions, MemberContext } from "./context.ts";
import { illegalTransition } from "./transitions.ts";

interface Owned {
  authorId: string;
  visibility: string;
}

/** The choice of whoever writes a row that could be the couple's; spread it into the input schema. */
export const privateInput = {
  private: z.boolean().default(false).describe("Keep it to myself; sharing it later is a choice of its own"),
};

/** The class of a joint row written now: what a person writes alone stays that person's own until they share it. */
export function jointVisibility(ctx: Context, isPrivate = false): "private" | "joint" {
  return isPrivate || ctx.solo ? "private" : "joint";
}

/** The class of a member's own row written now. */
export function sharedVisibility(ctx: Context, isPrivate = false): "private" | "shared" {
  return isPrivate || ctx.solo ? "private" : "shared";
}

/** How to emit an event about `row`: one about a private row reaches its author and nobody else. */
export function audience(row: Owned, subjectId: string): EmitOptions {
  return row.visibility === "private" ? { subjectId, to: row.authorId } : { subjectId };
}

/** Whether `row` may count for the couple's achievements, progress and scores. */
export function countsForCouple(ctx: Context, row: Owned): boolean {
  return ctx.solo || row.visibility !== "private";
}

/**
 * That I may show `row`, which I can see, to my partner. It is for ever: what was seen cannot be taken back.
 * @throws AppError `illegal_transition` when it is not private, `forbidden` when an earlier partner made it,
 *   `conflict` while I am alone
 */
export function requireShareable(ctx: MemberContext, row: Owned & { formerAuthor?: number }): void {
  if (row.visibility !== "private") throw illegalTransition(row.visibility);
  if (row.authorId !== ctx.me.userId || row.formerAuthor === 1) {
    throw new AppError("forbidden", "Only what you made yourself is yours to share");
  }
  if (ctx.solo) throw new AppError("conflict", "There is nobody to share it with yet");
}
