import type { Context } from "hono";
import { Hono } from "hono";
import { ANSWER_FLOOR_MS, notBefore } from "../../auth/answer-floor.ts";
import { requireAttempt } from "../../auth/attempts.ts";
import { emptySchema } from "../../auth/input.ts";
import { approveRecovery, askForRecovery, readRecovery, setRecovery } from "../../auth/recovery.ts";
import { stopRecovery, stopRecoveryByToken } from "../../auth/recovery.ts";
import { finishRecovery } from "../../auth/recovery-finish.ts";
import {
  askRecoverySchema,
  finishRecoverySchema,
  recoveryPageQuerySchema,
  recoveryTokenBodySchema,
  setRecoverySchema,
} from "../../auth/recovery-input.ts";
import { recoveryPage } from "../../auth/recovery-page.ts";
import { AppError } from "../../protocol/errors.ts";
import { idSchema } from "../../protocol/ids.ts";
import type { AppEnv } from "../app-env.ts";
import { requireFreshSignIn } from "../middleware/fresh-sign-in.ts";
import { accountKey, addressKey, rateLimit, requireWithinRate } from "../middleware/rate-limit.ts";
import { requireSession } from "../middleware/session.ts";
import { parse, parseBody } from "../middleware/validate.ts";

const fence = rateLimit("RATE_AUTH", (c) => `${addressKey(c)}:recovery`);

/** /api/recovery: the way back in with the partner's help. Asking for it answers alike for every address. */
export const recovery = new Hono<AppEnv>()
  .post("/", fence, async (c) => {
    const input = await parseBody(c, askRecoverySchema);
    const account = accountKey(c.env, input.email);
    await requireWithinRate(c, "RATE_AUTH", account);
    await requireAttempt(c.env.DB, { mail_link_account: account, mail_link_address: addressKey(c) }, c.var.now);
    await notBefore(ANSWER_FLOOR_MS, askForRecovery(c.env, input, c.var.now));
    return c.json({ status: "asked_if_possible" });
  })
  .get("/stop", fence, (c) => page(c, "stop"))
  .post("/stop", fence, async (c) => {
    const { token } = await parseBody(c, recoveryTokenBodySchema);
    await stopRecoveryByToken(c.env, token, c.var.now);
    return c.json({ status: "stopped" });
  })
  .get("/finish", fence, (c) => page(c, "finish"))
  .post("/finish", fence, async (c) => {
    const input = await parseBody(c, finishRecoverySchema);
    await requireAttempt(c.env.DB, { token_address: addressKey(c) }, c.var.now);
    await finishRecovery(c.env, input, c.var.now);
    return c.json({ status: "recovered" });
  })
  .post("/:id/approval", requireSession, requireFreshSignIn, async (c) => {
    await parseBody(c, emptySchema);
    const id = requireRecoveryId(c);
    return c.json({ recovery: await approveRecovery(c.env, c.var.session.userId, id, c.var.now) });
  })
  .post("/:id/stop", requireSession, async (c) => {
    await parseBody(c, emptySchema);
    await stopRecovery(c.env, c.var.session.userId, requireRecoveryId(c), c.var.now);
    return c.json({ status: "stopped" });
  });

/** /api/me/recovery: whether I want this, and what is under way for me and my partner. */
export const myRecovery = new Hono<AppEnv>()
  .get("/", requireSession, async (c) => c.json(await readRecovery(c.env, c.var.session.userId)))
  .put("/", requireSession, requireFreshSignIn, async (c) => {
    const { enabled } = await parseBody(c, setRecoverySchema);
    await setRecovery(c.env, c.var.session.userId, enabled, c.var.now);
    return c.json(await readRecovery(c.env, c.var.session.userId));
  });

function page(c: Context<AppEnv>, kind: "stop" | "finish"): Response | Promise<Response> {
  parse(recoveryPageQuerySchema, c.req.query(), "query");
  const { html, contentSecurityPolicy } = recoveryPage(kind, crypto.randomUUID());
  c.header("content-security-policy", contentSecurityPolicy);
  c.header("referrer-policy", "no-referrer");
  c.header("cache-control", "no-store");
  return c.html(html);
}

function requireRecoveryId(c: Context<AppEnv>): string {
  const parsed = idSchema("recovery").safeParse(c.req.param("id"));
  if (!parsed.success) throw new AppError("not_found", "No such recovery");
  return parsed.data;
}
