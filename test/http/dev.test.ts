import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { app } from "../../src/app.ts";
import { DEMO_EMAILS } from "../../src/lib/demo-couple.ts";
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
