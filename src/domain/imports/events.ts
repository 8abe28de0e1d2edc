import * as z from "zod";
import { defineEvent } from "../events.ts";
import { importKindSchema } from "./schema.ts";

const data = z.strictObject({
  kind: importKindSchema,
  /** Of those that the reader of the event can see. */
  rows: z.int(),
});

export const importAdded = defineEvent("import.added", "A member brought in what they had kept elsewhere", data);
export const importUndone = defineEvent("import.undone", "A member took back what they had imported", data);
