import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { ANSWER_FLOOR_MS } from "../../src/auth/answer-floor.ts";
import { authLibrary } from "../../src/auth/instance.ts";
import { call } from "../support/accounts-app.ts";
import { linkMailedTo, mailsTo, tokenMailedTo } from "../support/mailbox.ts";

const PASSWORD = "correct horse battery";
const LOAD_TIMEOUT_MS = 60_000;

// Loading the library takes seconds where modules are transformed one by one.
beforeAll(async () => {
  await authLibrary(env);
}, LOAD_TIMEOUT_MS);

let count = 0;
let email: string;
beforeEach(() => {
  email = `person-${++count}@people.test`;
});
afterEach(() => {
  vi.useRealTimers();
});

function signUp(body: Record<string, unknown>, headers: Record<string, string> = {}) {
  return call("/api/auth/sign-up/email", { body, headers });
}

function form(overrides: Record<string, unknown> = {}) {
  return { name: "Ada", email, password: PASSWORD, ...overrides };
}

async function user(address = email) {
  return env.DB.prepare("SELECT * FROM users WHERE email = ?").bind(address).first();
}

it("makes an account that waits for its address to be confirmed", async () => {
  const answer = await signUp(form({ timezone: "America/Sao_Paulo" }));
  expect(answer.status).toBe(200);
  expect(answer.headers.getSetCookie()).toEqual([]);
  expect(await user()).toMatchObject({ name: "Ada", email_verified: 0, timezone: "America/Sao_Paulo", role: "user" });

  const link = await linkMailedTo(email, "verification");
  const verified = await call(link.pathname + link.search);
  expect(verified.status).toBe(303);
  expect(verified.headers.get("location")).toBe("/invitation/?verified=1");
  expect(await user()).toMatchObject({ email_verified: 1 });
});

it("takes UTC when no zone is given, and one address in any spelling as the same", async () => {
  await signUp(form({ email: `  ${email.toUpperCase()} ` }));
  expect(await user()).toMatchObject({ timezone: "UTC", email });
});

it("answers a known address exactly as a new one, and tells only its owner", async () => {
  const fresh = await signUp(form());
  const token = await tokenMailedTo(email, "verification");
  await call(`/api/auth/verify-email?token=${encodeURIComponent(token)}`);
  const before = await user();

  const again = await signUp(form({ password: "another password", name: "Mallory" }));
  expect(again.status).toBe(fresh.status);
  expect(await again.text()).toBe(await fresh.text());
  const headers = (answer: Response) => [...answer.headers].filter(([name]) => name !== "x-request-id");
  expect(headers(again)).toEqual(headers(fresh));
  expect(await user()).toEqual(before);

  const mails = await mailsTo(email);
  expect(mails.map((mail) => mail.kind)).toEqual(["already_registered", "verification"]);
  expect(mails[0]?.html).not.toContain("Mallory");
});

it("sends a new link when an address that was never confirmed signs up again", async () => {
  await signUp(form());
  await signUp(form());
  const kinds = (await mailsTo(email)).map((mail) => mail.kind);
  expect(new Set(kinds)).toEqual(new Set(["verification"]));
});

it("takes as long for a known address as for a new one", async () => {
  await signUp(form());
  const known: number[] = [];
  const fresh: number[] = [];
  // Four, since the fifth sign-up with one address within an hour is the last that is allowed.
  for (let round = 0; round < 4; round++) {
    known.push(await timed(() => signUp(form())));
    fresh.push(await timed(() => signUp(form({ email: `fresh-${round}@people.test` }))));
  }
  expect(Math.min(...known, ...fresh)).toBeGreaterThan(ANSWER_FLOOR_MS - 10);
  expect(Math.abs(median(known) - median(fresh))).toBeLessThan(100);
});

it("makes one account when two sign up with one address at the same time", async () => {
  const answers = await Promise.all([signUp(form()), signUp(form({ name: "Eve" })), signUp(form())]);
  expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
  const rows = await env.DB.prepare("SELECT count(*) AS n FROM users WHERE email = ?").bind(email).first("n");
  expect(rows).toBe(1);
});

it.each([
  ["name", { name: "" }],
  ["name", { name: "A".repeat(101) }],
  ["name", { name: "nul\u0000nul" }],
  ["email", { email: "no-address" }],
  ["email", { email: `${"a".repeat(250)}@people.test` }],
  ["password", { password: "seven77" }],
  ["password", { password: "p".repeat(129) }],
  ["password", { password: 12345678 }],
  ["timezone", { timezone: "Mars/Olympus" }],
  ["timezone", { timezone: "+02:00" }],
  ["role", { role: "admin" }],
  ["emailVerified", { emailVerified: true }],
  ["image", { image: "https://x.test/a.png" }],
  ["callbackURL", { callbackURL: "https://evil.test" }],
])("refuses a wrong or unknown %s by name, without its value (%#)", async (field, wrong) => {
  const answer = await signUp(form(wrong));
  const body = await answer.text();
  expect(answer.status).toBe(400);
  expect(JSON.parse(body)).toMatchObject({
    error: { code: "invalid_input", retryable: false, details: { issues: [{ path: field }] } },
    requestId: expect.any(String),
  });
  for (const value of Object.values(wrong)
    .map(String)
    .filter((text) => text.length > 3)) {
    expect(body).not.toContain(value);
  }
  expect(body).not.toContain(PASSWORD);
  expect(await user()).toBeNull();
});

it("refuses a form of another site, and a body that is not JSON", async () => {
  const foreign = await signUp(form(), { origin: "https://evil.test" });
  expect(foreign.status).toBe(403);
  const own = await signUp(form(), { origin: "http://localhost:8787" });
  expect(own.status).toBe(200);
  const plain = await call("/api/auth/sign-up/email", { method: "POST", headers: { "content-type": "text/plain" } });
  expect(plain.status).toBe(400);
});

it("confirms no address by a wrong link, and by an old one only until a day has passed", async () => {
  await signUp(form());
  const token = encodeURIComponent(await tokenMailedTo(email, "verification"));
  expect((await call(`/api/auth/verify-email?token=${token.slice(0, -4)}AAAA`)).status).toBe(400);

  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 25 * 3_600_000 });
  expect((await call(`/api/auth/verify-email?token=${token}`)).status).toBe(400);
  const landed = await call(`/api/auth/verify-email?token=${token}&callbackURL=%2Fhome`);
  expect(landed.headers.get("location")).toBe("/home?verified=0");
  expect(await user()).toMatchObject({ email_verified: 0 });

  vi.useRealTimers();
  expect((await call(`/api/auth/verify-email?token=${token}`)).status).toBe(200);
  // Mail scanners open links before people do, so that a second opening is no error.
  expect((await call(`/api/auth/verify-email?token=${token}`)).status).toBe(200);
});

it.each(["https://evil.test", "//evil.test", "/\\evil.test", "javascript:alert(1)"])(
  "sends nobody to another site after confirming (%s)",
  async (callbackURL) => {
    const query = new URLSearchParams({ token: "x", callbackURL });
    const answer = await call(`/api/auth/verify-email?${query.toString()}`);
    expect(answer.status).toBe(400);
    expect(await answer.text()).not.toContain("evil");
  },
);

it("mails a new confirmation on request, with one answer for every address", async () => {
  await signUp(form());
  const answers = [];
  for (const address of [email, "nobody@people.test"]) {
    const answer = await call("/api/auth/send-verification-email", { body: { email: address } });
    answers.push([answer.status, await answer.text()]);
  }
  expect(answers[0]).toEqual(answers[1]);
  expect(await mailsTo("nobody@people.test")).toEqual([]);
});

it.each([
  ["GET", "/ok"],
  ["GET", "/error"],
  ["GET", "/get-session"],
  ["POST", "/update-user"],
  ["POST", "/change-email"],
  ["POST", "/delete-user"],
  ["POST", "/sign-in/social"],
  ["POST", "/revoke-sessions"],
  ["GET", "/reset-password/abc?callbackURL=/"],
  ["POST", "/set-password"],
])("does not offer the library's other endpoints: %s %s", async (method, path) => {
  const answer = await call(`/api/auth${path}`, { method, ...(method === "POST" ? { body: {} } : {}) });
  expect(answer.status).toBe(404);
});

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
