import { ERRORS, type ErrorCode } from "../../protocol/errors.ts";
import { ref, type JsonSchema } from "./json-schema.ts";

const STATUS_TEXT: Readonly<Record<number, string>> = {
  400: "The request is not valid; `details.issues` names each wrong field",
  401: "Nobody is signed in, or the session has ended",
  403: "Not allowed",
  404: "Not there, or not yours: the two are not told apart",
  405: "Not with this method",
  409: "The state of things forbids it",
  410: "It was used, withdrawn or is too old",
  413: "Too large",
  415: "Send JSON",
  426: "This client must be updated",
  429: "Too many; `Retry-After` says when it may be tried again",
  500: "Our mistake",
  503: "Not possible at the moment",
};

/** Codes of the error table that answer with `status`. */
function codesOf(status: number): ErrorCode[] {
  return (Object.keys(ERRORS) as ErrorCode[]).filter((code) => ERRORS[code].status === status);
}

const STATUSES = [...new Set(Object.values(ERRORS).map(({ status }) => status))];

/** `components.responses`: one for each status of the error table, with the codes that it can carry. */
export function errorResponses(): Record<string, JsonSchema> {
  return Object.fromEntries(STATUSES.map((status) => [`Error${status}`, errorResponse(status)]));
}

function errorResponse(status: number): JsonSchema {
  const codes = codesOf(status);
  const headers = { "retry-after": { description: "Seconds", schema: { type: "integer" } } };
  return {
    description: STATUS_TEXT[status] ?? "Refused",
    ...(codes.some((code) => ERRORS[code].retryable) ? { headers } : {}),
    content: {
      "application/json": {
        schema: {
          allOf: [
            ref("schemas", "ErrorAnswer"),
            { type: "object", properties: { error: { type: "object", properties: { code: { enum: codes } } } } },
          ],
        },
      },
    },
  };
}

/** The body of every refusal. */
export const ERROR_ANSWER: JsonSchema = {
  type: "object",
  required: ["error"],
  properties: {
    error: {
      type: "object",
      required: ["code", "message", "retryable"],
      properties: {
        code: { type: "string", enum: Object.keys(ERRORS) },
        message: { type: "string", description: "For developers; its wording may change" },
        retryable: { type: "boolean", description: "Whether the same request may succeed later" },
        details: {
          type: "object",
          properties: {
            issues: {
              type: "array",
              items: {
                type: "object",
                required: ["path", "message"],
                properties: { path: { type: "string" }, message: { type: "string" } },
              },
            },
            retryAfterSeconds: { type: "number" },
            current: { type: "string", description: "The state that forbids the move" },
          },
          additionalProperties: true,
        },
      },
    },
    requestId: { type: "string", description: "Names the request in the logs" },
  },
};

/** References for an operation's `responses`. @param statuses what the route itself refuses with */
export function errorRefs(statuses: readonly number[]): Record<string, { $ref: string }> {
  // Any route can fail on our side.
  const all = [...new Set([...statuses, 500, 503])].toSorted((a, b) => a - b);
  return Object.fromEntries(all.map((status) => [String(status), ref("responses", `Error${status}`)]));
}

/** The error table as a list, for the pages that show it. */
export function listErrors(): { code: ErrorCode; status: number; retryable: boolean }[] {
  return (Object.keys(ERRORS) as ErrorCode[]).map((code) => ({ code, ...ERRORS[code] }));
}
