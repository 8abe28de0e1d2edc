import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { authLibrary } from "../../src/auth/instance.ts";
import { call } from "../support/accounts-app.ts";
import { mailsTo, tokenMailedTo } from "../support/mailbox.ts";
import { openSession } from "../support/people.ts";

/** Whoever signs up and then signs in must not learn whether the address was new (U10, S7). */

const PASSWORD = "correct horse battery";
const MINUTE_MS = 60_000;
const open = { limit: () => Promise.resolve({ success: true }) };
const unfenced = { ...env, RATE_AUTH: open } as Env;

beforeAll(async () => {
  await authLibrary(unfenced);
}, 60_000);
afterEach(() => {
  vi.useRealTimers();
});

let email: string;
beforeEach(async () => {
  email = `${crypto.randomUUID()}@people.test`;
  await signUp(email);
});

async function signUp(address: string): Promise<void> {
  await call("/api/auth/sign-up/email", { body: { name: "Ada", email: address, password: PASSWORD }, env: unfenced });
}

function signIn(password: string, at?: number): Promise<Response> {
  if (at !== undefined) vi.useFakeTimers({ toFake: ["Date"], now: at });
  return call("/api/auth/sign-in/email", { body: { email, password }, env: unfenced });
}

async function verificationMails(): Promise<number> {
  return (await mailsTo(email)).filter((mail) => mail.kind === "verification").length;
}

async function sessions(): Promise<unknown> {
  return env.DB.prepare("SELECT count(*) FROM sessions JOIN users AS u ON u.id = user_id WHERE u.email = ?")
    .bind(email)
    .first("count(*)");
}

it("answers the right password of an unconfirmed address exactly as a wrong one, and opens no session", async () => {
  const right = await signIn(PASSWORD);
  const wrong = await signIn("not it at all");
  expect([right.status, wrong.status]).toEqual([401, 401]);
  const headers = (answer: Response) => [...answer.headers].filter(([name]) => name !== "x-request-id");
  expect(headers(right)).toEqual(headers(wrong));
  const bodies = await Promise.all([right, wrong].map((answer) => answer.json<{ error: unknown }>()));
  expect(bodies[0]?.error).toEqual(bodies[1]?.error);
  expect(await sessions()).toBe(0);
});

it("tells by sign-up and sign-in with one password no new address from a known one", async () => {
  const known = `${crypto.randomUUID()}@people.test`;
  await signUp(known);
  await call(`/api/auth/verify-email?token=${encodeURIComponent(await tokenMailedTo(known, "verification"))}`);
  const mine = "the password of a stranger";
  const seen = [];
  for (const address of [known, `${crypto.randomUUID()}@people.test`]) {
    const body = { email: address, password: mine };
    const up = await call("/api/auth/sign-up/email", { body: { name: "Eve", ...body }, env: unfenced });
    const signedIn = await call("/api/auth/sign-in/email", { body, env: unfenced });
    const { error } = await signedIn.json<{ error: unknown }>();
    seen.push([up.status, await up.text(), signedIn.status, error]);
  }
  expect(seen[0]).toEqual(seen[1]);
});

it("takes as much work for both", async () => {
  const right: number[] = [];
  const wrong: number[] = [];
  for (let round = 0; round < 5; round++) {
    right.push(await timed(() => signIn(PASSWORD)));
    wrong.push(await timed(() => signIn("not it at all")));
  }
  // The quickest of each, since whatever else runs on the machine only adds. A hash left out would show as its half.
  expect(Math.abs(Math.min(...right) - Math.min(...wrong))).toBeLessThan(Math.min(...wrong) / 2);
});

it("counts both as failures", async () => {
  const answers = [];
  for (let tries = 0; tries < 11; tries++) answers.push((await signIn(PASSWORD)).status);
  expect(answers.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 401));
  expect(answers[10]).toBe(429);
});

it("mails a new link after the right password, five minutes after the last one, and none after a wrong one", async () => {
  const start = Date.now();
  await signIn(PASSWORD, start + MINUTE_MS);
  await signIn("not it at all", start + 6 * MINUTE_MS);
  expect(await settled(verificationMails)).toBe(1);
  await Promise.all([signIn(PASSWORD, start + 6 * MINUTE_MS), signIn(PASSWORD, start + 6 * MINUTE_MS)]);
  await vi.waitFor(async () => expect(await verificationMails()).toBe(2));
  await signIn(PASSWORD, start + 10 * MINUTE_MS);
  expect(await settled(verificationMails)).toBe(2);

  const token = encodeURIComponent(await tokenMailedTo(email, "verification"));
  expect((await call(`/api/auth/verify-email?token=${token}`)).status).toBe(200);
  expect((await signIn(PASSWORD)).status).toBe(200);
});

it("mails at most five links an hour, and spends none of what the mail routes allow", async () => {
  const start = Date.now();
  for (let minute = 6; minute < 60; minute += 6) {
    await signIn(PASSWORD, start + minute * MINUTE_MS);
    await settled(verificationMails);
  }
  expect(await verificationMails()).toBe(5);
  const counted = await env.DB.prepare(
    "SELECT count(*) AS n FROM sign_in_attempts WHERE scope LIKE 'mail_link%'",
  ).first("n");
  expect(counted).toBe(0);
});

it("knows no session of a person whose address is not confirmed", async () => {
  const id = await env.DB.prepare("SELECT id FROM users WHERE email = ?").bind(email).first<string>("id");
  const { headers } = await openSession(id ?? "");
  expect((await call("/api/me", { headers })).status).toBe(401);
});

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** What `read` says once work after the answer had its turns at the database. */
async function settled<Value>(read: () => Promise<Value>): Promise<Value> {
  for (let turn = 0; turn < 10; turn++) await read();
  return read();
}
