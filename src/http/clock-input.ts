import * as z from "zod";
import { relationshipIdSchema } from "../protocol/ids.ts";
import { DAY_MS } from "../protocol/limits.ts";

const AHEAD_MAX_MS = 10 * 366 * DAY_MS;

/** What turns the clock of a development server. */
export const clockSchema = z.strictObject({
  aheadMs: z.int().min(0).max(AHEAD_MAX_MS).describe("How far ahead of the real time the server lives from now on"),
  wake: z
    .array(relationshipIdSchema)
    .max(100)
    .default([])
    .describe("Objects that look at their alarms anew: what became due by the jump runs at once"),
});

export const clockAnswer = z.strictObject({ now: z.int().describe("Epoch milliseconds on the server's clock") });
