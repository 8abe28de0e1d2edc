import * as z from "zod";
import { defineEvent } from "../events.ts";

const percent = z.int().min(0).max(100);

export const challengeStarted = defineEvent(
  "challenge.started",
  "A member started a challenge",
  z.strictObject({
    challengeId: z.string(),
    startDate: z.string(),
    targetDate: z.string(),
    /** The participation that this one tries again. */
    restartOf: z.string().nullable(),
  }),
);

export const challengeEntryLogged = defineEvent(
  "challenge.entry_logged",
  "A member wrote or edited an entry of a challenge",
  z.strictObject({ date: z.string(), completed: z.boolean(), isNew: z.boolean(), progress: percent }),
);

export const challengePaused = defineEvent(
  "challenge.paused",
  "A challenge pauses",
  z.strictObject({ pausedDate: z.string() }),
);

export const challengeResumed = defineEvent(
  "challenge.resumed",
  "A challenge goes on, with its target date moved by the pause",
  z.strictObject({ targetDate: z.string() }),
);

export const challengeAbandoned = defineEvent(
  "challenge.abandoned",
  "A challenge was given up",
  z.strictObject({ progress: percent }),
);

export const challengeCompleted = defineEvent(
  "challenge.completed",
  "Every member has done all of a challenge",
  z.strictObject({ challengeId: z.string(), endDate: z.string() }),
);
