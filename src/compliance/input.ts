import * as z from "zod";

/** What the routes about one's own data accept and answer. */

/** A word that no client sends by mistake. */
export const eraseAccountSchema = z.strictObject({ confirm: z.literal("erase") });

export const certificateSchema = z.strictObject({
  requestedAt: z.int().describe("Epoch milliseconds"),
  finishedAt: z.int().nullable().describe("Null while something is left to do; it goes on by itself"),
  steps: z.array(z.strictObject({ step: z.string(), at: z.int() })),
});

export const eraseAccountAnswer = z.strictObject({
  status: z.enum(["erased", "erasing"]),
  certificate: certificateSchema,
});
