import { Hono, type Context } from "hono";
import { callRelationship } from "../../relationship/stub.ts";
import { AppError } from "../../protocol/errors.ts";
import { relationshipIdSchema } from "../../protocol/ids.ts";
import type { AppEnv } from "../app-env.ts";
import { renderError } from "../middleware/error-handler.ts";
import { requireSession } from "../middleware/session.ts";
import { readJson } from "../middleware/validate.ts";

/** Commands and queries of the registry over REST. Costs one session query in D1; the object decides the rest. */
export const operations = new Hono<AppEnv>()
  .post("/:id/commands/:name", requireSession, async (c) => {
    const input = await readJson(c);
    return execute(c, "command", input, c.req.header("idempotency-key") ?? null);
  })
  .get("/:id/queries/:name", requireSession, (c) => execute(c, "query", queryInput(c), null));

async function execute(
  c: Context<AppEnv>,
  kind: "command" | "query",
  input: unknown,
  commandId: string | null,
): Promise<Response> {
  const relationshipId = requireRelationshipId(c.req.param("id"));
  const name = c.req.param("name") ?? "";
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
