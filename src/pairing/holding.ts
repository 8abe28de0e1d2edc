import { isConstraintFailure } from "../db/failures.ts";
import type { InvitationRow } from "../db/invitations.ts";
import { holdForConfirmationStatement, requireHeldStatement, type HeldBy } from "../db/invitation-moves.ts";
import { config } from "../lib/config.ts";
import { deliverMailSoon } from "../mail/delivery.ts";
import { enqueueMail } from "../mail/outbox.ts";
import { confirmPartnerMail } from "../mail/templates.ts";
import { AppError } from "../protocol/errors.ts";
import { requirePerson } from "./accept.ts";
import { noSuchInvitation, requireUnpaired } from "./refusals.ts";
import type { Acceptance } from "./schema.ts";

/**
 * `userId` waits until the inviter has seen their name and said yes or no; the inviter is written to once for each
 * secret. Holding again answers the same.
 * @throws AppError `already_paired`; `not_found` when somebody else waits, as for a secret that is worth nothing
 */
export async function hold(
  env: Env,
  invitation: InvitationRow,
  by: HeldBy,
  userId: string,
  now: number,
): Promise<Acceptance> {
  if (invitation.provisional_user_id !== userId) await ask(env, invitation, by, userId, now);
  return {
    status: "awaiting_confirmation",
    invitation: { id: invitation.id, inviterName: invitation.inviter_name, expiresAt: invitation.expires_at },
  };
}

/** Asks the inviter. */
async function ask(env: Env, invitation: InvitationRow, by: HeldBy, userId: string, now: number): Promise<void> {
  const accepter = await requirePerson(env.DB, userId);
  requireUnpaired(accepter);
  const content = confirmPartnerMail({
    inviterName: invitation.inviter_name,
    accepterName: accepter.display_name,
    link: new URL("/invitation", config(env).APP_URL).href,
    by: "codeHmac" in by ? "code" : "link",
  });
  const secret = "codeHmac" in by ? by.codeHmac : by.tokenHash;
  const mail = {
    // A secret asks once for each person, so a request sent twice asks once.
    idempotencyKey: `confirm_partner:${invitation.id}:${userId}:${secret.slice(0, 16)}`,
    recipientUserId: invitation.inviter_user_id,
    recipientEmail: invitation.inviter_email,
    causedByUserId: userId,
    content,
  };
  try {
    await env.DB.batch([
      holdForConfirmationStatement(env.DB, invitation.id, by, userId, now),
      requireHeldStatement(env.DB, invitation.id, userId),
      enqueueMail(env.DB, mail, now),
    ]);
  } catch (error) {
    if (!isConstraintFailure(error)) throw error;
    if ("tokenHash" in by) throw noSuchInvitation();
    throw new AppError("not_found", "This code is not valid", { reason: "wrong_code" });
  }
  deliverMailSoon(env, now);
}
