import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, expect, it } from "vitest";
import { authLibrary } from "../../src/auth/instance.ts";
import { newId } from "../../src/protocol/ids.ts";
import { call } from "../support/accounts-app.ts";
import { mailsTo, tokenMailedTo } from "../support/mailbox.ts";
import type { Person } from "../support/people.ts";
import { openSession, signedInPerson } from "../support/people.ts";

const PASSWORD = "correct horse battery";

// Delivery empties the outbox in the background, so that the tests read what was ever put into it.
beforeAll(async () => {
  await env.DB.batch([
    env.DB.prepare("CREATE TABLE told (relationship_id TEXT, key TEXT) STRICT"),
    env.DB.prepare(
      `CREATE TRIGGER told_inserted AFTER INSERT ON object_outbox WHEN new.kind = 'session_ended'
       BEGIN INSERT INTO told VALUES (new.relationship_id, new.key); END`,
    ),
  ]);
  await authLibrary(env);
}, 60_000);

let person: Person;
let relationshipId: string;
let phone: Awaited<ReturnType<typeof openSession>>;

beforeEach(async () => {
  person = await signedInPerson();
  phone = await openSession(person.userId);
  relationshipId = await liveRelationship(person.userId);
});

async function liveRelationship(userId: string): Promise<string> {
  const id = newId("relationship", Date.now());
  await env.DB.batch([
    env.DB.prepare(
      "INSERT INTO relationships (id, created_by_user_id, user_1_id, created_at, updated_at) VALUES (?1, ?2, ?2, 1, 1)",
    ).bind(id, userId),
    env.DB.prepare(
      "INSERT INTO relationship_members (relationship_id, user_id, slot, joined_at) VALUES (?, ?, 1, 1)",
    ).bind(id, userId),
  ]);
  return id;
}

async function told(): Promise<string[]> {
  const { results } = await env.DB.prepare("SELECT key FROM told WHERE relationship_id = ? ORDER BY key")
    .bind(relationshipId)
    .all<{ key: string }>();
  return results.map((row) => row.key);
}

async function status(headers: Record<string, string>): Promise<number> {
  return (await call("/api/me", { headers })).status;
}

it("signs out one device, at once and for good", async () => {
  const answer = await call("/api/auth/sign-out", { body: {}, headers: person.headers });
  expect(answer.status).toBe(200);
  expect(answer.headers.getSetCookie()[0]).toContain("bt.session_token=; Max-Age=0");
  expect([await status(person.headers), await status(phone.headers)]).toEqual([401, 200]);
  expect(await told()).toEqual([person.sessionId]);
  expect((await call("/api/auth/sign-out", { body: {}, headers: person.headers })).status).toBe(200);
  expect(await told()).toEqual([person.sessionId]);
});

it("ends one other device by the id that the list shows", async () => {
  const list = await call("/api/auth/list-sessions", { headers: person.headers });
  const body = await list.text();
  expect(JSON.parse(body)).toMatchObject({
    sessions: [
      { id: phone.sessionId, current: false },
      { id: person.sessionId, current: true },
    ],
  });
  expect(body).not.toContain(phone.token.split(".")[0]);

  const answer = await call("/api/auth/revoke-session", {
    body: { sessionId: phone.sessionId },
    headers: person.headers,
  });
  expect(answer.status).toBe(200);
  expect([await status(person.headers), await status(phone.headers)]).toEqual([200, 401]);
  expect(await told()).toEqual([phone.sessionId]);
});

it("does not know a session of somebody else", async () => {
  const stranger = await signedInPerson();
  const options = { body: { sessionId: person.sessionId }, headers: stranger.headers };
  expect((await call("/api/auth/revoke-session", options)).status).toBe(404);
  expect(await status(person.headers)).toBe(200);
  expect(await told()).toEqual([]);
});

it("ends all devices but this one", async () => {
  const tablet = await openSession(person.userId);
  const answer = await call("/api/auth/revoke-other-sessions", { body: {}, headers: person.headers });
  expect(await answer.json()).toEqual({ status: "revoked", ended: 2 });
  expect(await status(person.headers)).toBe(200);
  expect([await status(phone.headers), await status(tablet.headers)]).toEqual([401, 401]);
  expect(await told()).toEqual([phone.sessionId, tablet.sessionId].toSorted());
});

it("ends nothing at all when the database fails half-way", async () => {
  await env.DB.prepare(
    `CREATE TRIGGER refuse_delete BEFORE DELETE ON sessions WHEN old.id = '${phone.sessionId}' BEGIN SELECT RAISE(ABORT, 'disk'); END`,
  ).run();
  const answer = await call("/api/auth/revoke-other-sessions", { body: {}, headers: person.headers });
  expect(answer.status).toBe(500);
  expect(await status(phone.headers)).toBe(200);
  expect(await told()).toEqual([]);
  await env.DB.prepare("DROP TRIGGER refuse_delete").run();
});

it.each(["/list-sessions", "/revoke-session", "/revoke-other-sessions"])("asks for a session: %s", async (path) => {
  const options = path === "/list-sessions" ? {} : { body: {} };
  expect((await call(`/api/auth${path}`, options)).status).toBe(401);
});

it("resets a password by a link that works once, ends every session and tells the owner", async () => {
  const email = `${crypto.randomUUID()}@people.test`;
  await call("/api/auth/sign-up/email", { body: { name: "Ada", email, password: PASSWORD } });
  const userId = await env.DB.prepare("SELECT id FROM users WHERE email = ?").bind(email).first<string>("id");
  const devices = [await openSession(userId ?? ""), await openSession(userId ?? "")];
  relationshipId = await liveRelationship(userId ?? "");

  expect((await call("/api/auth/request-password-reset", { body: { email } })).status).toBe(200);
  const token = await tokenMailedTo(email, "password_reset");
  const stored = await env.DB.prepare("SELECT * FROM verifications").all();
  expect(JSON.stringify(stored.results)).not.toContain(token);

  const tooShort = await call("/api/auth/reset-password", { body: { token, newPassword: "short" } });
  expect(tooShort.status).toBe(400);
  const answer = await call("/api/auth/reset-password", { body: { token, newPassword: "a new password" } });
  expect(await answer.json()).toEqual({ status: "password_changed" });

  for (const device of devices) expect(await status(device.headers)).toBe(401);
  expect(await told()).toEqual(devices.map((device) => device.sessionId).toSorted());
  expect((await call("/api/auth/reset-password", { body: { token, newPassword: "yet another" } })).status).toBe(400);
  const signIn = (password: string) => call("/api/auth/sign-in/email", { body: { email, password } });
  expect((await signIn(PASSWORD)).status).toBe(401);
  // Only the owner of the address could read the link, so that it confirms the address too.
  expect((await signIn("a new password")).status).toBe(200);
  expect((await mailsTo(email))[0]?.kind).toBe("password_changed");
});

it("lets only one of two simultaneous resets win", async () => {
  const email = `${crypto.randomUUID()}@people.test`;
  await call("/api/auth/sign-up/email", { body: { name: "Ada", email, password: PASSWORD } });
  await call("/api/auth/request-password-reset", { body: { email } });
  const token = await tokenMailedTo(email, "password_reset");
  const answers = await Promise.all(
    ["first password", "second password"].map((newPassword) =>
      call("/api/auth/reset-password", { body: { token, newPassword } }),
    ),
  );
  expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200, 400]));
});

it("resets nothing by a link that is over an hour old", async () => {
  const email = `${crypto.randomUUID()}@people.test`;
  await call("/api/auth/sign-up/email", { body: { name: "Ada", email, password: PASSWORD } });
  await call("/api/auth/request-password-reset", { body: { email } });
  const token = await tokenMailedTo(email, "password_reset");
  await env.DB.prepare("UPDATE verifications SET expires_at = ?")
    .bind(new Date(Date.now() - 1).toISOString())
    .run();
  expect((await call("/api/auth/reset-password", { body: { token, newPassword: "a new password" } })).status).toBe(400);
});

it("answers a reset for an unknown address as for a known one, and mails nobody", async () => {
  const known = await call("/api/auth/request-password-reset", { body: { email: person.email } });
  const unknown = await call("/api/auth/request-password-reset", { body: { email: "nobody@people.test" } });
  expect([known.status, await known.text()]).toEqual([unknown.status, await unknown.text()]);
  expect(await mailsTo("nobody@people.test")).toEqual([]);
  expect((await mailsTo(person.email)).map((mail) => mail.kind)).toEqual(["password_reset"]);
});

it("serves a page for the link of the mail that keeps the token out of its HTML", async () => {
  const answer = await call("/api/auth/reset-password?token=secret-token-value");
  const html = await answer.text();
  expect(html).not.toContain("secret-token-value");
  const policy = answer.headers.get("content-security-policy") ?? "";
  const nonce = /script-src 'nonce-([^']+)'/.exec(policy)?.[1];
  expect(html).toContain(`<script nonce="${nonce}">`);
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain("unsafe");
  expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
});
