import * as z from "zod";
import { defineEvent } from "../events.ts";
import { photoTypeSchema } from "./schema.ts";

const photoFacts = z.strictObject({ contentType: photoTypeSchema, sizeBytes: z.int() });

export const photoStored = defineEvent("photo.stored", "The bytes of a member's photo have arrived", photoFacts);
export const photoShared = defineEvent("photo.shared", "A member shared a photo that was private", photoFacts);
export const photoUpdated = defineEvent(
  "photo.updated",
  "A photo has another caption, or no longer belongs to anything",
  z.strictObject({ fields: z.array(z.string()), version: z.int() }),
);
export const photoDeleted = defineEvent("photo.deleted", "A photo is deleted", z.strictObject({}));
