import type * as z from "zod";
import { statusAnswer } from "./answers.ts";

/** What the reference says of one route outside the registry. */
export interface RouteDoc {
  method: "get" | "post" | "put" | "patch" | "delete";
  /** As it is mounted, parameters written `{id}`. */
  path: string;
  operationId: string;
  tag: string;
  summary: string;
  /** Whether it needs a session. */
  session: boolean;
  /** Whether it takes a command's `idempotency-key`. */
  idempotent?: boolean;
  query?: z.ZodObject;
  body?: z.ZodType;
  /** Media types of a body that is bytes and not JSON. */
  binary?: readonly string[];
  answers: readonly AnswerDoc[];
  /** Statuses of refusals, besides those that any route can have. */
  errors: readonly number[];
}

export interface AnswerDoc {
  status: number;
  description: string;
  /** JSON unless `html` is set; absent when there is no body. */
  schema?: z.ZodType;
  html?: boolean;
  /** Media types of an answer that is bytes. */
  binary?: readonly string[];
}

/** What a route says of itself; method, path and tag are its group's. */
export type Part = Omit<RouteDoc, "method" | "tag" | "path">;

/** A JSON answer. */
export const ok = (schema: z.ZodType, description = "Done", status = 200): AnswerDoc => ({
  status,
  description,
  schema,
});
/** An answer that only says what was done. */
export const said = (status: string, description: string): AnswerDoc => ok(statusAnswer(status), description);

const BODY_ERRORS = [400, 413, 415];
export const PUBLIC_ERRORS = [...BODY_ERRORS, 403, 429];
export const SESSION_ERRORS = [...BODY_ERRORS, 401, 403, 429];
