import { env } from "cloudflare:workers";
import { Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { AppEnv } from "../../src/http/app-env.ts";
import { authRoutes } from "../../src/http/routes/auth.ts";
import { mailboxRoutes } from "../../src/http/routes/mailbox.ts";
import { meRoutes } from "../../src/http/routes/me.ts";
import { AppError, ERRORS } from "../../src/protocol/errors.ts";

/** The account routes on their own, with a clock and an environment that a test can choose. */
export function accountsApp(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.use(async (c, next) => {
    c.set("requestId", "req_test");
    c.set("now", Date.now());
    await next();
  });
  app.route("/api/auth", authRoutes);
  app.route("/api/me", meRoutes);
  app.route("/dev", mailboxRoutes);
  app.notFound((c) => c.json({ error: { code: "not_found" } }, 404));
  app.onError((error, c) => {
    if (!(error instanceof AppError)) throw error;
    const seconds = error.details?.retryAfterSeconds;
    if (seconds !== undefined) c.header("retry-after", String(seconds));
    return c.json({ error: error.body, requestId: c.var.requestId }, ERRORS[error.code].status as ContentfulStatusCode);
  });
  return app;
}

const app = accountsApp();

export interface CallOptions {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
  env?: Env;
}

/** One request to the account routes; a body makes it a POST with JSON. */
export async function call(path: string, options: CallOptions = {}): Promise<Response> {
  const headers = new Headers(options.headers);
  const init: RequestInit = { method: options.method ?? (options.body === undefined ? "GET" : "POST"), headers };
  if (options.body !== undefined) {
    headers.set("content-type", "application/json");
    init.body = JSON.stringify(options.body);
  }
  return app.request(path, init, options.env ?? env);
}
