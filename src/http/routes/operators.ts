import type { Context, MiddlewareHandler } from "hono";
import { Hono } from "hono";
import { appendAudit, listLooks, RELATIONSHIP_INSPECTED, type AuditRole } from "../../db/audit-log.ts";
import { listOutboxRowsOf } from "../../db/object-outbox.ts";
import { inspectionBody } from "../../domain/inspection/schema.ts";
import { inspectService } from "../../domain/inspection/services.ts";
import { callRelationship, callService } from "../../relationship/stub.ts";
import { AppError } from "../../protocol/errors.ts";
import type { AppEnv } from "../app-env.ts";
import { renderError } from "../middleware/error-handler.ts";
import { rateLimit, sessionUserKey } from "../middleware/rate-limit.ts";
import { requireSession } from "../middleware/session.ts";
import { parseBody } from "../middleware/validate.ts";
import { requireRelationshipId } from "./operations.ts";

const OUTBOX_SHOWN = 50;
const OPERATORS: ReadonlySet<AuditRole> = new Set(["support", "admin"]);

/** /api/operators: what support and administrators may do. Nothing here is done before it stands in the audit log. */
export const operators = new Hono<AppEnv>().post(
  "/relationships/:id/inspection",
  requireSession,
  requireOperator(),
  rateLimit("RATE_TICKETS", sessionUserKey),
  async (c) => {
    const relationshipId = requireRelationshipId(c.req.param("id"));
    const { reason, ...input } = await parseBody(c, inspectionBody);
    const { userId, role } = c.var.session;
    const entry = {
      actorUserId: userId,
      actorRole: role,
      action: RELATIONSHIP_INSPECTED,
      subjectKind: "relationship",
      subjectId: relationshipId,
      relationshipId,
      reason,
      details: input,
    };
    const auditId = await appendAudit(c.env.DB, entry, c.var.now);
    const inspection = await callService(c.env, relationshipId, inspectService, input, c.var.now);
    const waiting = await listOutboxRowsOf(c.env.DB, relationshipId, { kind: "", key: "" }, OUTBOX_SHOWN);
    // A key can be a session's id.
    const outbox = waiting.map(({ kind, generation, attempts }) => ({ kind, generation, attempts }));
    return c.json({ auditId, inspection, outbox });
  },
);

/** Who looked at a relationship is its members' to know: when, in which office, and why; for each, since they joined. */
export const looks = new Hono<AppEnv>().get("/:id/audit", requireSession, async (c) => {
  const relationshipId = requireRelationshipId(c.req.param("id"));
  const refusal = await refusalOf(c, relationshipId);
  if (refusal !== null) return refusal;
  return c.json({ looks: await listLooks(c.env.DB, c.var.session.userId, relationshipId) });
});

function requireOperator(): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    if (!OPERATORS.has(c.var.session.role)) throw new AppError("forbidden", "This is for operators");
    await next();
  };
}

// The object decides who is a member, in each of its states, and it is asked as for any other question.
async function refusalOf(c: Context<AppEnv>, relationshipId: string): Promise<Response | null> {
  const { userId, signedInAt } = c.var.session;
  const request = {
    kind: "query" as const,
    name: "membership.get",
    input: {},
    commandId: null,
    userId,
    signedInAt,
    now: c.var.now,
  };
  const reply = await callRelationship(c.env, relationshipId, (stub) => stub.execute(request));
  return reply.ok ? null : renderError(c, reply.error);
}
