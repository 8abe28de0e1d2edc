import * as z from "zod";
import { dateSchema } from "../calendar.ts";
import { defineEvent } from "../events.ts";

export const checkinSubmitted = defineEvent(
  "checkin.submitted",
  "A member checked in for a date, or edited that check-in",
  z.strictObject({
    date: dateSchema,
    isNew: z.boolean(),
    lateDays: z.int().nonnegative(),
    /** True once for each date: when the second of the two checked in. */
    completesDay: z.boolean(),
  }),
);

export const checkinShared = defineEvent(
  "checkin.shared",
  "A member showed the partner a check-in from a time alone",
  z.strictObject({
    date: dateSchema,
    lateDays: z.int().nonnegative(),
    withNotes: z.boolean(),
    /** Whether the partner has checked in for that date too. */
    completesDay: z.boolean(),
  }),
);

export const streaksHidden = defineEvent(
  "checkin.streaks_hidden",
  "A member asked to be shown streaks no longer, or again",
  z.strictObject({ hidden: z.boolean() }),
  { counted: false },
);
