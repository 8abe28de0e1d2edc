import type { Context } from "hono";
import { Hono } from "hono";
import { confirmAccepter, enterCode } from "../../pairing/code-entry.ts";
import {
  declineInvitation,
  listSent,
  previewInvitation,
  rejectAccepter,
  revokeInvitation,
} from "../../pairing/invitations.ts";
import { createInvitation, renewCode, resendInvitation } from "../../pairing/issue.ts";
import { enterLink } from "../../pairing/link-entry.ts";
import { readPairing } from "../../pairing/relationships.ts";
import {
  acceptBodySchema,
  confirmBodySchema,
  createInvitationSchema,
  emptyBodySchema,
  invitationParamsSchema,
  tokenBodySchema,
} from "../../pairing/schema.ts";
import { AppError } from "../../protocol/errors.ts";
import type { AppEnv } from "../app-env.ts";
import { addressKey, rateLimit, sessionUserKey } from "../middleware/rate-limit.ts";
import { requireSession } from "../middleware/session.ts";
import { parseBody } from "../middleware/validate.ts";

const limitedByAddress = rateLimit("RATE_INVITATIONS", addressKey);
const limitedByPerson = rateLimit("RATE_INVITATIONS", sessionUserKey);

/** Two people find each other. Whoever invites or accepts is signed in, hence confirmed; saying no needs no account. */
export const invitations = new Hono<AppEnv>()
  .post("/preview", limitedByAddress, async (c) => {
    const { token } = await parseBody(c, tokenBodySchema);
    return c.json({ invitation: await previewInvitation(c.env.DB, token, c.var.now) });
  })
  .post("/decline", limitedByAddress, async (c) => {
    const { token } = await parseBody(c, tokenBodySchema);
    await declineInvitation(c.env, token, c.var.now);
    return c.json({ status: "declined" });
  })
  .get("/", requireSession, async (c) => {
    const { session, now } = c.var;
    const sent = await listSent(c.env.DB, session.userId, now);
    const { invitations: received } = await readPairing(c.env, session, now);
    return c.json({ sent, received });
  })
  .post("/", requireSession, limitedByPerson, async (c) => {
    const input = await parseBody(c, createInvitationSchema);
    return c.json(await createInvitation(c.env, c.var.session, input, c.var.now), 201);
  })
  .post("/accept", requireSession, limitedByPerson, async (c) => {
    const input = await parseBody(c, acceptBodySchema);
    const { userId } = c.var.session;
    const acceptance =
      "token" in input
        ? await enterLink(c.env, userId, input.token, c.var.now)
        : await enterCode(c.env, userId, input.code, addressKey(c), c.var.now);
    return c.json(acceptance, acceptance.status === "accepted" ? 200 : 202);
  })
  .post("/:id/resend", requireSession, limitedByPerson, async (c) => {
    const id = await requireInvitationId(c);
    return c.json(await resendInvitation(c.env, c.var.session.userId, id, c.var.now));
  })
  .post("/:id/new-code", requireSession, limitedByPerson, async (c) => {
    const id = await requireInvitationId(c);
    return c.json(await renewCode(c.env, c.var.session.userId, id, c.var.now));
  })
  .post("/:id/revoke", requireSession, limitedByPerson, async (c) => {
    const id = await requireInvitationId(c);
    return c.json({ invitation: await revokeInvitation(c.env, c.var.session.userId, id, c.var.now) });
  })
  .post("/:id/reject", requireSession, limitedByPerson, async (c) => {
    const id = await requireInvitationId(c);
    return c.json({ invitation: await rejectAccepter(c.env, c.var.session.userId, id, c.var.now) });
  })
  .post("/:id/confirm", requireSession, limitedByPerson, async (c) => {
    const id = requireId(c);
    const { userId: expected } = await parseBody(c, confirmBodySchema);
    const relationship = await confirmAccepter(c.env, c.var.session.userId, id, expected, c.var.now);
    return c.json({ status: "accepted", relationship });
  });

/** For routes whose body must be empty. */
async function requireInvitationId(c: Context<AppEnv>): Promise<string> {
  const id = requireId(c);
  await parseBody(c, emptyBodySchema);
  return id;
}

/** What cannot be an id is nobody's invitation. @throws AppError `not_found` */
function requireId(c: Context<AppEnv>): string {
  const parsed = invitationParamsSchema.safeParse({ id: c.req.param("id") });
  if (!parsed.success) throw new AppError("not_found", "No such invitation");
  return parsed.data.id;
}
