import { env } from "cloudflare:workers";
import { afterEach, beforeAll, expect, it, vi } from "vitest";
import { authLibrary } from "../../src/auth/instance.ts";
import { sessionCookieName, verifySignedToken } from "../../src/auth/session-token.ts";
import { config } from "../../src/lib/config.ts";
import { call } from "../support/accounts-app.ts";
import { confirmAddress, openSession, signedInPerson } from "../support/people.ts";

const PASSWORD = "correct horse battery";
const ORIGIN = "http://localhost:8787";
const COOKIE = sessionCookieName(ORIGIN);
const DAY_MS = 86_400_000;
const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1";

beforeAll(async () => {
  await authLibrary(env);
}, 60_000);
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

async function account(): Promise<{ email: string; password: string }> {
  const email = `${crypto.randomUUID()}@people.test`;
  await call("/api/auth/sign-up/email", { body: { name: "Ada", email, password: PASSWORD } });
  await confirmAddress(email);
  return { email, password: PASSWORD };
}

function cookieHeader(signed: string) {
  return { cookie: `other=1; ${COOKIE}=${encodeURIComponent(signed)}` };
}

/** Statements that D1 was asked for while `work` ran. */
async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
  const prepare = vi.spyOn(env.DB, "prepare");
  await work();
  const statements = prepare.mock.calls.map(([sql]) => sql);
  prepare.mockRestore();
  return statements;
}

it("gives an app a bearer token and no cookie", async () => {
  const answer = await call("/api/auth/sign-in/email", { body: await account() });
  const body = await answer.json<{ token: string; session: { id: string; expiresAt: number } }>();
  expect(answer.status).toBe(200);
  expect(answer.headers.get("set-auth-token")).toBe(body.token);
  expect(answer.headers.getSetCookie()).toEqual([]);
  const me = await call("/api/me", { headers: { authorization: `Bearer ${body.token}` } });
  expect(me.status).toBe(200);
  expect(body.session.expiresAt - Date.now()).toBeGreaterThan(29 * DAY_MS);
});

it("gives a browser a cookie that scripts cannot read, and no token", async () => {
  const answer = await call("/api/auth/sign-in/email", { body: await account(), headers: { origin: ORIGIN } });
  expect(await answer.json()).not.toHaveProperty("token");
  expect(answer.headers.get("set-auth-token")).toBeNull();
  const [cookie = ""] = answer.headers.getSetCookie();
  expect(cookie).toMatch(/^bt\.session_token=[^;]+; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/);
  const me = await call("/api/me", { headers: { cookie: cookie.split(";")[0] ?? "" } });
  expect(me.status).toBe(200);
});

it("gives a page a bearer token when it asks for one by name", async () => {
  const body = { ...(await account()), transport: "bearer" };
  const answer = await call("/api/auth/sign-in/email", { body, headers: { origin: ORIGIN } });
  expect(answer.headers.getSetCookie()).toEqual([]);
  expect(await answer.json()).toHaveProperty("token");
});

it("answers a wrong password and an unknown address alike, and takes as much work for both", async () => {
  const { email } = await account();
  const wrong = await call("/api/auth/sign-in/email", { body: { email, password: "not it at all" } });
  const unknown = await call("/api/auth/sign-in/email", { body: { email: "nobody@people.test", password: PASSWORD } });
  expect([wrong.status, unknown.status]).toEqual([401, 401]);
  const bodies = [await wrong.json<{ error: unknown }>(), await unknown.json<{ error: unknown }>()];
  expect(bodies[0]?.error).toEqual(bodies[1]?.error);
});

it("keeps no address and no agent string of a session, only coarse families", async () => {
  const body = await account();
  const headers = { "user-agent": IPHONE, "cf-connecting-ip": "203.0.113.77", "x-forwarded-for": "203.0.113.77" };
  await call("/api/auth/sign-in/email", { body, headers });
  const tables = ["users", "sessions", "accounts", "verifications", "sign_in_attempts", "mail_outbox"];
  for (const table of tables) {
    const { results } = await env.DB.prepare(`SELECT * FROM ${table}`).all();
    expect(JSON.stringify(results)).not.toMatch(/203\.0\.113|AppleWebKit|17_0/);
  }
  const row = await env.DB.prepare("SELECT * FROM sessions ORDER BY id DESC LIMIT 1").first();
  expect(row).toMatchObject({ device_class: "phone", browser_family: "safari", os_family: "ios" });
});

it("costs one D1 query, by cookie and by token", async () => {
  const person = await signedInPerson();
  for (const headers of [person.headers, cookieHeader(person.token)]) {
    const statements = await statementsOf(() => call("/api/me/sessions", { headers }));
    // The second one is what this route itself asks for.
    expect(statements).toHaveLength(2);
    expect(statements[0]).toContain("FROM sessions AS s JOIN users AS u");
  }
});

it("costs no query for a token that we did not sign", async () => {
  const person = await signedInPerson();
  const raw = person.token.split(".")[0] ?? "";
  const signature = person.token.slice(raw.length + 1);
  const spoiled = (signature.startsWith("A") ? "B" : "A") + signature.slice(1);
  const forged = [raw, `${raw}.`, `${raw}.AAAA`, `x${person.token}`, `${raw}.${spoiled}`, "é.é", "%", "."];
  for (const token of forged) {
    const statements = await statementsOf(async () => {
      const answer = await call("/api/me", { headers: { authorization: `Bearer ${encodeURIComponent(token)}` } });
      expect(answer.status).toBe(401);
    });
    expect(statements).toEqual([]);
  }
});

it("agrees with the auth library about cookies and tokens", async () => {
  const library = await authLibrary(env);
  const { token } = await signedInPerson();
  const tampered = token.replace(/^./, (first) => (first === "a" ? "b" : "a"));
  for (const signed of [token, tampered, token.split(".")[0] ?? ""]) {
    const ours = verifySignedToken(signed, config(env).AUTH_SECRET) !== null;
    const bearer = new Headers({ authorization: `Bearer ${signed}` });
    expect((await library.api.getSession({ headers: bearer })) !== null).toBe(ours);
    const cookie = new Headers(cookieHeader(signed));
    expect((await library.api.getSession({ headers: cookie })) !== null).toBe(ours);
  }
});

it("reads a session with one query in the library too, on an instance that was just built", async () => {
  const { token } = await signedInPerson();
  const fresh = { ...env } as Env;
  const library = await authLibrary(fresh);
  const statements = await statementsOf(() =>
    library.api.getSession({ headers: new Headers({ authorization: `Bearer ${token}` }) }),
  );
  expect(statements).toHaveLength(1);
});

it("ignores the cookie when a bearer token is shown, good or bad", async () => {
  const one = await signedInPerson({ name: "One" });
  const two = await signedInPerson({ name: "Two" });
  const both = await call("/api/me", { headers: { ...one.headers, ...cookieHeader(two.token) } });
  expect(await both.json()).toMatchObject({ user: { name: "One" } });
  const bad = await call("/api/me", { headers: { authorization: "Bearer nonsense.x", ...cookieHeader(two.token) } });
  expect(bad.status).toBe(401);
});

it.each([
  ["no origin", {}],
  ["a foreign origin", { origin: "https://evil.test" }],
  ["the null origin", { origin: "null" }],
  ["a look-alike", { origin: "http://localhost:8787.evil.test" }],
])("takes no change by cookie from %s", async (_name, headers) => {
  const person = await signedInPerson();
  const options = { method: "PATCH", body: { name: "Changed" } };
  const byCookie = await call("/api/me", { ...options, headers: { ...cookieHeader(person.token), ...headers } });
  expect(byCookie.status).toBe(403);
  expect(await byCookie.json()).toMatchObject({ error: { code: "origin_not_allowed" } });
  const own = await call("/api/me", { ...options, headers: { ...cookieHeader(person.token), origin: ORIGIN } });
  expect(own.status).toBe(200);
});

it("refuses a session that is over, and one of an erased person", async () => {
  const person = await signedInPerson();
  const over = await openSession(person.userId, Date.now() - DAY_MS, Date.now() - 1);
  expect((await call("/api/me", { headers: over.headers })).status).toBe(401);
  await env.DB.prepare("UPDATE users SET erased_at = 1 WHERE id = ?").bind(person.userId).run();
  expect((await call("/api/me", { headers: person.headers })).status).toBe(401);
});

it("extends a session that is used, once a day, and renews the cookie with it", async () => {
  const start = Date.now();
  const person = await signedInPerson({ now: start });
  const expiresAt = () =>
    env.DB.prepare("SELECT expires_at FROM sessions WHERE id = ?").bind(person.sessionId).first<string>("expires_at");
  const headers = cookieHeader(person.token);

  const sameDay = await call("/api/me", { headers: { ...headers, "x-bt-now": String(start + DAY_MS / 2) } });
  expect(sameDay.headers.getSetCookie()).toEqual([]);

  const later = start + 20 * DAY_MS;
  const used = await call("/api/me", { headers: { ...headers, "x-bt-now": String(later) } });
  expect(used.headers.getSetCookie()[0]).toContain("Max-Age=2592000; Path=/; HttpOnly; SameSite=Lax");
  await vi.waitFor(async () => {
    expect(Date.parse((await expiresAt()) ?? "")).toBe(later + 30 * DAY_MS);
  });
  const renewed = used.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const past = { cookie: renewed, "x-bt-now": String(start + 45 * DAY_MS) };
  expect((await call("/api/me", { headers: past })).status).toBe(200);
});

it("opens a session that lives on the clock of the request, a year ahead in development", async () => {
  const body = await account();
  const ahead = { "x-bt-now": String(Date.now() + 365 * DAY_MS) };
  const answer = await call("/api/auth/sign-in/email", { body, headers: ahead });
  const { token } = await answer.json<{ token: string }>();
  const me = await call("/api/me", { headers: { authorization: `Bearer ${token}`, ...ahead } });
  expect(me.status).toBe(200);
});

it("names its cookie so that browsers send it over HTTPS only, where there is HTTPS", () => {
  expect(sessionCookieName("https://app.test")).toBe("__Secure-bt.session_token");
  expect(sessionCookieName("http://localhost:8787")).toBe("bt.session_token");
});
