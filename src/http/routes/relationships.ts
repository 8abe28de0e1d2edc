import { Hono } from "hono";
import { openRelationship, readPairing } from "../../pairing/relationships.ts";
import { emptyBodySchema } from "../../pairing/schema.ts";
import type { AppEnv } from "../app-env.ts";
import { rateLimit, sessionUserKey } from "../middleware/rate-limit.ts";
import { requireSession } from "../middleware/session.ts";
import { parseBody } from "../middleware/validate.ts";

/** The directory: in which relationship somebody is, and the one they get on first use. */
export const relationships = new Hono<AppEnv>()
  .get("/", requireSession, async (c) => c.json(await readPairing(c.env.DB, c.var.session, c.var.now)))
  .post("/", requireSession, rateLimit("RATE_INVITATIONS", sessionUserKey), async (c) => {
    await parseBody(c, emptyBodySchema);
    const { relationship, created } = await openRelationship(c.env, c.var.session, c.var.now);
    return c.json({ relationship }, created ? 201 : 200);
  });
