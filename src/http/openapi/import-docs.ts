import * as z from "zod";
import { runInput, runOutput } from "../../domain/imports/schema.ts";
import { ok, SESSION_ERRORS, type RouteDoc } from "./route-doc.ts";

const answer = z.strictObject({
  data: runOutput,
  cursors: z.strictObject({ couple: z.int(), own: z.int() }),
});

export const imports: readonly RouteDoc[] = [
  {
    method: "post",
    path: "/api/relationships/{id}/imports",
    operationId: "importFile",
    tag: "imports",
    summary: "The command imports.run for a file of up to 2 MiB and 10,000 rows",
    session: true,
    idempotent: true,
    body: runInput,
    answers: [ok(answer, "What became of each row")],
    errors: [...SESSION_ERRORS, 404, 409],
  },
];
