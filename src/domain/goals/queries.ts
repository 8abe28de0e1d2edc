import { AppError } from "../../protocol/errors.ts";
import { defineQuery } from "../command.ts";
import type { MemberContext } from "../context.ts";
import { decodeCursor, page } from "../paging.ts";
import { goalIdInput, goalPage, goalSchema, listInput } from "./schema.ts";
import { findGoal, listGoals, toGoal, type GoalRow } from "./store.ts";

/** @throws AppError `not_found`, also for another person's private one */
export function requireGoal(ctx: MemberContext, id: string): GoalRow {
  const row = findGoal(ctx.sql, id, ctx.me.userId);
  if (row === null) throw new AppError("not_found", "No such goal");
  return row;
}

const list = defineQuery({
  name: "goals.list",
  summary: "Our goals, newest first",
  input: listInput,
  output: goalPage,
  run(ctx, input) {
    const key = decodeCursor(input.cursor, ["string"]);
    const rows = listGoals(ctx.sql, {
      viewerId: ctx.me.userId,
      status: input.status ?? null,
      beforeId: key === null ? null : String(key[0]),
      limit: input.limit + 1,
    });
    return page(
      rows,
      input.limit,
      (row) => [row.id],
      (row) => toGoal(row, ctx.members),
    );
  },
});

const get = defineQuery({
  name: "goals.get",
  summary: "One goal",
  input: goalIdInput,
  output: goalSchema,
  run(ctx, input) {
    return toGoal(requireGoal(ctx, input.id), ctx.members);
  },
});

export const queries = [list, get];
