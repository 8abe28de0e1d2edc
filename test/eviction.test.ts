import { env } from "cloudflare:workers";
import { evictDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createCouple, NOON, type TestCouple } from "./support/couple.ts";
import { comparable, ALL_SAMPLES, playSamples, type Ask } from "./support/samples.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOON });
});

afterEach(() => {
  vi.useRealTimers();
});

function asking(couple: TestCouple, before: () => Promise<void>): Ask {
  return async (name, input) => {
    await before();
    // Each step in a millisecond of its own, so that what is sorted by time has one order.
    vi.setSystemTime(Date.now() + 1_000);
    const reply = await couple.a.reply(name, input, { now: Date.now() });
    return reply.ok
      ? { ok: true, data: (JSON.parse(reply.json) as { data: unknown }).data }
      : { ok: false, error: reply.error };
  };
}

it("answers every operation as if it had never left memory when it leaves it before each", async () => {
  const kept = await createCouple({ createdAt: NOON });
  const evicted = await createCouple({ createdAt: NOON });
  const fromMemory = await playSamples(
    asking(kept, () => Promise.resolve()),
    ALL_SAMPLES,
  );
  vi.setSystemTime(NOON);
  const stub = env.RELATIONSHIP.getByName(evicted.relationshipId);
  const fromStorage = await playSamples(
    asking(evicted, () => evictDurableObject(stub)),
    ALL_SAMPLES,
  );
  for (const { name } of ALL_SAMPLES) {
    expect([name, comparable(fromStorage.get(name), evicted)]).toEqual([name, comparable(fromMemory.get(name), kept)]);
  }
}, 30_000);
