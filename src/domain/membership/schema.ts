import * as z from "zod";
import { dateSchema, timezoneSchema } from "../calendar.ts";
import { editInput } from "../edits.ts";
import { partingOutput } from "../parting/schema.ts";
import { RELATIONSHIP_STATUSES, STATE_CAPABILITIES } from "./rules.ts";

export const RELATIONSHIP_TYPES = ["dating", "engaged", "married", "partnership"] as const;

const CAPABILITIES = [...new Set(Object.values(STATE_CAPABILITIES).flat())];

export const relationshipSchema = z.strictObject({
  id: z.string(),
  status: z.enum(RELATIONSHIP_STATUSES),
  type: z.enum(RELATIONSHIP_TYPES),
  startDate: dateSchema.nullable(),
  anniversaryDate: dateSchema.nullable(),
  homeTimezone: z.string().describe("The zone whose calendar labels the couple's days"),
  version: z.int().positive().describe("Of type, dates and home zone; an edit names the one that it began from"),
  createdAt: z.int(),
});

export const memberSchema = z.strictObject({
  userId: z.string(),
  displayName: z.string(),
  timezone: z.string(),
  slot: z.int().min(1).max(2),
  joinedAt: z.int(),
});

export const profileOutput = z.strictObject({
  relationship: relationshipSchema,
  members: z.array(memberSchema),
  mySlot: z.int().min(1).max(2),
  capabilities: z.array(z.enum(CAPABILITIES)).describe("What I may do now"),
  parting: partingOutput.nullable().describe("What waits at the end of a parted space; null otherwise"),
});

export type Profile = z.output<typeof profileOutput>;

export const updateProfileInput = z
  .strictObject({
    version: editInput.version,
    relationshipType: z.enum(RELATIONSHIP_TYPES).optional(),
    startDate: dateSchema.nullable().optional().describe("The first day together; null clears it"),
    anniversaryDate: dateSchema.nullable().optional(),
    homeTimezone: timezoneSchema.optional(),
  })
  .refine(
    ({ version: _version, ...input }) => Object.values(input).some((value) => value !== undefined),
    "Send at least one of relationshipType, startDate, anniversaryDate, homeTimezone",
  );

/** The profile's fields by their public names. */
export const profileFieldSchema = z.enum(["relationshipType", "startDate", "anniversaryDate", "homeTimezone"]);
export type ProfileField = z.output<typeof profileFieldSchema>;
