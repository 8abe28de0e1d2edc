import { Hono } from "hono";
import { findRelationshipIdOfAddress } from "../../db/demo-couple.ts";
import { config } from "../../lib/config.ts";
import { DEMO_EMAILS, DEMO_PASSWORD } from "../../lib/demo-couple.ts";
import { AppError } from "../../protocol/errors.ts";
import type { AppEnv } from "../app-env.ts";

/** /api/dev: what the pages of a development server need. In staging and production it does not exist. */
export const dev = new Hono<AppEnv>();

dev.use(async (c, next) => {
  if (config(c.env).ENVIRONMENT !== "development") throw new AppError("not_found", "No such page");
  await next();
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
