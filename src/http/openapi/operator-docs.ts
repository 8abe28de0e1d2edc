import * as z from "zod";
import { inspectionBody, inspectionSchema, looksAnswer } from "../../domain/inspection/schema.ts";
import { ok, SESSION_ERRORS, type RouteDoc } from "./route-doc.ts";

const inspectionAnswer = z.strictObject({
  auditId: z.string().describe("The entry of the audit log that was written before the look"),
  inspection: inspectionSchema,
  outbox: z
    .array(z.strictObject({ kind: z.string(), generation: z.int(), attempts: z.int() }))
    .describe("What the directory has still to tell the object"),
});

export const operators: readonly RouteDoc[] = [
  {
    method: "post",
    path: "/api/operators/relationships/{id}/inspection",
    operationId: "inspectRelationship",
    tag: "operators",
    summary: "A look into a relationship's object, all text masked; support and administrators only, audited first",
    session: true,
    body: inspectionBody,
    answers: [ok(inspectionAnswer, "What is inside, without any words")],
    errors: [...SESSION_ERRORS, 404],
  },
  {
    method: "get",
    path: "/api/relationships/{id}/audit",
    operationId: "listLooks",
    tag: "operators",
    summary: "When an operator looked into our relationship since I joined it, in which office, and why; newest first",
    session: true,
    answers: [ok(looksAnswer, "The last hundred looks")],
    errors: [401, 404],
  },
  {
    method: "get",
    path: "/api/me/audit",
    operationId: "listMyLooks",
    tag: "operators",
    summary:
      "The same for every relationship of mine, also one that I left or that is gone: what happened while I was in it",
    session: true,
    answers: [ok(looksAnswer, "The last hundred looks")],
    errors: [401],
  },
];
