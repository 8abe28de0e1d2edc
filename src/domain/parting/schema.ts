import * as z from "zod";

export const helpSchema = z
  .array(z.strictObject({ topic: z.string(), text: z.string(), url: z.string() }))
  .describe("Where help can be found, the same for everybody who leaves");

export const partingOutput = z.strictObject({
  frozenAt: z.int().describe("Epoch milliseconds"),
  endsAt: z.int().describe("When the space ends and each part moves to its owner (epoch milliseconds)"),
  myChoice: z.enum(["keep", "decline", "purged"]),
});

export const leaveOutput = z.strictObject({
  status: z.literal("frozen"),
  frozenAt: z.int(),
  endsAt: z.int(),
  help: helpSchema,
});

export const purgeInput = z.strictObject({
  confirm: z.literal("delete my part").describe("Written out, since nothing brings it back"),
});

export const choiceInput = z.strictObject({
  choice: z
    .enum(["keep", "decline"])
    .describe("Whether my part moves into a space of my own at the end, or is destroyed with this one"),
});
