import { Hono } from "hono";
import { findRelationshipIdOfAddress } from "../../db/demo-couple.ts";
import { rebuildService } from "../../domain/insights/rebuild.ts";
import { liveAhead, now } from "../../lib/clock.ts";
import { config } from "../../lib/config.ts";
import { DEMO_EMAILS, DEMO_PASSWORD } from "../../lib/demo-couple.ts";
import { AppError } from "../../protocol/errors.ts";
import { relationshipIdSchema } from "../../protocol/ids.ts";
import { callRelationship, callService } from "../../relationship/stub.ts";
import type { AppEnv } from "../app-env.ts";
import { clockSchema } from "../clock-input.ts";
import { parseBody } from "../middleware/validate.ts";

/** /api/dev: what the pages of a development server need. In staging and production it does not exist. */
export const dev = new Hono<AppEnv>();

dev.use(async (c, next) => {
  if (config(c.env).ENVIRONMENT !== "development") throw new AppError("not_found", "No such page");
  await next();
});

dev.post("/clock", async (c) => {
  const { aheadMs, wake } = await parseBody(c, clockSchema);
  liveAhead(aheadMs);
  for (const id of wake) await callRelationship(c.env, id, (stub) => stub.ensureAlarm());
  return c.json({ now: now() });
});

/** Whether everything derived in an object still follows from its tables: the demo asks at its end. */
dev.get("/rebuild/:id", async (c) => {
  const id = relationshipIdSchema.safeParse(c.req.param("id"));
  if (!id.success) throw new AppError("not_found", "No such relationship");
  return c.json(await callService(c.env, id.data, rebuildService, { apply: false }, now()));
});

dev.get("/demo-couple", async (c) => {
  c.header("cache-control", "no-store");
  return c.json({
    relationshipId: await findRelationshipIdOfAddress(c.env.DB, DEMO_EMAILS.ada),
    password: DEMO_PASSWORD,
    members: [
      { name: "Ada", email: DEMO_EMAILS.ada },
      { name: "Grace", email: DEMO_EMAILS.grace },
    ],
  });
});
