import * as z from "zod";
import { AppError } from "../../protocol/errors.ts";
import { defineCommand, defineQuery } from "../command.ts";
import { defineEvent } from "../events.ts";
import type { Relationship } from "../couple.ts";
import { readProfile } from "./profile.ts";
import { profileFieldSchema, profileOutput, updateProfileInput, type ProfileField } from "./schema.ts";
import { updateProfile, type ProfileRow } from "./store.ts";

const relationshipUpdated = defineEvent(
  "relationship.updated",
  "A member changed the couple's profile",
  z.strictObject({ fields: z.array(profileFieldSchema).min(1) }),
);

const get = defineQuery({
  name: "membership.get",
  summary: "The relationship's profile, its members, and what I may do now",
  input: z.strictObject({}),
  output: profileOutput,
  cacheable: true,
  run: (ctx) => readProfile(ctx),
});

const updateProfileCommand = defineCommand({
  name: "membership.update_profile",
  summary: "Change the couple's type, dates or home time zone: what is absent stays, null clears a date",
  capability: "profile",
  input: updateProfileInput,
  output: profileOutput,
  events: [relationshipUpdated],
  run(ctx, input) {
    if (typeof input.startDate === "string" && input.startDate > ctx.today) {
      throw new AppError("invalid_input", "The start date is in your future", {
        issues: [{ path: "startDate", message: "Must not be in your future" }],
      });
    }
    const before = rowOf(ctx.relationship);
    const after: ProfileRow = {
      relationshipType: input.relationshipType ?? before.relationshipType,
      startDate: input.startDate === undefined ? before.startDate : input.startDate,
      anniversaryDate: input.anniversaryDate === undefined ? before.anniversaryDate : input.anniversaryDate,
      homeTimezone: input.homeTimezone ?? before.homeTimezone,
    };
    const fields = profileFieldSchema.options.filter((field: ProfileField) => before[field] !== after[field]);
    if (fields.length > 0) {
      updateProfile(ctx.sql, after);
      ctx.relationshipChanged();
      ctx.emit(relationshipUpdated, { fields });
    }
    return readProfile(ctx);
  },
});

function rowOf({ type, startDate, anniversaryDate, homeTimezone }: Relationship): ProfileRow {
  return { relationshipType: type, startDate, anniversaryDate, homeTimezone };
}

export const operations = [get, updateProfileCommand];
