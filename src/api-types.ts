import type * as z from "zod";
import type { emailOnlySchema, resetPasswordSchema, signInSchema, signUpSchema } from "./auth/input.ts";
import type * as answers from "./http/openapi/answers.ts";

/**
 * Requests and answers of the routes outside the registry, derived from the schemas that check them. Apart from
 * `types.ts` so that a page's program, which knows no bindings, can have them.
 */

export type SignUpRequest = z.input<typeof signUpSchema>;
export type SignInRequest = z.input<typeof signInSchema>;
export type EmailRequest = z.input<typeof emailOnlySchema>;
export type ResetPasswordRequest = z.input<typeof resetPasswordSchema>;
export type { ProfileChange } from "./auth/input.ts";

export type SignedIn = z.output<typeof answers.signedInAnswer>;
export type Profile = z.output<typeof answers.profileAnswer>["user"];
export type OwnSession = z.output<typeof answers.sessionsAnswer>["sessions"][number];
export type Pairing = z.output<typeof answers.pairingAnswer>;
export type Invitations = z.output<typeof answers.invitationsAnswer>;
export type SocketTicket = z.output<typeof answers.ticketAnswer>;
export type DemoCouple = z.output<typeof answers.demoCoupleAnswer>;

export type {
  Acceptance,
  AcceptInput,
  CreateInvitationInput,
  InvitationPreview,
  IssuedInvitation,
  ReceivedInvitation,
  Parted,
  RelationshipSummary,
  Reunion,
  SentInvitation,
} from "./pairing/schema.ts";
