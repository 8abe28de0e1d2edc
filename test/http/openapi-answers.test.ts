import { exports } from "cloudflare:workers";
import { expect, it } from "vitest";
import type * as z from "zod";
import { ROUTE_DOCS } from "../../src/http/openapi/route-docs.ts";
import { uuidv7 } from "../../src/protocol/uuid.ts";
import { tokenMailedTo } from "../support/mailbox.ts";
import { signedInPerson } from "../support/people.ts";

type Params = Record<string, string>;

/** Calls a documented route and returns its answer, which must be exactly what the reference says. */
async function call<Answer = Record<string, unknown>>(
  operationId: string,
  request: { headers?: Record<string, string>; body?: unknown; params?: Params; query?: Params } = {},
): Promise<Answer> {
  const route = ROUTE_DOCS.find((each) => each.operationId === operationId);
  if (route === undefined) throw new Error(`No route is documented as ${operationId}`);
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => request.params?.[name] ?? "");
  const query = request.query === undefined ? "" : `?${new URLSearchParams(request.query).toString()}`;
  const response = await exports.default.fetch(`https://api.example${path}${query}`, {
    method: route.method.toUpperCase(),
    headers: { ...request.headers, ...(request.body === undefined ? {} : { "content-type": "application/json" }) },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
  });
  const documented = route.answers.find(({ status }) => status === response.status);
  const answer: unknown = await response.json();
  expect(documented, `${operationId} answered ${response.status} ${JSON.stringify(answer)}`).toBeDefined();
  const parsed = (documented?.schema as z.ZodType).safeParse(answer);
  expect(parsed.error?.issues, operationId).toBeUndefined();
  return answer as Answer;
}

it("answers account routes as the reference says", { timeout: 30_000 }, async () => {
  const email = `${uuidv7(Date.now())}@people.test`;
  const password = "a long enough password";
  await call("signUp", { body: { name: "Ada", email, password } });
  await call("sendVerificationEmail", { body: { email } });
  await call("verifyEmail", { query: { token: await tokenMailedTo(email, "verification") } });
  const { token } = await call<{ token: string }>("signIn", { body: { email, password, transport: "bearer" } });
  const headers = { authorization: `Bearer ${token}` };
  await call("me", { headers });
  await call("updateMe", { headers, body: { timezone: "Europe/Lisbon" } });
  await call("listSessions", { headers });
  await call("mySessions", { headers });
  await call("signIn", { body: { email, password, transport: "cookie" } });
  await call("revokeOtherSessions", { headers, body: {} });
  const other = await call<{ session: { id: string } }>("signIn", { body: { email, password } });
  await call("revokeSession", { headers, body: { sessionId: other.session.id } });
  await call("requestPasswordReset", { body: { email } });
  const resetToken = await tokenMailedTo(email, "password_reset");
  await call("resetPassword", { body: { token: resetToken, newPassword: `${password}!` } });
  await call("signOut", { headers, body: {} });
});

it("answers pairing routes as the reference says", async () => {
  const [ada, grace] = await Promise.all([signedInPerson({ name: "Ada" }), signedInPerson({ name: "Grace" })]);
  const { headers } = ada;
  await call("openRelationship", { headers, body: {} });
  await call("openRelationship", { headers, body: {} });
  type Issued = { invitation: { id: string }; token: string; code: string };
  const invited = await call<Issued>("invite", { headers, body: { inviteeEmail: grace.email } });
  const params = { id: invited.invitation.id };
  const resent = await call<Issued>("invitation.resend", { headers, params, body: {} });
  const { code } = await call<{ code: string }>("invitation.new-code", { headers, params, body: {} });
  await call("previewInvitation", { body: { token: resent.token } });
  await call("listInvitations", { headers: grace.headers });
  await call("acceptInvitation", { headers: grace.headers, body: { code } });
  await call("invitation.reject", { headers, params, body: {} });
  await call("invitation.revoke", { headers, params, body: {} });
  const second = await call<Issued>("invite", { headers, body: {} });
  await call("declineInvitation", { body: { token: second.token } });
  const third = await call<Issued>("invite", { headers, body: {} });
  await call("acceptInvitation", { headers: grace.headers, body: { code: third.code } });
  await call("invitation.confirm", { headers, params: { id: third.invitation.id }, body: { userId: grace.userId } });
  const { relationship } = await call<{ relationship: { id: string } }>("pairing", { headers });
  await call("socketTicket", { headers, params: { id: relationship.id } });
});

it("answers service and development routes as the reference says", async () => {
  await call("health");
  await call("ready");
  await call("mailbox");
  await call("demoCouple");
});
