import * as z from "zod";
import {
  partedSchema,
  receivedInvitationSchema,
  relationshipSummarySchema,
  sentInvitationSchema,
} from "../../pairing/schema.ts";
import { SOCKET_PROTOCOL } from "../../protocol/wire.ts";

/** What the routes outside the registry answer. The reference shows these, the client is typed by them, tests hold them true. */

const epochMs = z.int().describe("Epoch milliseconds");

/** The answer of a route that only says that it did what it was asked. */
export function statusAnswer<Status extends string>(
  status: Status,
): z.ZodObject<{ status: z.ZodLiteral<Status> }, z.core.$strict> {
  return z.strictObject({ status: z.literal(status) });
}

export const signedInAnswer = z.strictObject({
  user: z.strictObject({ id: z.string(), name: z.string(), email: z.string() }),
  session: z.strictObject({ id: z.string(), expiresAt: epochMs }),
  token: z.string().optional().describe("Bearer token; absent when a cookie was set"),
});

export const profileAnswer = z.strictObject({
  user: z.strictObject({
    id: z.string(),
    email: z.string(),
    emailVerified: z.boolean(),
    name: z.string(),
    nickname: z.string().nullable(),
    profilePhotoUrl: z.string().nullable(),
    phoneNumber: z.string().nullable(),
    timezone: z.string(),
    loveLanguagePrimary: z.string().nullable(),
    loveLanguageSecondary: z.string().nullable(),
    role: z.enum(["user", "support", "finance", "admin"]),
    profileVersion: z.int(),
    createdAt: epochMs,
  }),
});

export const sessionsAnswer = z.strictObject({
  sessions: z.array(
    z.strictObject({
      id: z.string(),
      current: z.boolean(),
      createdAt: epochMs,
      lastUsedAt: epochMs,
      expiresAt: epochMs,
      deviceClass: z.string().nullable(),
      browserFamily: z.string().nullable(),
      osFamily: z.string().nullable(),
    }),
  ),
});

export const revokedOthersAnswer = z.strictObject({ status: z.literal("revoked"), ended: z.int() });

export const pairingAnswer = z.strictObject({
  relationship: relationshipSummarySchema.nullable(),
  parted: z.array(partedSchema),
  invitations: z.array(receivedInvitationSchema),
});
export const relationshipAnswer = z.strictObject({ relationship: relationshipSummarySchema });
export const joinedAnswer = z.strictObject({ status: z.literal("accepted"), relationship: relationshipSummarySchema });
export const invitationsAnswer = z.strictObject({
  sent: z.array(sentInvitationSchema),
  received: z.array(receivedInvitationSchema),
});
export const sentInvitationAnswer = z.strictObject({ invitation: sentInvitationSchema });

export const newCodeAnswer = z.strictObject({ code: z.string(), codeExpiresAt: epochMs });

export const ticketAnswer = z.strictObject({
  ticket: z.string().describe("Opens one socket, as the subprotocol `ticket.<value>`"),
  expiresAt: epochMs,
  protocol: z.literal(SOCKET_PROTOCOL),
});

/** How far the client has read; all three or none. */
export const socketQuery = z.object({
  epoch: z.int().optional(),
  couple: z.int().optional(),
  own: z.int().optional(),
});

export const healthAnswer = z.strictObject({ ok: z.literal(true), version: z.string() });
export const readyAnswer = z.strictObject({ ok: z.literal(true) });

export const notReadyAnswer = z.strictObject({ ok: z.literal(false), failing: z.array(z.string()) });

export const mailboxAnswer = z.strictObject({
  mails: z.array(
    z.strictObject({
      id: z.string(),
      kind: z.string(),
      to: z.string(),
      subject: z.string(),
      text: z.string().nullable(),
      links: z.array(z.string()),
      status: z.string(),
      createdAt: epochMs,
    }),
  ),
});

export const demoCoupleAnswer = z.strictObject({
  relationshipId: z.string().nullable().describe("Null until the demo couple was made"),
  password: z.string(),
  members: z.array(z.strictObject({ name: z.string(), email: z.string() })),
});
