import * as z from "zod";
import { dateSchema } from "../calendar.ts";
import { defineEvent } from "../events.ts";
import { goalStatusSchema, goalTypeSchema } from "./schema.ts";

/** Numbers of days from here on change with the event; null when none of earlier days do. */
const since = dateSchema.nullable();

export const goalCreated = defineEvent(
  "goal.created",
  "A member set a goal, or shared one that they had set for themselves",
  z.strictObject({ type: goalTypeSchema, targetCount: z.int(), since }),
);

export const goalUpdated = defineEvent(
  "goal.updated",
  "A member changed a goal",
  z.strictObject({
    fields: z.array(z.string()),
    version: z.int(),
    /** The day on which it was due before. */
    dueBefore: z.string().nullable(),
  }),
);

export const goalStatusChanged = defineEvent(
  "goal.status_changed",
  "A goal was paused, taken up again, reopened or cancelled",
  z.strictObject({ from: goalStatusSchema, to: goalStatusSchema, since }),
);

export const goalProgressed = defineEvent(
  "goal.progressed",
  "A member moved a goal forward or back",
  z.strictObject({ delta: z.int(), progress: z.int() }),
);

export const goalCompleted = defineEvent(
  "goal.completed",
  "A goal was reached",
  z.strictObject({ progress: z.int(), since }),
);
