import { exports } from "cloudflare:workers";
import { expect, it } from "vitest";
import { ROUTE_DOCS } from "../../src/http/openapi/route-docs.ts";
import { uuidv7 } from "../../src/protocol/uuid.ts";
import { createCouple } from "../support/couple.ts";
import { linkMailedTo, tokenMailedTo } from "../support/mailbox.ts";
import { signedInPerson } from "../support/people.ts";

type Params = Record<string, string>;

interface Request {
  headers?: Record<string, string>;
  body?: unknown;
  params?: Params;
  query?: Params;
}

/** Calls documented routes and notes each answer that is not what the reference says. */
class Caller {
  readonly mismatches: unknown[] = [];

  async call<Answer = Record<string, unknown>>(operationId: string, request: Request = {}): Promise<Answer> {
    const route = ROUTE_DOCS.find((each) => each.operationId === operationId);
    if (route === undefined) throw new Error(`No route is documented as ${operationId}`);
    const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => request.params?.[name] ?? "");
    const query = request.query === undefined ? "" : `?${new URLSearchParams(request.query).toString()}`;
    const hasBody = request.body !== undefined;
    const response = await exports.default.fetch(`https://api.example${path}${query}`, {
      method: route.method.toUpperCase(),
      headers: { ...request.headers, ...(hasBody ? { "content-type": "application/json" } : {}) },
      ...(hasBody ? { body: JSON.stringify(request.body) } : {}),
    });
    const answer: unknown = await response.json();
    const documented = route.answers.find(({ status }) => status === response.status);
    const parsed = documented?.schema?.safeParse(answer);
    if (parsed?.success !== true) {
      this.mismatches.push({ operationId, status: response.status, answer, issues: parsed?.error?.issues });
    }
    return answer as Answer;
  }
}

it("answers account routes as the reference says", { timeout: 30_000 }, async () => {
  const caller = new Caller();
  const email = `${uuidv7(Date.now())}@people.test`;
  const password = "a long enough password";
  await caller.call("signUp", { body: { name: "Ada", email, password } });
  await caller.call("sendVerificationEmail", { body: { email } });
  await caller.call("verifyEmail", { query: { token: await tokenMailedTo(email, "verification") } });
  const { token } = await caller.call<{ token: string }>("signIn", { body: { email, password, transport: "bearer" } });
  const headers = { authorization: `Bearer ${token}` };
  await caller.call("me", { headers });
  await caller.call("updateMe", { headers, body: { timezone: "Europe/Lisbon" } });
  await caller.call("listSessions", { headers });
  await caller.call("mySessions", { headers });
  await caller.call("signIn", { body: { email, password, transport: "cookie" } });
  await caller.call("revokeOtherSessions", { headers, body: {} });
  const other = await caller.call<{ session: { id: string } }>("signIn", { body: { email, password } });
  await caller.call("revokeSession", { headers, body: { sessionId: other.session.id } });
  await caller.call("requestPasswordReset", { body: { email } });
  const resetToken = await tokenMailedTo(email, "password_reset");
  await caller.call("resetPassword", { body: { token: resetToken, newPassword: `${password}!` } });
  await caller.call("signOut", { headers, body: {} });
  expect(caller.mismatches).toEqual([]);
});

it("answers pairing routes as the reference says", async () => {
  const caller = new Caller();
  const [ada, grace] = await Promise.all([signedInPerson({ name: "Ada" }), signedInPerson({ name: "Grace" })]);
  const { headers } = ada;
  await caller.call("openRelationship", { headers, body: {} });
  await caller.call("openRelationship", { headers, body: {} });
  type Issued = { invitation: { id: string }; token: string; code: string };
  const invited = await caller.call<Issued>("invite", { headers, body: { inviteeEmail: grace.email } });
  const params = { id: invited.invitation.id };
  const resent = await caller.call<Issued>("invitation.resend", { headers, params, body: {} });
  const { code } = await caller.call<{ code: string }>("invitation.new-code", { headers, params, body: {} });
  await caller.call("previewInvitation", { body: { token: resent.token } });
  await caller.call("listInvitations", { headers: grace.headers });
  await caller.call("acceptInvitation", { headers: grace.headers, body: { code } });
  await caller.call("invitation.reject", { headers, params, body: {} });
  await caller.call("invitation.revoke", { headers, params, body: {} });
  const second = await caller.call<Issued>("invite", { headers, body: {} });
  await caller.call("declineInvitation", { body: { token: second.token } });
  const third = await caller.call<Issued>("invite", { headers, body: {} });
  await caller.call("acceptInvitation", { headers: grace.headers, body: { code: third.code } });
  await caller.call("invitation.confirm", {
    headers,
    params: { id: third.invitation.id },
    body: { userId: grace.userId },
  });
  const { relationship } = await caller.call<{ relationship: { id: string } }>("pairing", { headers });
  await caller.call("socketTicket", { headers, params: { id: relationship.id } });
  expect(caller.mismatches).toEqual([]);
});

it("answers service and development routes as the reference says", async () => {
  const caller = new Caller();
  await caller.call("health");
  await caller.call("ready");
  await caller.call("mailbox");
  await caller.call("demoCouple");
  expect(caller.mismatches).toEqual([]);
});

it("answers the routes of recovery and erasure as the reference says", async () => {
  const caller = new Caller();
  const [ada, grace] = await Promise.all([signedInPerson({ name: "Ada" }), signedInPerson({ name: "Grace" })]);
  await createCouple({ userIds: [ada.userId, grace.userId], createdAt: Date.now() });
  const { headers } = ada;
  await caller.call("setMyRecovery", { headers, body: { enabled: true } });
  const newEmail = `new-${ada.email}`;
  await caller.call("askForRecovery", { body: { email: ada.email, newEmail } });
  type Overview = { partners: { id: string } };
  const { partners } = await caller.call<Overview>("myRecovery", { headers: grace.headers });
  const params = { id: partners.id };
  await caller.call("approveRecovery", { headers: grace.headers, params, body: {} });
  await caller.call("stopRecovery", { headers, params, body: {} });
  const token = (await linkMailedTo(ada.email, "recovery_asked")).searchParams.get("token");
  await caller.call("stopRecoveryByLink", { body: { token } });
  await caller.call("eraseMe", { headers, body: { confirm: "erase" } });
  expect(caller.mismatches).toEqual([]);
});
