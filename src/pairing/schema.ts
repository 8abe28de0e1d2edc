import * as z from "zod";
import { idSchema } from "../protocol/ids.ts";
import { text } from "../protocol/text.ts";

const tokenSchema = z.string().regex(/^[A-Za-z0-9_-]{22,64}$/, "Expected the token of an invitation");
const codeSchema = z.string().regex(/^\d{6}$/, "Expected six digits");
const instantSchema = z.int().nonnegative();

export const emptyBodySchema = z.strictObject({});
export const invitationParamsSchema = z.strictObject({ id: idSchema("invitation") });
export const createInvitationSchema = z.strictObject({
  /** Without an address nothing is mailed: the inviter passes the link, the QR code or the six digits on. */
  inviteeEmail: z.email("Expected an e-mail address").max(254, "At most 254 characters").toLowerCase().optional(),
  message: text(500).optional(),
});
export const tokenBodySchema = z.strictObject({ token: tokenSchema });
export const acceptBodySchema = z.union([tokenBodySchema, z.strictObject({ code: codeSchema })], {
  error: "Expected either a token or a code",
});
/** `userId` makes sure that the inviter confirms the person whose name they saw. */
export const confirmBodySchema = z.strictObject({ userId: z.string().min(1).max(64).optional() });

export const relationshipSummarySchema = z.strictObject({
  id: idSchema("relationship"),
  status: z.enum(["solo", "active", "paused", "frozen", "ended"]),
  version: z.int(),
  relationshipType: z.enum(["dating", "engaged", "married", "partnership"]),
  startDate: z.string().nullable(),
  anniversaryDate: z.string().nullable(),
  homeTimezone: z.string(),
  createdAt: instantSchema,
  members: z.array(
    z.strictObject({
      userId: z.string(),
      slot: z.union([z.literal(1), z.literal(2)]),
      name: z.string(),
      timezone: z.string(),
      joinedAt: instantSchema,
      isMe: z.boolean(),
    }),
  ),
});

/** A space that both can still read. Who left, and what the other wants, is not told. */
export const partedSchema = z.strictObject({
  id: idSchema("relationship"),
  frozenAt: instantSchema,
  endsAt: instantSchema,
  /** Whether I have said that I want it back. */
  myVote: z.boolean(),
});

export const reunionSchema = z.discriminatedUnion("status", [
  z.strictObject({ status: z.literal("waiting") }),
  z.strictObject({ status: z.literal("reunited"), relationship: relationshipSummarySchema }),
]);

/** An invitation as the invited person sees it. */
export const receivedInvitationSchema = z.strictObject({
  id: idSchema("invitation"),
  inviterName: z.string(),
  message: z.string().nullable(),
  expiresAt: instantSchema,
  state: z.enum(["pending", "awaiting_confirmation"]),
});

/** An invitation as its inviter sees it; never with a secret. */
export const sentInvitationSchema = z.strictObject({
  id: idSchema("invitation"),
  status: z.enum(["pending", "accepted", "declined", "expired", "revoked"]),
  inviteeEmail: z.string().nullable(),
  message: z.string().nullable(),
  createdAt: instantSchema,
  expiresAt: instantSchema,
  codeExpiresAt: instantSchema.nullable(),
  /** Who typed the code and waits for a yes or no. */
  awaitingConfirmation: z.strictObject({ userId: z.string(), name: z.string(), since: instantSchema }).nullable(),
});

/** The secret in all its forms. It is shown now and never again. */
export const issuedInvitationSchema = z.strictObject({
  invitation: sentInvitationSchema,
  token: tokenSchema,
  link: z.url(),
  qrContent: z.url(),
  code: codeSchema,
  codeExpiresAt: instantSchema,
});

export const invitationPreviewSchema = z.strictObject({ inviterName: z.string(), expiresAt: instantSchema });

export const acceptanceSchema = z.discriminatedUnion("status", [
  z.strictObject({ status: z.literal("accepted"), relationship: relationshipSummarySchema }),
  z.strictObject({
    status: z.literal("awaiting_confirmation"),
    invitation: z.strictObject({ id: idSchema("invitation"), inviterName: z.string(), expiresAt: instantSchema }),
  }),
]);

export type RelationshipSummary = z.infer<typeof relationshipSummarySchema>;
export type Parted = z.infer<typeof partedSchema>;
export type Reunion = z.infer<typeof reunionSchema>;
export type ReceivedInvitation = z.infer<typeof receivedInvitationSchema>;
export type SentInvitation = z.infer<typeof sentInvitationSchema>;
export type IssuedInvitation = z.infer<typeof issuedInvitationSchema>;
export type InvitationPreview = z.infer<typeof invitationPreviewSchema>;
export type Acceptance = z.infer<typeof acceptanceSchema>;
export type CreateInvitationInput = z.infer<typeof createInvitationSchema>;
export type AcceptInput = z.infer<typeof acceptBodySchema>;
