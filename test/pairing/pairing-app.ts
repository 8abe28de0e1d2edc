import { env } from "cloudflare:workers";
import { Hono } from "hono";
import type { AppEnv } from "../../src/http/app-env.ts";
import { onError, onNotFound } from "../../src/http/middleware/error-handler.ts";
import { invitations } from "../../src/http/routes/invitations.ts";
import { relationships } from "../../src/http/routes/relationships.ts";
import type { IssuedInvitation, RelationshipSummary } from "../../src/pairing/schema.ts";
import type { ErrorBody } from "../../src/protocol/errors.ts";
import type { Person } from "../support/people.ts";

/** A moment at which nothing else happens; tests move on from it. */
export const START = Date.UTC(2026, 5, 15, 12);
export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;

let clock = START;

const app = new Hono<AppEnv>();
app.use(async (c, next) => {
  c.set("requestId", "req_test");
  c.set("now", clock);
  await next();
});
app.route("/api/relationships", relationships);
app.route("/api/invitations", invitations);
app.onError(onError);
app.notFound(onNotFound);

export interface CallOptions {
  /** Epoch milliseconds of the request. */
  at?: number;
  env?: Env;
  /** The caller's address; a new one for each call unless told, so that tests do not meet in a limiter. */
  address?: string;
}

export interface Answer<T> {
  status: number;
  data: T;
  error: ErrorBody;
  headers: Headers;
}

let addresses = 0;

function freshAddress(): string {
  addresses += 1;
  return `10.${(addresses >> 8) & 255}.${addresses & 255}.1`;
}

/** One request of `person`, or of nobody; a body makes it a POST. */
export async function call<T = Record<string, unknown>>(
  person: Person | null,
  path: string,
  body?: unknown,
  options: CallOptions = {},
): Promise<Answer<T>> {
  clock = options.at ?? START;
  const headers: Record<string, string> = {
    ...person?.headers,
    "content-type": "application/json",
    "cf-connecting-ip": options.address ?? freshAddress(),
  };
  const init = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
  const response = await app.request(`/api${path}`, init, options.env ?? env);
  const json: unknown = await response.json();
  const error = (json as { error?: ErrorBody }).error ?? { code: "internal", message: "none", retryable: false };
  return { status: response.status, data: json as T, error, headers: response.headers };
}

export async function open(person: Person, options: CallOptions = {}): Promise<RelationshipSummary> {
  const { data } = await call<{ relationship: RelationshipSummary }>(person, "/relationships", {}, options);
  return data.relationship;
}

export async function invite(
  person: Person,
  input: { inviteeEmail?: string; message?: string } = {},
  options: CallOptions = {},
): Promise<IssuedInvitation> {
  const { status, data } = await call<IssuedInvitation>(person, "/invitations", input, options);
  if (status !== 201) throw new Error(`the invitation was refused: ${JSON.stringify(data)}`);
  return data;
}

export interface AcceptAnswer {
  status: string;
  relationship: RelationshipSummary;
}

export async function acceptLink(
  person: Person,
  token: string,
  options: CallOptions = {},
): Promise<Answer<AcceptAnswer>> {
  return call<AcceptAnswer>(person, "/invitations/accept", { token }, options);
}

/** The relationship that D1 says a person is in, if any. */
export async function liveOf(person: Person): Promise<RelationshipSummary | null> {
  const { data } = await call<{ relationship: RelationshipSummary | null }>(person, "/relationships");
  return data.relationship;
}

export async function outboxOf(relationshipId: string): Promise<Record<string, unknown>[]> {
  const { results } = await env.DB.prepare("SELECT * FROM object_outbox WHERE relationship_id = ?")
    .bind(relationshipId)
    .all();
  return results;
}
