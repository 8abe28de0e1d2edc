import { hasLeft } from "../db/partings.ts";
import { accept } from "./accept.ts";
import { hold } from "./holding.ts";
import { requireByToken } from "./invitations.ts";
import { requirePending } from "./refusals.ts";
import type { Acceptance } from "./schema.ts";

/**
 * Whoever holds the link joins, without anybody's further word: unless the inviter has left them. A link that was meant
 * for somebody else is no yes to whom the inviter parted from, so that they wait for one, as with a code. Whoever has
 * left the inviter joins: accepting is their own choice.
 * @throws AppError as `accept` and `hold` do
 */
export async function enterLink(env: Env, accepterId: string, token: string, now: number): Promise<Acceptance> {
  const invitation = await requireByToken(env.DB, token);
  const { token_hash: tokenHash, inviter_user_id: inviterId } = invitation;
  // Asked again inside the batch of the acceptance.
  if (invitation.status === "pending" && (await hasLeft(env.DB, inviterId, accepterId))) {
    requirePending(invitation, now);
    return hold(env, invitation, { tokenHash }, accepterId, now);
  }
  return { status: "accepted", relationship: await accept(env, invitation, accepterId, { tokenHash }, now) };
}
