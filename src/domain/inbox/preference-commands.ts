import * as z from "zod";
import { defineCommand, defineQuery } from "../command.ts";
import type { Member } from "../couple.ts";
import { defineEvent } from "../events.ts";
import { replanReminders } from "../reminders/plan.ts";
import { changeSchema, merged, preferencesOf, preferencesSchema } from "./preferences.ts";
import { nothing } from "./schema.ts";
import { savePreferences } from "./store.ts";

const preferencesUpdated = defineEvent(
  "preferences.updated",
  "A member changed what they want to be notified of; goes to all devices of that member",
  z.strictObject({ fields: z.array(z.enum(["channels", "hours", "quietHours"])) }),
  { counted: false },
);

const shown = preferencesSchema.extend({
  timezone: z.string().describe("The zone in which hours and quiet hours are meant: the member's own"),
});

function show(member: Member, preferences = preferencesOf(member)): z.output<typeof shown> {
  return { ...preferences, timezone: member.timezone };
}

export const preferenceOperations = [
  defineQuery({
    name: "inbox.get_preferences",
    summary:
      "What I want to be notified of, by kind and channel; until I say otherwise: all kinds in the inbox, none by mail, " +
      "check-ins, challenges and the question at 19, the rest at 9, no quiet hours",
    capability: "inbox",
    input: nothing,
    output: shown,
    run: (ctx) => show(ctx.me),
  }),
  defineCommand({
    name: "inbox.update_preferences",
    summary: "Change what I want to be notified of: what is absent stays, null ends the quiet hours",
    capability: "inbox",
    input: changeSchema,
    output: shown,
    events: [preferencesUpdated],
    run(ctx, input) {
      const preferences = merged(preferencesOf(ctx.me), input);
      const fields = (["channels", "hours", "quietHours"] as const).filter((field) => input[field] !== undefined);
      if (fields.length > 0) {
        savePreferences(ctx.sql, ctx.me.userId, preferences);
        ctx.relationshipChanged();
        replanReminders(ctx, ctx.me.userId);
        ctx.emit(preferencesUpdated, { fields }, { to: ctx.me.userId });
      }
      return show(ctx.me, preferences);
    },
  }),
];
