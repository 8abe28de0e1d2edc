import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { app } from "../../src/app.ts";
import { parseConfig } from "../../src/lib/config.ts";

const SECRET_NAMES = ["AUTH_SECRET", "CODE_PEPPER", "RESEND_API_KEY", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"];

const production = {
  ENVIRONMENT: "production",
  APP_URL: "https://api.couples.test",
  ALLOWED_ORIGINS: "https://app.couples.test, https://www.couples.test",
  MAIL_FROM: "Better Together <hello@couples.test>",
  FLUSH_INTERVAL_MS: "600000",
  ...Object.fromEntries(
    SECRET_NAMES.map((name) => [name, `k9${name.toLowerCase()}Jq7vTz0mWb4RyC1nLx`.padEnd(40, "p")]),
  ),
};

describe("outside development", () => {
  it("accepts a whole configuration", () => {
    expect(parseConfig(production).allowedOrigins).toEqual(["https://app.couples.test", "https://www.couples.test"]);
    expect(parseConfig({ ...production, ENVIRONMENT: "staging" }).FLUSH_INTERVAL_MS).toBe(600_000);
  });

  it.each(SECRET_NAMES)("refuses to start without %s", (name) => {
    for (const value of [undefined, "", "short"]) {
      expect(() => parseConfig({ ...production, [name]: value })).toThrow(name);
    }
  });

  it.each(SECRET_NAMES)("refuses a placeholder in %s and does not repeat it", (name) => {
    for (const value of ["change-me-change-me-change-me-change-me", "your-secret-goes-here-0123456789-0123456789"]) {
      expect(() => parseConfig({ ...production, [name]: value })).toThrow(name);
      expect(() => parseConfig({ ...production, [name]: value })).not.toThrow(value);
    }
  });

  it.each(["AUTH_SECRET", "CODE_PEPPER"] as const)("refuses the development value of %s", (name) => {
    const known = parseConfig({
      ...production,
      ...Object.fromEntries(SECRET_NAMES.map((key) => [key, ""])),
      ENVIRONMENT: "development",
    });
    expect(() => parseConfig({ ...production, [name]: known[name] })).toThrow(name);
  });

  it.each([
    ["ENVIRONMENT", "prod"],
    ["APP_URL", "not a url"],
    ["FLUSH_INTERVAL_MS", "soon"],
    ["ALLOWED_ORIGINS", ""],
  ])("refuses %s = %s", (name, value) => {
    expect(() => parseConfig({ ...production, [name]: value })).toThrow(name);
  });

  it("serves nothing while it is misconfigured", async () => {
    for (const path of ["/health", "/api/me", "/openapi.json", "/dev/mailbox"]) {
      const response = await app.request(path, {}, { ...env, ...production, AUTH_SECRET: "" });
      expect([path, response.status]).toEqual([path, 503]);
      expect(await response.json()).toMatchObject({ error: { code: "misconfigured" } });
    }
  });

  it("has no mailbox, no demo couple and no shifted clock", async () => {
    for (const path of ["/dev/mailbox", "/dev/mailbox.json", "/api/dev/demo-couple"]) {
      expect([path, (await app.request(path, {}, { ...env, ...production })).status]).toEqual([path, 404]);
    }
    const shifted = await app.request("/health", { headers: { "x-bt-now": "nonsense" } }, { ...env, ...production });
    expect(shifted.status).toBe(200);
    const development = await app.request("/health", { headers: { "x-bt-now": "nonsense" } }, env);
    expect(development.status).toBe(400);
  });
});
