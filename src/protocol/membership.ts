import * as z from "zod";

const epochMs = z.int().nonnegative();

/** The truth about who belongs to a relationship, as D1 has it when it is delivered to the object. */
export const membershipStateSchema = z.strictObject({
  relationshipId: z.string(),
  version: z.int().positive(),
  /** Grows with each change of status, whoever decides it; a status that is not newer is ignored. */
  statusVersion: z.int().positive(),
  status: z.enum(["solo", "active", "paused", "frozen", "ended"]),
  relationshipType: z.enum(["dating", "engaged", "married", "partnership"]),
  startDate: z.string().nullable(),
  anniversaryDate: z.string().nullable(),
  homeTimezone: z.string(),
  createdAt: epochMs,
  now: epochMs,
  members: z
    .array(
      z.strictObject({
        userId: z.string(),
        slot: z.union([z.literal(1), z.literal(2)]),
        displayName: z.string(),
        timezone: z.string(),
        joinedAt: epochMs,
        leftAt: epochMs.nullable(),
      }),
    )
    .min(1),
  /** Parts of other objects that this one is to take and, as far as the directory knows, has not taken yet. */
  absorbs: z.array(z.strictObject({ sourceId: z.string(), userId: z.string() })).optional(),
});

export type MembershipState = z.infer<typeof membershipStateSchema>;
