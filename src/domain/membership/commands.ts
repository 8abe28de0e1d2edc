import * as z from "zod";
import { AppError } from "../../protocol/errors.ts";
import { editConflict } from "../blind-edits.ts";
import { defineCommand, defineQuery } from "../command.ts";
import { planMilestones } from "../dates/milestone-job.ts";
import { defineEvent } from "../events.ts";
import type { Relationship } from "../couple.ts";
import type { MemberContext } from "../context.ts";
import { requireStatusMove } from "../parting/rules.ts";
import { STATUS_REPORT } from "../parting/schedule-kinds.ts";
import { beginPause, endPause } from "./pauses.ts";
import { updateStatus } from "./state-store.ts";
import { readProfile } from "./profile.ts";
import { profileFieldSchema, profileOutput, updateProfileInput, type ProfileField } from "./schema.ts";
import { updateProfile, type ProfileRow } from "./store.ts";

const relationshipUpdated = defineEvent(
  "relationship.updated",
  "A member changed the couple's profile",
  z.strictObject({ fields: z.array(profileFieldSchema).min(1) }),
);

const relationshipPaused = defineEvent(
  "relationship.paused",
  "A member lets time stand still for both",
  z.strictObject({}),
);
const relationshipResumed = defineEvent(
  "relationship.resumed",
  "A member lets time go on",
  z.strictObject({ pausedDays: z.int() }),
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
    if (input.version !== ctx.relationship.profileVersion) throw editConflict(readProfile(ctx).relationship);
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
      if (fields.includes("startDate") || fields.includes("homeTimezone")) planMilestones(ctx);
      ctx.emit(relationshipUpdated, { fields });
    }
    return readProfile(ctx);
  },
});

const pause = defineCommand({
  name: "membership.pause",
  summary: "Let time stand still: streaks, reminders and deadlines wait, without anybody's consent and without loss",
  capability: "pause",
  input: z.strictObject({}),
  output: profileOutput,
  events: [relationshipPaused],
  run(ctx) {
    moveStatus(ctx, "pause");
    beginPause(ctx, ctx.me.userId);
    ctx.emit(relationshipPaused, {});
    return readProfile(ctx);
  },
});

const resume = defineCommand({
  name: "membership.resume",
  summary: "Let time go on: target dates move by as many days as were paused",
  capability: "resume",
  input: z.strictObject({}),
  output: profileOutput,
  events: [relationshipResumed],
  run(ctx) {
    moveStatus(ctx, "resume");
    const pausedDays = endPause(ctx);
    ctx.emit(relationshipResumed, { pausedDays });
    return readProfile(ctx);
  },
});

/** What the object decides by itself; the directory is told when it can be reached. */
function moveStatus(ctx: MemberContext, move: "pause" | "resume"): void {
  const status = requireStatusMove(move, ctx.relationship.status);
  updateStatus(ctx.sql, status, ctx.relationship.statusVersion + 1);
  ctx.relationshipChanged();
  ctx.schedule(STATUS_REPORT, "", ctx.now);
}

function rowOf({ type, startDate, anniversaryDate, homeTimezone }: Relationship): ProfileRow {
  return { relationshipType: type, startDate, anniversaryDate, homeTimezone };
}

export const operations = [get, updateProfileCommand, pause, resume];
