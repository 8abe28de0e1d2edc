import { env, exports } from "cloudflare:workers";
import fc from "fast-check";
import { beforeAll, expect, it, vi } from "vitest";
import * as z from "zod";
import * as auth from "../src/auth/input.ts";
import * as recovery from "../src/auth/recovery-input.ts";
import { eraseAccountSchema } from "../src/compliance/input.ts";
import * as pairing from "../src/pairing/schema.ts";
import { newId, uuidv7 } from "../src/protocol/ids.ts";
import { createCouple, createSolo } from "./support/couple.ts";
import { openSession, signedInPerson } from "./support/people.ts";

const REQUESTS = 1_500;
const SEED = 20_261_123;
/** Counts of attempts, which refused requests are meant to change, stay out. */
const TABLES = [
  "users",
  "accounts",
  "sessions",
  "recovery_settings",
  "recoveries",
  "erasures",
  "verifications",
  "relationships",
  "relationship_members",
  "partner_invitations",
  "object_outbox",
  "mail_outbox",
  "audit_log",
];

interface Target {
  method: string;
  path: string;
  schema: z.ZodType;
  /** A body that the schema takes, whose fields are spoiled one by one. */
  sample: Record<string, unknown>;
}

const email = "fuzzed@people.test";
const token = "A".repeat(43);
const invitation = newId("invitation", 1);

const TARGETS: readonly Target[] = [
  {
    method: "POST",
    path: "/api/auth/sign-up/email",
    schema: auth.signUpSchema,
    sample: { name: "Ada", email, password: "long enough", timezone: "UTC" },
  },
  {
    method: "POST",
    path: "/api/auth/sign-in/email",
    schema: auth.signInSchema,
    sample: { email, password: "long enough" },
  },
  { method: "POST", path: "/api/auth/sign-out", schema: auth.emptySchema, sample: {} },
  { method: "POST", path: "/api/auth/send-verification-email", schema: auth.emailOnlySchema, sample: { email } },
  { method: "POST", path: "/api/auth/request-password-reset", schema: auth.emailOnlySchema, sample: { email } },
  {
    method: "POST",
    path: "/api/auth/reset-password",
    schema: auth.resetPasswordSchema,
    sample: { token, newPassword: "long enough" },
  },
  { method: "POST", path: "/api/auth/revoke-session", schema: auth.revokeSessionSchema, sample: { sessionId: "x" } },
  { method: "POST", path: "/api/auth/revoke-other-sessions", schema: auth.emptySchema, sample: {} },
  {
    method: "PATCH",
    path: "/api/me",
    schema: auth.profileChangeSchema,
    sample: {
      name: "Ada",
      nickname: "A",
      phoneNumber: "+351912345678",
      timezone: "UTC",
      loveLanguagePrimary: "quality_time",
    },
  },
  { method: "DELETE", path: "/api/me", schema: eraseAccountSchema, sample: { confirm: "erase" } },
  { method: "PUT", path: "/api/me/recovery", schema: recovery.setRecoverySchema, sample: { enabled: true } },
  {
    method: "POST",
    path: "/api/recovery",
    schema: recovery.askRecoverySchema,
    sample: { email, newEmail: `new-${email}` },
  },
  { method: "POST", path: "/api/recovery/stop", schema: recovery.recoveryTokenBodySchema, sample: { token } },
  {
    method: "POST",
    path: "/api/recovery/finish",
    schema: recovery.finishRecoverySchema,
    sample: { token, newPassword: "long enough" },
  },
  { method: "POST", path: "/api/relationships", schema: pairing.emptyBodySchema, sample: {} },
  {
    method: "POST",
    path: "/api/invitations",
    schema: pairing.createInvitationSchema,
    sample: { inviteeEmail: email, message: "Hello" },
  },
  { method: "POST", path: "/api/invitations/preview", schema: pairing.tokenBodySchema, sample: { token } },
  { method: "POST", path: "/api/invitations/decline", schema: pairing.tokenBodySchema, sample: { token } },
  { method: "POST", path: "/api/invitations/accept", schema: pairing.acceptBodySchema, sample: { token } },
  { method: "POST", path: "/api/invitations/accept", schema: pairing.acceptBodySchema, sample: { code: "123456" } },
  {
    method: "POST",
    path: `/api/invitations/${invitation}/confirm`,
    schema: pairing.confirmBodySchema,
    sample: { userId: "x" },
  },
  ...["resend", "new-code", "revoke", "reject"].map((move) => ({
    method: "POST",
    path: `/api/invitations/${invitation}/${move}`,
    schema: pairing.emptyBodySchema,
    sample: {},
  })),
];

const impossible: readonly unknown[] = [
  {},
  [],
  [[{}]],
  1e308,
  -0.5,
  true,
  { deep: [[[[[[[["down"]]]]]]]] },
  "\u0000",
  "nul \u0000 inside",
  "lone \ud800 surrogate",
  "x".repeat(5_001),
];

const people: { headers: Record<string, string>; relationshipId: string }[] = [];

beforeAll(async () => {
  const now = Date.now();
  for (let index = 0; index < 3; index++) {
    const [a, b] = await Promise.all([signedInPerson(), signedInPerson()]);
    const make = index === 0 ? createSolo : createCouple;
    const { relationshipId } = await make({ userIds: [a.userId, b.userId], createdAt: now });
    people.push({ headers: (await openSession(a.userId)).headers, relationshipId });
  }
});

async function dump(): Promise<string> {
  const tables = await env.DB.batch(TABLES.map((table) => env.DB.prepare(`SELECT * FROM ${table}`)));
  return JSON.stringify(tables.map(({ results }, index) => [TABLES[index], results]));
}

interface Bad {
  method: string;
  path: string;
  body?: string;
  type?: string;
  protocols?: string;
  person: number;
}

/** Bodies that the schema of their route refuses, by the schema's own word. */
const badBody: fc.Arbitrary<Bad> = fc
  .record({
    target: fc.constantFrom(...TARGETS),
    field: fc.nat(),
    value: fc.oneof(fc.constantFrom(...impossible), fc.jsonValue()),
    how: fc.constantFrom("spoil", "spoil", "spoil", "extra", "replace", "text"),
    text: fc.string({ minLength: 1 }),
    type: fc.constantFrom("application/json", "application/json", "application/json", "text/plain", ""),
    person: fc.nat(2),
  })
  .map(({ target, field, value, how, text, type, person }) => {
    const keys = Object.keys(target.sample);
    const key = how === "extra" || keys.length === 0 ? "nobody_knows_this" : (keys[field % keys.length] ?? "");
    const value_ = how === "replace" ? value : { ...target.sample, [key]: value };
    const body = how === "text" ? text : JSON.stringify(value_);
    return { target, bad: { method: target.method, path: target.path, body, type, person } };
  })
  .filter(({ target, bad }) => {
    try {
      return !target.schema.safeParse(JSON.parse(bad.body)).success;
    } catch {
      return bad.body.trim() !== "";
    }
  })
  .map(({ bad }) => bad);

const word = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.constantFrom("\u0000", "../..", "%00", "%ff", "x".repeat(3_000)),
);

/** Queries and paths that mean nothing. */
const badQuery: fc.Arbitrary<Bad> = fc
  .record({
    path: fc.constantFrom(
      "/api/auth/verify-email",
      "/api/auth/reset-password",
      "/dev/mailbox",
      "/dev/mailbox.json",
      "/dev/mailbox/ID",
      "/openapi.json/ID",
      "/api/me/ID",
      "/api/auth/ID",
      "/api/relationships/ID",
      "/api/invitations/ID",
      "/api/relationships/ID/tickets",
      "/api/relationships/OWN/export",
      "/api/relationships/OWN/photos/ID/content",
      "/api/photos/ID/ID",
    ),
    id: word,
    key: fc.constantFrom("to", "callbackURL", "tokens", "nobody"),
    value: word,
    method: fc.constantFrom("GET", "GET", "POST", "PATCH", "DELETE", "PUT"),
    person: fc.nat(2),
  })
  .map(({ path, id, key, value, method, person }) => ({
    method,
    path: `${path.replace("ID", encodeURIComponent(`-${id.toWellFormed()}`))}?${key}=${encodeURIComponent(value.toWellFormed())}@`,
    person,
  }));

const printable = fc.stringMatching(/^[!-~]([ -~]{0,40}[!-~])?$/);

/** Upgrades that nobody may have, of relationships that exist and that were guessed. */
const badUpgrade: fc.Arbitrary<Bad> = fc
  .record({
    guess: fc.boolean(),
    junk: fc.oneof(
      printable,
      fc.constantFrom("bt.v1", "bt.v1, ticket.", "bt.v1, resume.x, ticket.y", ",,,", "ticket.A"),
    ),
    cursor: fc.oneof(fc.constantFrom("-1", "1e999", "NaN", "", "9".repeat(400)), word),
    person: fc.nat(2),
  })
  .map(({ guess, junk, cursor, person }) => ({
    method: "GET",
    path: `/api/relationships/${guess ? newId("relationship", 1) : "OWN"}/socket?epoch=${encodeURIComponent(cursor.toWellFormed())}&couple=x&own=`,
    protocols: junk,
    person,
  }));

const ERRORS = z.object({
  error: z.object({ code: z.string(), message: z.string(), retryable: z.boolean() }),
  requestId: z.string(),
});

async function send(bad: Bad, round: number): Promise<Response> {
  const person = people[bad.person] ?? { headers: {}, relationshipId: "" };
  const headers: Record<string, string> = {
    ...person.headers,
    // The fences count by address; each request comes from another one.
    "cf-connecting-ip": `10.${(round >> 16) & 255}.${(round >> 8) & 255}.${round & 255}`,
    "idempotency-key": uuidv7(Date.now()),
  };
  if (bad.type !== undefined) headers["content-type"] = bad.type;
  if (bad.protocols !== undefined)
    Object.assign(headers, { upgrade: "websocket", "sec-websocket-protocol": bad.protocols });
  const init = {
    method: bad.method,
    headers,
    redirect: "manual" as const,
    ...(bad.body !== undefined && { body: bad.body }),
  };
  return exports.default.fetch(`https://api.example${bad.path.replace("OWN", person.relationshipId)}`, init);
}

async function failuresOf(requests: readonly Bad[]): Promise<{ failures: unknown[]; codes: Map<string, number> }> {
  const failures: unknown[] = [];
  const codes = new Map<string, number>();
  for (const [round, bad] of requests.entries()) {
    const response = await send(bad, round);
    const text = await response.text();
    const parsed = ERRORS.safeParse(text.startsWith("{") ? JSON.parse(text) : null);
    if (parsed.success) codes.set(parsed.data.error.code, (codes.get(parsed.data.error.code) ?? 0) + 1);
    const isRead = bad.method === "GET" && response.status < 400 && response.webSocket === null;
    if (response.status >= 500 || (!parsed.success && !(isRead && bad.body === undefined))) {
      failures.push({ bad, status: response.status, text: text.slice(0, 300) });
    }
  }
  return { failures, codes };
}

/** The platform's own fence by person is not what is fuzzed here. */
function withoutFences(): void {
  for (const binding of [env.RATE_AUTH, env.RATE_INVITATIONS, env.RATE_TICKETS]) {
    vi.spyOn(Object.getPrototypeOf(binding) as RateLimit, "limit").mockResolvedValue({ success: true });
  }
}

it.each([
  ["bodies", badBody, REQUESTS, ["invalid_input", "unsupported_media_type"]],
  ["queries and paths", badQuery, REQUESTS / 2, ["invalid_input", "not_found"]],
  ["upgrades", badUpgrade, REQUESTS / 2, ["unauthenticated", "not_found"]],
] as const)(
  "refuses bad %s outside a couple's own routes by name and writes nothing",
  async (_, bad, count, expected) => {
    withoutFences();
    const before = await dump();
    const { failures, codes } = await failuresOf(fc.sample(bad, { numRuns: count, seed: SEED }));
    vi.restoreAllMocks();
    expect(failures.slice(0, 3)).toEqual([]);
    for (const code of expected) expect([code, codes.has(code)]).toEqual([code, true]);
    expect(codes.get("rate_limited") ?? 0).toBe(0);
    expect(await dump()).toBe(before);
  },
  60_000,
);
