import * as z from "zod";
import * as pairing from "../../pairing/schema.ts";
import * as answers from "./answers.ts";
import { ok, PUBLIC_ERRORS, said, SESSION_ERRORS, type Part, type RouteDoc } from "./route-doc.ts";

const invitation = (path: string, part: Part): RouteDoc => {
  return { method: "post", tag: "pairing", path: `/api/invitations${path}`, ...part };
};
/** A move of one's own invitation. */
const move = (
  name: string,
  summary: string,
  answer: z.ZodType,
  body: z.ZodType = pairing.emptyBodySchema,
): RouteDoc => {
  return invitation(`/{id}/${name}`, {
    operationId: `invitation.${name}`,
    summary,
    session: true,
    body,
    answers: [ok(answer)],
    errors: [...SESSION_ERRORS, 404, 409, 410],
  });
};

export const invitations: readonly RouteDoc[] = [
  invitation("/preview", {
    operationId: "previewInvitation",
    summary: "Who asks, and until when; needs no account",
    session: false,
    body: pairing.tokenBodySchema,
    answers: [
      ok(z.strictObject({ invitation: pairing.invitationPreviewSchema }), "The invitation as a stranger sees it"),
    ],
    errors: [...PUBLIC_ERRORS, 404, 410],
  }),
  invitation("/decline", {
    operationId: "declineInvitation",
    summary: "Say no; needs no account",
    session: false,
    body: pairing.tokenBodySchema,
    answers: [said("declined", "Declined")],
    errors: [...PUBLIC_ERRORS, 404, 410],
  }),
  {
    ...invitation("", {
      operationId: "listInvitations",
      summary: "Invitations that I sent, and those that wait for my answer",
      session: true,
      answers: [ok(answers.invitationsAnswer, "Newest first")],
      errors: [401],
    }),
    method: "get",
  },
  invitation("", {
    operationId: "invite",
    summary: "Invite a partner: one secret as link, QR code and six digits, shown now and never again",
    session: true,
    body: pairing.createInvitationSchema,
    answers: [ok(pairing.issuedInvitationSchema, "Made", 201)],
    errors: [...SESSION_ERRORS, 409],
  }),
  invitation("/accept", {
    operationId: "acceptInvitation",
    summary:
      "Join with the link's token at once, or with the six digits as soon as the inviter confirms, as whom they left does",
    session: true,
    body: pairing.acceptBodySchema,
    answers: [
      ok(pairing.acceptanceSchema, "Joined"),
      ok(pairing.acceptanceSchema, "The inviter has to confirm the name", 202),
    ],
    errors: [...SESSION_ERRORS, 404, 409, 410],
  }),
  move("resend", "Mail the invitation again, with a new secret", pairing.issuedInvitationSchema),
  move("new-code", "Six new digits; the old ones are worth nothing", answers.newCodeAnswer),
  move("revoke", "Withdraw it in all three forms", answers.sentInvitationAnswer),
  move("reject", "This is not the person whom I meant", answers.sentInvitationAnswer),
  move("confirm", "This is the person whom I meant", answers.joinedAnswer, pairing.confirmBodySchema),
];

export const relationships: readonly RouteDoc[] = [
  {
    method: "get",
    path: "/api/relationships",
    operationId: "pairing",
    tag: "pairing",
    summary: "My live relationship, parted ones that I can still read, and invitations that wait for my answer",
    session: true,
    answers: [ok(answers.pairingAnswer, "What a start screen needs")],
    errors: [401],
  },
  {
    method: "post",
    path: "/api/relationships",
    operationId: "openRelationship",
    tag: "pairing",
    summary: "My live relationship; whoever has none gets one in which they are alone",
    session: true,
    body: pairing.emptyBodySchema,
    answers: [ok(answers.relationshipAnswer, "It was there"), ok(answers.relationshipAnswer, "Made", 201)],
    errors: [...SESSION_ERRORS, 409],
  },
  {
    method: "post",
    path: "/api/relationships/{id}/reunion",
    operationId: "voteForReunion",
    tag: "pairing",
    summary: "I want the parted space back; it opens again only when both do. Saying so again answers the same",
    session: true,
    body: pairing.emptyBodySchema,
    answers: [ok(pairing.reunionSchema, "Waiting for the other, or both are back")],
    errors: [...SESSION_ERRORS, 404, 409],
  },
  {
    method: "delete",
    path: "/api/relationships/{id}/reunion",
    operationId: "withdrawReunion",
    tag: "pairing",
    summary: "I no longer want the parted space back",
    session: true,
    answers: [said("withdrawn", "Withdrawn, also when there was nothing to withdraw")],
    errors: [401, 403, 404, 429],
  },
  {
    method: "post",
    path: "/api/relationships/{id}/tickets",
    operationId: "socketTicket",
    tag: "live",
    summary: "A ticket that opens one socket within a minute",
    session: true,
    answers: [ok(answers.ticketAnswer, "The ticket", 201)],
    errors: [401, 403, 404, 429],
  },
  {
    method: "get",
    path: "/api/relationships/{id}/socket",
    operationId: "socket",
    tag: "live",
    summary:
      "The WebSocket. Offer the subprotocols bt.v1 and ticket.<value> or resume.<value>; frames are in /asyncapi.json",
    session: false,
    query: answers.socketQuery,
    answers: [{ status: 101, description: "The socket is open; the first frame is `ready`" }],
    errors: [400, 401, 403, 404, 429],
  },
];
