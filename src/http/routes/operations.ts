import { Hono, type Context } from "hono";
import { callRelationship } from "../../relationship/stub.ts";
import { AppError } from "../../protocol/errors.ts";
import { relationshipIdSchema } from "../../protocol/ids.ts";
import { IMPORT_BODY_MAX_BYTES } from "../../protocol/limits.ts";
import type { AppEnv } from "../app-env.ts";
import { renderError } from "../middleware/error-handler.ts";
import { rateLimit, requireWithinRate, sessionUserKey, type RateBinding } from "../middleware/rate-limit.ts";
import { requireSession } from "../middleware/session.ts";
import { readJson } from "../middleware/validate.ts";

/** Reads a whole file, and so is counted whichever way it comes. */
const IMPORT = "imports.run";
const IMPORT_RATE: RateBinding = "RATE_INVITATIONS";

/** Commands and queries of the registry over REST. Costs one session query in D1; the object decides the rest. */
export const operations = new Hono<AppEnv>()
  .post("/:id/commands/:name", requireSession, async (c) => {
    const name = c.req.param("name");
    if (name === IMPORT) await requireWithinRate(c, IMPORT_RATE, importKey(c));
    return execute(c, "command", name, await readJson(c));
  })
  // The same command with a longer body than others have.
  .post("/:id/imports", requireSession, rateLimit(IMPORT_RATE, importKey), async (c) => {
    const input = await readJson(c, IMPORT_BODY_MAX_BYTES);
    return execute(c, "command", IMPORT, input);
  })
  .get("/:id/queries/:name", requireSession, (c) => execute(c, "query", c.req.param("name"), queryInput(c)));

/** Imports are counted apart from what else the binding counts for a person. */
function importKey(c: Context<AppEnv>): string {
  return `imports ${sessionUserKey(c)}`;
}

async function execute(c: Context<AppEnv>, kind: "command" | "query", name: string, input: unknown): Promise<Response> {
  const relationshipId = requireRelationshipId(c.req.param("id"));
  const commandId = kind === "command" ? (c.req.header("idempotency-key") ?? null) : null;
  const { userId, signedInAt } = c.var.session;
  const request = { kind, name, input, commandId, userId, signedInAt, now: c.var.now };
  const reply = await callRelationship(c.env, relationshipId, (stub) => stub.execute(request));
  if (!reply.ok) return renderError(c, reply.error);
  return c.body(reply.json, 200, { "content-type": "application/json; charset=utf-8" });
}

/** @throws AppError `not_found` for what cannot be an id: it is nobody's relationship */
export function requireRelationshipId(id: string | undefined): string {
  const parsed = relationshipIdSchema.safeParse(id);
  if (!parsed.success) throw new AppError("not_found", "No such relationship");
  return parsed.data;
}

/** The input of a query: `?input={…}` as JSON, so that the same schemas serve both transports. */
function queryInput(c: Context<AppEnv>): unknown {
  const text = c.req.query("input");
  if (text === undefined) return {};
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message would quote the input.
    throw new AppError("invalid_input", "The input is not JSON", {
      issues: [{ path: "input", message: "Expected JSON" }],
    });
  }
}
