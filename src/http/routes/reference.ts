import { Hono, type Context } from "hono";
import { config } from "../../lib/config.ts";
import type { AppEnv } from "../app-env.ts";
import { openApiDocument } from "../openapi/document.ts";
import { asyncApiDocument } from "../openapi/frames.ts";

// The documents change with the code only. Built when first asked for, since every waking object loads this script.
const built = new Map<string, string>();

/** The machine-readable reference: HTTP as OpenAPI, the socket as AsyncAPI. The page that shows both is a static asset. */
export const reference = new Hono<AppEnv>()
  .get("/openapi.json", (c) => answer(c, "openapi", () => openApiDocument()))
  .get("/asyncapi.json", (c) => {
    const { host } = new URL(config(c.env).APP_URL);
    return answer(c, "asyncapi", () => asyncApiDocument(host));
  });

function answer(c: Context<AppEnv>, name: string, build: () => unknown): Response {
  let json = built.get(name);
  if (json === undefined) {
    json = JSON.stringify(build());
    built.set(name, json);
  }
  c.header("cache-control", "public, max-age=300");
  return c.body(json, 200, { "content-type": "application/json; charset=utf-8" });
}
