import type { Context, EmitOptions } from "./context.ts";

interface Owned {
  authorId: string;
  visibility: string;
}

/** The class of a joint row written now: what a person writes alone stays that person's own for ever. */
export function jointVisibility(ctx: Context): "private" | "joint" {
  return ctx.solo ? "private" : "joint";
}

/** The class of a member's own row written now. */
export function sharedVisibility(ctx: Context): "private" | "shared" {
  return ctx.solo ? "private" : "shared";
}

/** How to emit an event about `row`: one about a private row reaches its author and nobody else. */
export function audience(row: Owned, subjectId: string): EmitOptions {
  return row.visibility === "private" ? { subjectId, to: row.authorId } : { subjectId };
}

/** Whether `row` may count for the couple's achievements, progress and scores. */
export function countsForCouple(ctx: Context, row: Owned): boolean {
  return ctx.solo || row.visibility !== "private";
}
