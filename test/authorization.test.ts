import { env, exports } from "cloudflare:workers";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { app } from "../src/app.ts";
import { registry } from "../src/domain/registry.ts";
import { newId, uuidv7 } from "../src/protocol/ids.ts";
import { createCouple, type TestCouple } from "./support/couple.ts";
import { leave } from "./support/departure.ts";
import { openSession, signedInPerson } from "./support/people.ts";
import { connect } from "./support/socket-client.ts";

interface Caller {
  who: string;
  headers: Record<string, string>;
}

let couple: TestCouple;
let member: Caller;
let stranger: Caller;
let admin: Caller;
/** Left `home`, where the partner stays. */
let exMember: Caller;
let home: TestCouple;
let beforeLeaving: number;
const nobody: Caller = { who: "nobody", headers: {} };

beforeAll(async () => {
  const [a, b] = await Promise.all([signedInPerson(), signedInPerson()]);
  couple = await createCouple({ userIds: [a.userId, b.userId], createdAt: Date.now() });
  member = { who: "member", headers: (await openSession(a.userId)).headers };
  const other = await createCouple({ createdAt: Date.now() });
  stranger = { who: "member of another couple", headers: (await openSession(other.a.userId)).headers };
  const [stays, goes] = await Promise.all([signedInPerson(), signedInPerson()]);
  home = await createCouple({ userIds: [stays.userId, goes.userId], createdAt: Date.now() });
  exMember = { who: "ex-member", headers: (await openSession(goes.userId)).headers };
  // Access by the very same session, before, so that what is refused later is refused for the departure alone.
  const path = `/api/relationships/${home.relationshipId}/queries/insights.dashboard`;
  beforeLeaving = (await call("GET", path, exMember)).status;
  await leave(home, [goes.userId]);
  admin = { who: "admin", headers: (await signedInPerson({ role: "admin" })).headers };
});

async function call(
  method: string,
  path: string,
  caller: Caller,
  body?: unknown,
): Promise<{ status: number; code?: string }> {
  const headers: Record<string, string> = { ...caller.headers, "idempotency-key": uuidv7(Date.now()) };
  if (method !== "GET") headers["content-type"] = "application/json";
  const init = { method, headers, ...(method === "GET" ? {} : { body: JSON.stringify(body ?? {}) }) };
  const response = await exports.default.fetch(`https://api.example${path}`, init);
  const text = await response.text();
  const parsed = text.startsWith("{") ? (JSON.parse(text) as { error?: { code: string } }) : {};
  return { status: response.status, ...(parsed.error && { code: parsed.error.code }) };
}

describe.each(registry.map((operation) => [operation.name, operation.kind] as const))("%s", (name, kind) => {
  const path = (id: string): string => `/api/relationships/${id}/${kind === "query" ? "queries" : "commands"}/${name}`;
  const method = kind === "query" ? "GET" : "POST";

  it("is there for a member, unknown to every other person, closed without a session", async () => {
    const own = await call(method, path(couple.relationshipId), member);
    // An empty input may be refused, but never as a stranger's.
    expect([200, 400]).toContain(own.status);
    for (const caller of [stranger, admin]) {
      expect(await call(method, path(couple.relationshipId), caller)).toEqual({ status: 404, code: "not_found" });
      expect(await call(method, path(newId("relationship", 1)), caller)).toEqual({ status: 404, code: "not_found" });
    }
    expect(await call(method, path(home.relationshipId), exMember)).toEqual({ status: 404, code: "not_found" });
    expect(await call(method, path(couple.relationshipId), nobody)).toEqual({ status: 401, code: "unauthenticated" });
  });
});

/** Every other route: what each caller gets for an empty request. A route without a row fails the last test here. */
const ROUTES: Record<string, { nobody: number; stranger: number; body?: unknown }> = {
  "GET /health": { nobody: 200, stranger: 200 },
  "GET /health/ready": { nobody: 200, stranger: 200 },
  "POST /api/relationships/:id/tickets": { nobody: 401, stranger: 404 },
  "GET /api/relationships/:id/socket": { nobody: 400, stranger: 400 },
  "POST /api/relationships/:id/commands/:name": { nobody: 401, stranger: 404 },
  "POST /api/relationships/:id/imports": { nobody: 401, stranger: 404 },
  "GET /api/relationships/:id/queries/:name": { nobody: 401, stranger: 404 },
  "GET /api/me": { nobody: 401, stranger: 200 },
  "PATCH /api/me": { nobody: 401, stranger: 400 },
  "GET /api/me/sessions": { nobody: 401, stranger: 200 },
  "DELETE /api/me": { nobody: 401, stranger: 400 },
  "GET /api/me/audit": { nobody: 401, stranger: 200 },
  "GET /api/me/recovery": { nobody: 401, stranger: 200 },
  "PUT /api/me/recovery": { nobody: 401, stranger: 400 },
  "POST /api/recovery": { nobody: 400, stranger: 400 },
  "GET /api/recovery/stop": { nobody: 400, stranger: 400 },
  "POST /api/recovery/stop": { nobody: 400, stranger: 400 },
  "GET /api/recovery/finish": { nobody: 400, stranger: 400 },
  "POST /api/recovery/finish": { nobody: 400, stranger: 400 },
  "POST /api/recovery/:id/approval": { nobody: 401, stranger: 404 },
  "POST /api/recovery/:id/stop": { nobody: 401, stranger: 404 },
  "POST /api/auth/sign-up/email": { nobody: 400, stranger: 400 },
  "POST /api/auth/sign-in/email": { nobody: 400, stranger: 400 },
  // A refused body: a sign-out that succeeds would take the stranger away from the other rows.
  "POST /api/auth/sign-out": { nobody: 400, stranger: 400, body: { unknown: true } },
  "GET /api/auth/verify-email": { nobody: 400, stranger: 400 },
  "POST /api/auth/send-verification-email": { nobody: 400, stranger: 400 },
  "POST /api/auth/request-password-reset": { nobody: 400, stranger: 400 },
  "GET /api/auth/reset-password": { nobody: 200, stranger: 200 },
  "POST /api/auth/reset-password": { nobody: 400, stranger: 400 },
  "POST /api/auth/confirm": { nobody: 401, stranger: 400 },
  "GET /api/auth/list-sessions": { nobody: 401, stranger: 200 },
  "POST /api/auth/revoke-session": { nobody: 401, stranger: 400 },
  "POST /api/auth/revoke-other-sessions": { nobody: 401, stranger: 200 },
  "GET /api/relationships": { nobody: 401, stranger: 200 },
  "POST /api/relationships": { nobody: 401, stranger: 200 },
  "POST /api/relationships/:id/reunion": { nobody: 401, stranger: 404 },
  "DELETE /api/relationships/:id/reunion": { nobody: 401, stranger: 404 },
  "GET /api/invitations": { nobody: 401, stranger: 200 },
  "POST /api/invitations": { nobody: 401, stranger: 400, body: { unknown: true } },
  "POST /api/invitations/preview": { nobody: 400, stranger: 400 },
  "POST /api/invitations/decline": { nobody: 400, stranger: 400 },
  "POST /api/invitations/accept": { nobody: 401, stranger: 400 },
  "POST /api/invitations/:id/resend": { nobody: 401, stranger: 404 },
  "POST /api/invitations/:id/new-code": { nobody: 401, stranger: 404 },
  "POST /api/invitations/:id/revoke": { nobody: 401, stranger: 404 },
  "POST /api/invitations/:id/reject": { nobody: 401, stranger: 404 },
  "POST /api/invitations/:id/confirm": { nobody: 401, stranger: 404 },
  "GET /api/relationships/:id/calendar-feed": { nobody: 401, stranger: 404 },
  // Its key is the proof: without one it is nobody's.
  "GET /calendar/:id/:file": { nobody: 404, stranger: 404 },
  "GET /api/relationships/:id/export": { nobody: 401, stranger: 404 },
  "PUT /api/relationships/:id/photos/:photoId/content": { nobody: 401, stranger: 404 },
  // Without a good signature it is nobody's; test/files/photos.test.ts holds what a good one opens.
  "GET /api/photos/:relationshipId/:photoId": { nobody: 404, stranger: 404 },
  "POST /api/operators/relationships/:id/inspection": { nobody: 401, stranger: 403 },
  "GET /api/relationships/:id/audit": { nobody: 401, stranger: 404 },
  "GET /dev/mailbox": { nobody: 200, stranger: 200 },
  "GET /dev/mailbox.json": { nobody: 200, stranger: 200 },
  "GET /dev/mailbox/:id": { nobody: 404, stranger: 404 },
  // Of people who exist nowhere else; test/http/dev.test.ts holds that it is not there in production.
  "GET /api/dev/demo-couple": { nobody: 200, stranger: 200 },
  "POST /api/dev/clock": { nobody: 400, stranger: 400 },
  "GET /api/dev/rebuild/:id": { nobody: 200, stranger: 200 },
  "GET /openapi.json": { nobody: 200, stranger: 200 },
  "GET /asyncapi.json": { nobody: 200, stranger: 200 },
};

it("let the ex-member in while they were a member", () => {
  expect(beforeLeaving).toBe(200);
});

describe("routes", () => {
  it.each(Object.entries(ROUTES))("%s", async (route, expected) => {
    const [method = "", pattern = ""] = route.split(" ");
    const path = pattern
      .replace(":id", couple.relationshipId)
      .replace(":name", method === "GET" ? "insights.dashboard" : "checkins.submit");
    expect((await call(method, path, nobody, expected.body)).status).toBe(expected.nobody);
    expect((await call(method, path, stranger, expected.body)).status).toBe(expected.stranger);
  });

  it.each(Object.keys(ROUTES).filter((route) => route.includes(" /api/relationships/:id")))(
    "%s is unknown to an ex-member",
    async (route) => {
      const [method = "", pattern = ""] = route.split(" ");
      const path = pattern
        .replace(":id", home.relationshipId)
        .replace(":name", method === "GET" ? "insights.dashboard" : "checkins.submit");
      const expected = pattern.endsWith("/socket") ? 400 : 404;
      expect((await call(method, path, exMember)).status).toBe(expected);
    },
  );

  it("covers the whole route table", () => {
    const routes = new Set(
      app.routes.filter((route) => route.method !== "ALL").map((route) => `${route.method} ${route.path}`),
    );
    expect([...routes].filter((route) => !(route in ROUTES)).toSorted()).toEqual([]);
  });
});

it("spends one D1 query on a REST call and none on a socket message", async () => {
  const prototype = Object.getPrototypeOf(env.DB) as typeof env.DB;
  const { socket } = await connect(couple.relationshipId, couple.a.userId);
  const prepare = vi.spyOn(prototype, "prepare");
  const batch = vi.spyOn(prototype, "batch");
  await socket.ask("command", "activities.plan", { name: "Counted", type: "custom" });
  await socket.ask("query", "insights.dashboard");
  expect(prepare.mock.calls).toEqual([]);
  expect(
    (await call("GET", `/api/relationships/${couple.relationshipId}/queries/insights.dashboard`, member)).status,
  ).toBe(200);
  expect(prepare).toHaveBeenCalledTimes(1);
  expect(batch).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});
