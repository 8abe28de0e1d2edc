import type { MemberContext } from "../context.ts";
import { jointVisibility } from "../visibility.ts";
import { defaultRepeats, requireEvery } from "./rules.ts";
import type { AddInput } from "./schema.ts";
import type { ImportantDateRow } from "./store.ts";

/** A date that is added now. @throws AppError `invalid_input` for a number of something that is not counted */
export function newDate(ctx: MemberContext, input: AddInput): ImportantDateRow {
  const repeats = input.repeats ?? defaultRepeats(input.type);
  return {
    id: ctx.newId("date"),
    name: input.name,
    type: input.type,
    date: input.date,
    description: input.description ?? null,
    repeats,
    every: requireEvery(repeats, input.every),
    leapDay: input.leapDay,
    reminderDaysBefore: input.reminderDaysBefore,
    authorId: ctx.me.userId,
    formerAuthor: 0,
    visibility: jointVisibility(ctx, input.private),
    version: 1,
    textVersions: "{}",
    createdAt: ctx.now,
    updatedAt: ctx.now,
  };
}
