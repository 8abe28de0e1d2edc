import * as z from "zod";
import { defineCommand, defineQuery } from "../command.ts";
import { defineEvent } from "../events.ts";
import { decodeCursor, page } from "../paging.ts";
import { audience, sharedVisibility } from "../visibility.ts";
import { requireFollowUp, requireHeldDate } from "./rules.ts";
import { conversationPage, conversationSchema, conversationTypeSchema, listInput, logInput } from "./schema.ts";
import { insertConversation, listConversations, toConversation, type ConversationRow } from "./store.ts";

const conversationLogged = defineEvent(
  "conversation.logged",
  "A member recorded a conversation",
  z.strictObject({ type: conversationTypeSchema, date: z.string() }),
);

const conversationLog = defineCommand({
  name: "conversations.log",
  summary: "Record a conversation that we had",
  input: logInput,
  output: conversationSchema,
  events: [conversationLogged],
  run(ctx, input) {
    const date = requireHeldDate(input.date, ctx.today);
    const followUp = requireFollowUp(input, date);
    const row: ConversationRow = {
      id: ctx.newId("conversation"),
      type: input.type,
      date,
      topic: input.topic ?? null,
      description: input.description ?? null,
      outcome: input.outcome ?? null,
      durationMinutes: input.durationMinutes ?? null,
      followUpNeeded: followUp.needed ? 1 : 0,
      followUpDate: followUp.date,
      authorId: ctx.me.userId,
      visibility: sharedVisibility(ctx),
      version: 1,
      createdAt: ctx.now,
      updatedAt: ctx.now,
    };
    insertConversation(ctx.sql, row);
    ctx.emit(conversationLogged, { type: row.type, date }, audience(row, row.id));
    if (row.type === "deep_talk") ctx.touch("deep_talks");
    return toConversation(row);
  },
});

const conversationList = defineQuery({
  name: "conversations.list",
  summary: "Our conversations, by date, newest first",
  input: listInput,
  output: conversationPage,
  run(ctx, input) {
    const key = decodeCursor(input.cursor, ["string", "string"]);
    const rows = listConversations(ctx.sql, {
      viewerId: ctx.me.userId,
      type: input.type ?? null,
      before: key === null ? null : { date: String(key[0]), id: String(key[1]) },
      limit: input.limit + 1,
    });
    return page(rows, input.limit, (row) => [row.date, row.id], toConversation);
  },
});

export const operations = [conversationLog, conversationList];
