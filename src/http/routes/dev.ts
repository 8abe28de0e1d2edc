import { Hono } from "hono";
import * as z from "zod";
import { findRelationshipIdOfAddress } from "../../db/demo-couple.ts";
import { liveAhead, now } from "../../lib/clock.ts";
import { config } from "../../lib/config.ts";
import { DEMO_EMAILS, DEMO_PASSWORD } from "../../lib/demo-couple.ts";
import { AppError } from "../../protocol/errors.ts";
import { relationshipIdSchema } from "../../protocol/ids.ts";
import { DAY_MS } from "../../protocol/limits.ts";
import { callRelationship } from "../../relationship/stub.ts";
import type { AppEnv } from "../app-env.ts";
import { parseBody } from "../middleware/validate.ts";

/** /api/dev: what the pages of a development server need. In staging and production it does not exist. */
export const dev = new Hono<AppEnv>();

dev.use(async (c, next) => {
  if (config(c.env).ENVIRONMENT !== "development") throw new AppError("not_found", "No such page");
  await next();
});

const clockSchema = z.strictObject({
  /** How far ahead of the real time the server lives from now on, in milliseconds. */
  aheadMs: z.int().min(0).max(10 * 366 * DAY_MS),
  /** Objects whose alarms are looked at anew: what became due by the jump runs at once. */
  wake: z.array(relationshipIdSchema).max(100).default([]),
});

dev.post("/clock", async (c) => {
  const { aheadMs, wake } = await parseBody(c, clockSchema);
  liveAhead(aheadMs);
  for (const id of wake) await callRelationship(c.env, id, (stub) => stub.ensureAlarm());
  return c.json({ now: now() });
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
