import { AppError } from "../../protocol/errors.ts";
import { defineQuery } from "../command.ts";
import type { MemberContext } from "../context.ts";
import { decodeCursor, page } from "../paging.ts";
import { activityIdInput, activityPage, activitySchema, listInput, type Activity } from "./schema.ts";
import { findActivity, listActivities, toActivity, type ActivityRow } from "./store.ts";

/** @throws AppError `not_found`, also for another person's private one */
export function requireActivity(ctx: MemberContext, id: string): ActivityRow {
  const row = findActivity(ctx.sql, id, ctx.me.userId);
  if (row === null) throw new AppError("not_found", "No such activity");
  return row;
}

/** `row` as members see it. */
export function shown(ctx: MemberContext, row: ActivityRow): Activity {
  return toActivity(row, ctx.members);
}

export const queries = [
  defineQuery({
    name: "activities.list",
    summary: "Our activities, newest first; exactly those of the asked status and type",
    input: listInput,
    output: activityPage,
    run(ctx, input) {
      const key = decodeCursor(input.cursor, ["string"]);
      const rows = listActivities(ctx.sql, {
        viewerId: ctx.me.userId,
        status: input.status ?? null,
        type: input.type ?? null,
        beforeId: key === null ? null : String(key[0]),
        limit: input.limit + 1,
      });
      return page(
        rows,
        input.limit,
        (row) => [row.id],
        (row) => shown(ctx, row),
      );
    },
  }),
  defineQuery({
    name: "activities.get",
    summary: "One activity",
    input: activityIdInput,
    output: activitySchema,
    run(ctx, input) {
      return shown(ctx, requireActivity(ctx, input.id));
    },
  }),
];
