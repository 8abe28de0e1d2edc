import { defineQuery } from "../command.ts";
import { decodeCursor, page, pageOf } from "../paging.ts";
import { checkinSchema, getInput, getOutput, listInput } from "./schema.ts";
import { listCheckins, listCheckinsOn, toCheckin } from "./store.ts";

const list = defineQuery({
  name: "checkins.list",
  summary: "Check-ins of both, newest first",
  input: listInput,
  output: pageOf(checkinSchema),
  run(ctx, input) {
    const cursor = decodeCursor(input.cursor, ["string", "string"]);
    const userId = input.member === "partner" ? ctx.partner?.userId : ctx.me.userId;
    if (userId === undefined) return { items: [], nextCursor: null };
    const rows = listCheckins(ctx.sql, ctx.me.userId, input.limit + 1, {
      from: input.from,
      to: input.to,
      userId: input.member === undefined ? undefined : userId,
      after: cursor === null ? null : [String(cursor[0]), String(cursor[1])],
    });
    return page(
      rows,
      input.limit,
      (row) => [row.date, row.userId],
      (row) => toCheckin(row, ctx.me.userId),
    );
  },
});

const get = defineQuery({
  name: "checkins.get",
  summary: "Both check-ins of one date",
  input: getInput,
  output: getOutput,
  run(ctx, input) {
    const rows = listCheckinsOn(ctx.sql, ctx.me.userId, input.date);
    const of = (userId: string | undefined) => {
      const row = rows.find((candidate) => candidate.userId === userId);
      return row === undefined ? null : toCheckin(row, ctx.me.userId);
    };
    return { date: input.date, mine: of(ctx.me.userId), partner: of(ctx.partner?.userId) };
  },
});

export const queries = [list, get];
