import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { cleanUpSignIn } from "../../src/auth/clean-up.ts";
import { authLibrary } from "../../src/auth/instance.ts";
import { addressPrefix } from "../../src/auth/keyed-hash.ts";
import { call } from "../support/accounts-app.ts";
import { confirmAddress, signedInPerson } from "../support/people.ts";

const PASSWORD = "correct horse battery";
const open = { limit: () => Promise.resolve({ success: true }) };
/** The fence is reset as often as somebody likes; only exact counts remain. */
const unfenced = { ...env, RATE_AUTH: open } as Env;

beforeAll(async () => {
  await authLibrary(unfenced);
}, 60_000);
afterEach(() => {
  vi.useRealTimers();
});

let email: string;
let address: string;
let tests = 0;
beforeEach(() => {
  email = `${crypto.randomUUID()}@people.test`;
  address = `198.51.${++tests}.7`;
});

async function signUp(): Promise<void> {
  await call("/api/auth/sign-up/email", { body: { name: "Ada", email, password: PASSWORD }, env: unfenced });
  await confirmAddress(email);
}

function signIn(password: string, overrides: { email?: string; address?: string; at?: number } = {}) {
  return call("/api/auth/sign-in/email", {
    body: { email: overrides.email ?? email, password },
    headers: {
      "cf-connecting-ip": overrides.address ?? address,
      ...(overrides.at === undefined ? {} : { "x-bt-now": String(overrides.at) }),
    },
    env: unfenced,
  });
}

async function statuses(answers: Promise<Response>[]): Promise<number[]> {
  return (await Promise.all(answers)).map((answer) => answer.status);
}

it("locks an account after ten wrong passwords, exactly, though they come at once and from everywhere", async () => {
  await signUp();
  const answers = await statuses(
    Array.from({ length: 24 }, (_, i) => signIn("wrong wrong", { address: `203.0.${i}.9` })),
  );
  expect(answers.filter((status) => status === 401)).toHaveLength(10);
  expect(answers.filter((status) => status === 429)).toHaveLength(14);

  const locked = await signIn(PASSWORD);
  expect(locked.status).toBe(429);
  const seconds = Number(locked.headers.get("retry-after"));
  expect(seconds).toBeGreaterThan(14 * 60);
  expect(seconds).toBeLessThanOrEqual(15 * 60);
  expect(await locked.json()).toMatchObject({
    error: { code: "rate_limited", retryable: true, details: { retryAfterSeconds: seconds } },
  });
  expect((await signIn(PASSWORD, { at: Date.now() + (seconds + 1) * 1_000 })).status).toBe(200);
});

it("locks an address that does not exist just the same", async () => {
  const answers = await statuses(
    Array.from({ length: 12 }, () => signIn("wrong wrong", { email: "nobody@people.test" })),
  );
  expect(answers.filter((status) => status === 429)).toHaveLength(2);
});

it("does not count what succeeds", async () => {
  await signUp();
  for (let i = 0; i < 12; i++) expect((await signIn(PASSWORD)).status).toBe(200);
});

it("keeps counting failures across a success", async () => {
  await signUp();
  await statuses(Array.from({ length: 9 }, () => signIn("wrong wrong")));
  expect((await signIn(PASSWORD)).status).toBe(200);
  expect(await statuses([signIn("wrong wrong"), signIn("wrong wrong")])).toContain(429);
});

it("limits one network that tries many accounts", async () => {
  await signUp();
  await env.DB.prepare("UPDATE sign_in_attempts SET attempts = 0").run();
  expect((await signIn("wrong wrong")).status).toBe(401);
  await env.DB.prepare("UPDATE sign_in_attempts SET attempts = 100 WHERE scope = 'sign_in_address'").run();
  const neighbour = address.replace(/\.7$/, ".99");
  expect((await signIn(PASSWORD, { email: "other@people.test", address: neighbour })).status).toBe(429);
  expect((await signIn(PASSWORD, { address: "192.0.2.1" })).status).toBe(200);
});

it("sends at most five links an hour to an address, without saying whether it is known", async () => {
  await signUp();
  for (const to of [email, "nobody@people.test"]) {
    const options = { body: { email: to }, headers: { "cf-connecting-ip": address }, env: unfenced };
    const answers = await statuses(Array.from({ length: 6 }, () => call("/api/auth/request-password-reset", options)));
    expect(answers.toSorted((a, b) => a - b)).toEqual([200, 200, 200, 200, 200, 429]);
  }
});

it("stores keys that name nobody", async () => {
  await signIn("wrong wrong");
  const { results } = await env.DB.prepare("SELECT * FROM sign_in_attempts").all<{ key_hmac: string }>();
  expect(results.length).toBeGreaterThan(0);
  for (const row of results) expect(row.key_hmac).toMatch(/^[\w-]{43}$/);
  expect(JSON.stringify(results)).not.toMatch(/people\.test|198\.51/);
});

it("stops at the fence with 429 and Retry-After", async () => {
  await signUp();
  const keys: string[] = [];
  const closed = {
    limit: ({ key }: { key: string }) => {
      keys.push(key);
      return Promise.resolve({ success: false });
    },
  };
  const answer = await call("/api/auth/sign-in/email", {
    body: { email, password: PASSWORD },
    headers: { "cf-connecting-ip": address },
    env: { ...env, RATE_AUTH: closed } as Env,
  });
  expect(answer.status).toBe(429);
  expect(answer.headers.get("retry-after")).toBe("60");
  expect(keys.join()).not.toContain("198.51");
});

it("lets nobody in while the limiter is broken", async () => {
  await signUp();
  const broken = { limit: () => Promise.reject(new Error("no limiter")) };
  const answer = await call("/api/auth/sign-in/email", {
    body: { email, password: PASSWORD },
    env: { ...env, RATE_AUTH: broken } as Env,
  });
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ error: { code: "unavailable", retryable: true } });
});

it("really has a fence: the sixty-first request of a minute is refused", async () => {
  const { headers } = await signedInPerson();
  const answers: number[] = [];
  for (let i = 0; i < 61; i++) {
    const options = { headers: { ...headers, "cf-connecting-ip": "192.0.2.200" } };
    answers.push((await call("/api/auth/list-sessions", options)).status);
  }
  expect(answers.slice(0, 60).every((status) => status === 200)).toBe(true);
  expect(answers.at(-1)).toBe(429);
});

it.each([
  ["203.0.113.77", "203.0.113"],
  ["::ffff:203.0.113.77", "203.0.113"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1"],
  ["2001:0DB8:0001::9", "2001:db8:1"],
  ["2001:db8::1", "2001:db8:0"],
  ["::1", "0:0:0"],
  [null, "none"],
])("takes %s as one of network %s", (given, prefix) => {
  expect(addressPrefix(given)).toBe(prefix);
});

it("forgets ended windows, sessions and one-time tokens, and nothing that lives", async () => {
  const person = await signedInPerson();
  const old = await signedInPerson({ now: Date.now() - 40 * 86_400_000 });
  await signIn("wrong wrong");
  await cleanUpSignIn(env, Date.now() + 60_000, { limit: 500 });
  const left = await env.DB.prepare("SELECT id FROM sessions WHERE id IN (?, ?)")
    .bind(person.sessionId, old.sessionId)
    .all<{ id: string }>();
  expect(left.results).toEqual([{ id: person.sessionId }]);
  const windows = "SELECT count(*) AS n FROM sign_in_attempts";
  expect(await env.DB.prepare(windows).first("n")).toBeGreaterThan(0);
  await cleanUpSignIn(env, Date.now() + 2 * 3_600_000, { limit: 500 });
  expect(await env.DB.prepare(windows).first("n")).toBe(0);
});
