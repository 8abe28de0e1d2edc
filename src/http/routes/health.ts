import { Hono } from "hono";
import type { AppEnv } from "../app-env.ts";
import { pingDatabase } from "../../db/health.ts";
import { errorText, log } from "../../lib/log.ts";

/** `/health` says that the Worker runs, `/health/ready` that it can reach D1. Neither tells a secret. */
export const health = new Hono<AppEnv>()
  .get("/", (c) => c.json({ ok: true, version: c.env.VERSION?.id ?? "local" }))
  .get("/ready", async (c) => {
    try {
      await pingDatabase(c.env.DB);
      return c.json({ ok: true });
    } catch (error) {
      log.error("not_ready", { requestId: c.var.requestId, error: errorText(error) });
      return c.json({ ok: false, failing: ["database"] }, 503);
    }
  });
