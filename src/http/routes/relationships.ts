import { Hono } from "hono";
import { openRelationship, readPairing } from "../../pairing/relationships.ts";
import { voteForReunion, withdrawVote } from "../../pairing/reunion.ts";
import { emptyBodySchema } from "../../pairing/schema.ts";
import type { AppEnv } from "../app-env.ts";
import { rateLimit, sessionUserKey } from "../middleware/rate-limit.ts";
import { requireSession } from "../middleware/session.ts";
import { parseBody } from "../middleware/validate.ts";
import { requireRelationshipId } from "./operations.ts";

/** The directory: in which relationship somebody is, the one they get on first use, and the way back into a parted one. */
export const relationships = new Hono<AppEnv>()
  .get("/", requireSession, async (c) => c.json(await readPairing(c.env, c.var.session, c.var.now)))
  .post("/", requireSession, rateLimit("RATE_INVITATIONS", sessionUserKey), async (c) => {
    await parseBody(c, emptyBodySchema);
    const { relationship, created } = await openRelationship(c.env, c.var.session, c.var.now);
    return c.json({ relationship }, created ? 201 : 200);
  })
  .post("/:id/reunion", requireSession, rateLimit("RATE_INVITATIONS", sessionUserKey), async (c) => {
    const id = requireRelationshipId(c.req.param("id"));
    await parseBody(c, emptyBodySchema);
    return c.json(await voteForReunion(c.env, id, c.var.session.userId, c.var.now));
  })
  .delete("/:id/reunion", requireSession, rateLimit("RATE_INVITATIONS", sessionUserKey), async (c) => {
    const id = requireRelationshipId(c.req.param("id"));
    await withdrawVote(c.env, id, c.var.session.userId);
    return c.json({ status: "withdrawn" });
  });
