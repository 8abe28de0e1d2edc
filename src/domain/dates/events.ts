import * as z from "zod";
import { defineEvent } from "../events.ts";
import { dateTypeSchema } from "./schema.ts";

export const dateAdded = defineEvent(
  "date.added",
  "A member added an important date, or shared one that was added before",
  z.strictObject({ type: dateTypeSchema, date: z.string() }),
);

export const dateUpdated = defineEvent(
  "date.updated",
  "A member changed an important date",
  z.strictObject({ fields: z.array(z.string()), version: z.int() }),
);

export const dateRemoved = defineEvent("date.removed", "A member removed an important date", z.strictObject({}));

export const milestoneReached = defineEvent(
  "milestone.reached",
  "The couple's day count or a year since the start date",
  z.strictObject({ date: z.string(), days: z.int(), years: z.int().nullable() }),
  { counted: false },
);

export const feedChanged = defineEvent(
  "calendar_feed.changed",
  "A member's calendar address was made, replaced or revoked; goes to all devices of that member",
  z.strictObject({ active: z.boolean() }),
  { counted: false },
);
