import { env } from "cloudflare:workers";
import { Hono } from "hono";
import type { AppEnv } from "../../src/http/app-env.ts";
import { crossOrigin, originCheck, safetyHeaders } from "../../src/http/middleware/browser-safety.ts";
import { onError, onNotFound } from "../../src/http/middleware/error-handler.ts";
import { requestContext } from "../../src/http/middleware/request-context.ts";
import { auth } from "../../src/http/routes/auth.ts";
import { mailbox } from "../../src/http/routes/mailbox.ts";
import { me } from "../../src/http/routes/me.ts";

/** The account routes behind the same middleware as in src/app.ts, for any environment that a test makes up. */
export function accountsApp(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.onError(onError);
  app.notFound(onNotFound);
  app.use(requestContext, safetyHeaders, crossOrigin, originCheck);
  app.route("/api/auth", auth);
  app.route("/api/me", me);
  app.route("/dev", mailbox);
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
