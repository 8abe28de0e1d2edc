import { AppError } from "../../protocol/errors.ts";
import { defineQuery } from "../command.ts";
import type { MemberContext } from "../context.ts";
import { decodeCursor, page } from "../paging.ts";
import { conversationIdInput, conversationPage, conversationSchema, listInput } from "./schema.ts";
import { findConversation, listConversations, toConversation, type ConversationRow } from "./store.ts";

/** @throws AppError `not_found`, also for another person's private one */
export function requireConversation(ctx: MemberContext, id: string): ConversationRow {
  const row = findConversation(ctx.sql, id, ctx.me.userId);
  if (row === null) throw new AppError("not_found", "No such conversation");
  return row;
}

const list = defineQuery({
  name: "conversations.list",
  summary: "Our conversations, by date, newest first",
  input: listInput,
  output: conversationPage,
  run(ctx, input) {
    const key = decodeCursor(input.cursor, ["string", "string"]);
    const rows = listConversations(ctx.sql, {
      viewerId: ctx.me.userId,
      type: input.type ?? null,
      outcome: input.outcome ?? null,
      followUp: input.followUp ?? null,
      from: input.from ?? null,
      to: input.to ?? null,
      before: key === null ? null : { date: String(key[0]), id: String(key[1]) },
      limit: input.limit + 1,
    });
    return page(rows, input.limit, (row) => [row.date, row.id], toConversation);
  },
});

const get = defineQuery({
  name: "conversations.get",
  summary: "One conversation",
  input: conversationIdInput,
  output: conversationSchema,
  run(ctx, input) {
    return toConversation(requireConversation(ctx, input.id));
  },
});

export const queries = [list, get];
