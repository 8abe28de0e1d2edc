import type * as z from "zod";
import { AppError } from "../../protocol/errors.ts";
import { defineCommand } from "../command.ts";
import type { MemberContext } from "../context.ts";
import { editedFields, editTexts } from "../edits.ts";
import { illegalTransition } from "../transitions.ts";
import { audience, countsForCouple, requireShareable, sharedVisibility } from "../visibility.ts";
import { conversationFollowedUp, conversationLogged, conversationRemoved, conversationUpdated } from "./events.ts";
import { queries, requireConversation } from "./queries.ts";
import { editedFollowUp, requireFollowUp, requireHeldDate } from "./rules.ts";
import {
  conversationIdInput,
  conversationSchema,
  followUpDoneInput,
  logInput,
  removedSchema,
  TEXT_LIMITS,
  updateInput,
  type ConversationUpdate,
} from "./schema.ts";
import {
  deleteConversation,
  insertConversation,
  saveConversation,
  toConversation,
  type ConversationRow,
} from "./store.ts";

/** What was said is its author's record, also where the partner reads it. */
function requireOwn(ctx: MemberContext, id: string): ConversationRow {
  const row = requireConversation(ctx, id);
  if (row.authorId === ctx.me.userId) return row;
  throw new AppError("forbidden", "Only whoever recorded a conversation may change the record");
}

function touchDeepTalks(ctx: MemberContext, row: ConversationRow): void {
  if (row.type === "deep_talk" && countsForCouple(ctx, row)) ctx.touch("deep_talks");
}

function newConversation(ctx: MemberContext, input: z.output<typeof logInput>): ConversationRow {
  const date = requireHeldDate(input.date, ctx.today);
  const followUp = requireFollowUp(input, date);
  return {
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
    visibility: sharedVisibility(ctx, input.private),
    version: 1,
    textVersions: "{}",
    createdAt: ctx.now,
    updatedAt: ctx.now,
  };
}

function updated(ctx: MemberContext, before: ConversationRow, input: ConversationUpdate): ConversationRow {
  const texts = editTexts(before, input, TEXT_LIMITS, () => toConversation(before));
  const date = input.date === undefined ? before.date : requireHeldDate(input.date, ctx.today);
  const followUp = editedFollowUp(before, input, date);
  return {
    ...before,
    ...texts,
    type: input.type ?? before.type,
    date,
    outcome: input.outcome === undefined ? before.outcome : input.outcome,
    durationMinutes: input.durationMinutes === undefined ? before.durationMinutes : input.durationMinutes,
    followUpNeeded: followUp.needed ? 1 : 0,
    followUpDate: followUp.date,
  };
}

function announce(ctx: MemberContext, row: ConversationRow): void {
  ctx.emit(conversationLogged, { type: row.type, date: row.date }, audience(row, row.id));
  touchDeepTalks(ctx, row);
}

const log = defineCommand({
  name: "conversations.log",
  summary: "Record a conversation that we had",
  input: logInput,
  output: conversationSchema,
  events: [conversationLogged],
  run(ctx, input) {
    const row = newConversation(ctx, input);
    insertConversation(ctx.sql, row);
    announce(ctx, row);
    return toConversation(row);
  },
});

const update = defineCommand({
  name: "conversations.update",
  summary: "Change my record of a conversation; a field that is absent stays, null clears it",
  input: updateInput,
  output: conversationSchema,
  events: [conversationUpdated],
  run(ctx, input) {
    const before = requireOwn(ctx, input.id);
    const row = saveConversation(ctx.sql, updated(ctx, before, input), ctx.now);
    ctx.emit(conversationUpdated, { fields: editedFields(input), version: row.version }, audience(row, row.id));
    if (row.type !== before.type) touchDeepTalks(ctx, row);
    return toConversation(row);
  },
});

const share = defineCommand({
  name: "conversations.share",
  summary: "Show my partner a conversation that I recorded for myself; cannot be undone",
  input: conversationIdInput,
  output: conversationSchema,
  events: [conversationLogged],
  run(ctx, input) {
    const before = requireConversation(ctx, input.id);
    requireShareable(ctx, before);
    const row = saveConversation(ctx.sql, { ...before, visibility: "shared" }, ctx.now);
    announce(ctx, row);
    return toConversation(row);
  },
});

const followUpDone = defineCommand({
  name: "conversations.follow_up_done",
  summary: "Note that we continued a conversation; either of us may",
  input: followUpDoneInput,
  output: conversationSchema,
  events: [conversationFollowedUp],
  run(ctx, input) {
    const before = requireConversation(ctx, input.id);
    if (before.followUpNeeded !== 1) throw illegalTransition("no_follow_up");
    const outcome = input.outcome ?? before.outcome;
    const done = { ...before, followUpNeeded: 0, followUpDate: null, outcome };
    const row = saveConversation(ctx.sql, done, ctx.now);
    ctx.emit(conversationFollowedUp, {}, audience(row, row.id));
    return toConversation(row);
  },
});

const remove = defineCommand({
  name: "conversations.delete",
  summary: "Delete my record of a conversation",
  input: conversationIdInput,
  output: removedSchema,
  events: [conversationRemoved],
  run(ctx, input) {
    const row = requireOwn(ctx, input.id);
    deleteConversation(ctx.sql, row.id);
    ctx.emit(conversationRemoved, {}, audience(row, row.id));
    return { id: row.id };
  },
});

export const operations = [log, update, share, followUpDone, remove, ...queries];
