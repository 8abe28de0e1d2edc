import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { app } from "../../src/app.ts";
import { fromPlatformTime, now, toPlatformTime } from "../../src/lib/clock.ts";
import { DEMO_EMAILS } from "../../src/lib/demo-couple.ts";
import { newId } from "../../src/protocol/ids.ts";
import { DAY_MS } from "../../src/protocol/limits.ts";
import { createClient } from "../../src/client/client.ts";
import { signedInPerson } from "../support/people.ts";
import { workerEnvironment } from "../client/worker-socket.ts";

const production = {
  ...env,
  ENVIRONMENT: "production",
  APP_URL: "https://api.better-together.app",
  AUTH_SECRET: "k3v9".repeat(10),
  CODE_PEPPER: "m2x8".repeat(10),
  RESEND_API_KEY: "re_Zt71Kq20",
  STRIPE_SECRET_KEY: "sk_live_Zt71Kq20",
  STRIPE_WEBHOOK_SECRET: "whsec_Zt71Kq20",
} as unknown as Env;

it("does not exist outside development", async () => {
  const there = await app.request("https://api.example/health", {}, production);
  expect(there.status).toBe(200);
  const response = await app.request("https://api.example/api/dev/demo-couple", {}, production);
  expect(response.status).toBe(404);
  expect(await response.text()).not.toContain("demo.better-together");
});

it("lets nobody turn the clock or look into an object outside development", async () => {
  const turn = { method: "POST", headers: { "content-type": "application/json" }, body: '{"aheadMs":86400000}' };
  const before = now();
  expect((await app.request("https://api.example/api/dev/clock", turn, production)).status).toBe(404);
  expect(now() - before).toBeLessThan(3_600_000);
  const rebuild = `https://api.example/api/dev/rebuild/${newId("relationship", before)}`;
  expect((await app.request(rebuild, {}, production)).status).toBe(404);
});

it("lives ahead of time in development, alarms included, until it is told to come back", async () => {
  const turn = async (aheadMs: number): Promise<number> => {
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ aheadMs }) };
    const response = await app.request("https://api.example/api/dev/clock", init, env);
    return (await response.json<{ now: number }>()).now;
  };
  const real = now();
  try {
    const ahead = await turn(40 * DAY_MS);
    expect(ahead - real).toBeGreaterThanOrEqual(40 * DAY_MS);
    expect([toPlatformTime(ahead), fromPlatformTime(toPlatformTime(ahead))]).toEqual([ahead - 40 * DAY_MS, ahead]);
  } finally {
    await turn(0);
  }
  expect(now() - real).toBeLessThan(3_600_000);
});

it("says that there is no demo couple until there is one", async () => {
  const ask = async (): Promise<{ relationshipId: string | null }> => {
    const response = await app.request("https://api.example/api/dev/demo-couple", {}, env);
    return response.json();
  };
  expect(await ask()).toMatchObject({ relationshipId: null, members: [{ email: DEMO_EMAILS.ada }, {}] });
  const ada = await signedInPerson({ name: "Ada", email: DEMO_EMAILS.ada });
  const client = createClient({ baseUrl: "https://api.example", token: ada.token, ...workerEnvironment });
  const { id } = await client.openRelationship();
  expect((await ask()).relationshipId).toBe(id);
});
