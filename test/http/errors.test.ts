import { env, exports } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { callRelationship, relationshipStub, type RelationshipStub } from "../../src/relationship/stub.ts";
import { AppError } from "../../src/protocol/errors.ts";
import { createCouple } from "../support/couple.ts";
import { openSession } from "../support/people.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const dashboard = async (): Promise<{ url: string; headers: { authorization: string } }> => {
  const couple = await createCouple({ createdAt: Date.now() });
  const { headers } = await openSession(couple.a.userId);
  return { url: `https://api.example/api/relationships/${couple.relationshipId}/queries/insights.dashboard`, headers };
};

function failingDatabase(message: string): void {
  const statement = Object.getPrototypeOf(env.DB.prepare("SELECT 1")) as { first: () => unknown; all: () => unknown };
  for (const method of ["first", "all"] as const) {
    vi.spyOn(statement, method).mockRejectedValue(new Error(message));
  }
}

describe("503", () => {
  it("says that it can be tried again when D1 is away, without saying why", async () => {
    const { url, headers } = await dashboard();
    failingDatabase("D1_ERROR: D1 DB is overloaded. Requests queued for too long.");
    const response = await exports.default.fetch(url, { headers });
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("5");
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ error: { code: "unavailable", retryable: true } });
    expect(text).not.toContain("D1");
  });

  it("leaves an overloaded object alone", async () => {
    let calls = 0;
    const call = (): Promise<never> => {
      calls += 1;
      return Promise.reject(Object.assign(new Error("overloaded"), { overloaded: true, retryable: true }));
    };
    await expect(async () => callRelationship(env, "rel", call)).rejects.toMatchObject({ code: "unavailable" });
    expect(calls).toBe(1);
  });

  it("tries again on a new stub when the object was reset, and gives up in the end", async () => {
    const stubs = new Set<RelationshipStub>();
    const reset = Object.assign(new Error("reset"), { retryable: true });
    const second = await callRelationship(env, "rel", (stub) => {
      stubs.add(stub);
      return stubs.size === 1 ? Promise.reject(reset) : Promise.resolve("answer");
    });
    expect(second).toBe("answer");
    expect(stubs.size).toBe(2);
    await expect(async () => callRelationship(env, "rel", () => Promise.reject(reset))).rejects.toBeInstanceOf(
      AppError,
    );
  });

  it("brings a couple back after its object was aborted in the middle of a command", async () => {
    const couple = await createCouple({ createdAt: Date.now() });
    const { abortAllDurableObjects } = await import("cloudflare:test");
    const stub = relationshipStub(env, couple.relationshipId);
    await stub.ensureAlarm();
    await abortAllDurableObjects();
    const answer = await callRelationship(env, couple.relationshipId, (fresh) => fresh.ensureAlarm());
    expect(answer.nextDueAt).not.toBeNull();
  });
});

describe("500", () => {
  it("keeps the cause of a bug of ours to the log", async () => {
    const { url, headers } = await dashboard();
    failingDatabase("D1_ERROR: no such column: canary: SQLITE_ERROR");
    const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const response = await exports.default.fetch(url, { headers });
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("canary");
    expect(logged).toHaveBeenCalledOnce();
  });
});

describe("404 and 4xx", () => {
  it("answers an unknown path in our shape", async () => {
    const response = await exports.default.fetch("https://api.example/api/nothing-here");
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: "not_found" }, requestId: expect.any(String) });
  });

  it("reads a body only as far as the limit, whatever its length claims to be", async () => {
    const { url, headers } = await dashboard();
    const address = url.replace("queries/insights.dashboard", "commands/activities.plan");
    const body = JSON.stringify({ name: "x".repeat(70_000), type: "custom" });
    const declared = await exports.default.fetch(address, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body,
    });
    expect(declared.status).toBe(413);
    const chunked = await exports.default.fetch(address, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: new Blob([body]).stream(),
    });
    expect(chunked.status).toBe(413);
  });

  it("refuses another site's change and does not answer its preflight", async () => {
    const { url, headers } = await dashboard();
    const address = url.replace("queries/insights.dashboard", "commands/activities.plan");
    const response = await exports.default.fetch(address, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json", origin: "https://evil.example" },
      body: "{}",
    });
    expect(response.status).toBe(403);
    const preflight = await exports.default.fetch(address, {
      method: "OPTIONS",
      headers: { origin: "https://evil.example", "access-control-request-method": "POST" },
    });
    expect(preflight.headers.get("access-control-allow-origin")).toBeNull();
  });
});
