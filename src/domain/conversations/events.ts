import * as z from "zod";
import { defineEvent } from "../events.ts";
import { conversationTypeSchema } from "./schema.ts";

export const conversationLogged = defineEvent(
  "conversation.logged",
  "A member recorded a conversation, or shared one that was recorded before",
  z.strictObject({ type: conversationTypeSchema, date: z.string() }),
);

export const conversationUpdated = defineEvent(
  "conversation.updated",
  "A member changed the record of a conversation",
  z.strictObject({ fields: z.array(z.string()), version: z.int() }),
);

export const conversationFollowedUp = defineEvent(
  "conversation.followed_up",
  "A conversation that was to be continued has been",
  z.strictObject({}),
);

export const conversationRemoved = defineEvent(
  "conversation.removed",
  "A member deleted the record of a conversation",
  z.strictObject({}),
);
