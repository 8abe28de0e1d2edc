import * as z from "zod";
import { defineEvent } from "../events.ts";
import { activityTypeSchema } from "./schema.ts";

export const activityPlanned = defineEvent(
  "activity.planned",
  "A member planned an activity",
  z.strictObject({ type: activityTypeSchema, plannedDate: z.string().nullable() }),
);

export const activityUpdated = defineEvent(
  "activity.updated",
  "A member changed an activity",
  z.strictObject({
    fields: z.array(z.string()),
    version: z.int(),
    /** The day on which it was due before. */
    dueBefore: z.string().nullable(),
  }),
);

export const activityCompleted = defineEvent(
  "activity.completed",
  "An activity was done",
  z.strictObject({ type: activityTypeSchema, completedDate: z.string() }),
);

export const activityCancelled = defineEvent(
  "activity.cancelled",
  "A planned activity was cancelled",
  z.strictObject({ type: activityTypeSchema }),
);

export const activityRated = defineEvent(
  "activity.rated",
  "A member rated an activity; each member has a rating of their own",
  z.strictObject({ rating: z.int() }),
);
