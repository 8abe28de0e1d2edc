import * as z from "zod";
import { defineEvent } from "../events.ts";

export const achievementEarned = defineEvent(
  "achievement.earned",
  "The couple earned an achievement and its points",
  z.strictObject({ achievementId: z.string(), points: z.int() }),
);

export const achievementDropped = defineEvent(
  "achievement.dropped",
  "An achievement that a member earned alone does not hold for the couple; it can be earned again together",
  z.strictObject({ achievementId: z.string(), points: z.int() }),
  { counted: false },
);
