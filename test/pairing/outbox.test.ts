import { env } from "cloudflare:workers";
import { beforeEach, expect, it } from "vitest";
import { endSessions } from "../../src/db/sessions.ts";
import { markMembershipChanged } from "../../src/pairing/membership.ts";
import { deliverNow, deliverObjectOutbox, deliverTo, retryDelayMs } from "../../src/pairing/outbox.ts";
import type { Person } from "../support/people.ts";
import { openSession, signedInPerson } from "../support/people.ts";
import { withBatchFault, withObjectFault } from "./faults.ts";
import { profileInObject } from "./object-view.ts";
import { DAY_MS, MINUTE_MS, open, outboxOf, START } from "./pairing-app.ts";

// Deliveries are counted here, and files share a directory.
beforeEach(async () => {
  await env.DB.prepare("DELETE FROM object_outbox").run();
});

async function solo(): Promise<{ ada: Person; id: string }> {
  const ada = await signedInPerson({ name: "Ada" });
  return { ada, id: (await open(ada)).id };
}

async function rename(person: Person, name: string, now: number): Promise<void> {
  await env.DB.batch([
    env.DB.prepare("UPDATE users SET name = ? WHERE id = ?").bind(name, person.userId),
    ...markMembershipChanged(env.DB, person.userId, now),
  ]);
}

it("brings a changed name to the object", async () => {
  const { ada, id } = await solo();
  await rename(ada, "Ada L.", START);
  expect(await deliverTo(env, START, id)).toEqual({ delivered: 1, failed: 0 });
  expect(await profileInObject(id, ada.userId)).toEqual({ status: "solo", names: ["Ada L."] });
  expect(await outboxOf(id)).toEqual([]);
});

it("queues nothing for a person without a live relationship", async () => {
  const ada = await signedInPerson();
  await rename(ada, "Ada L.", START);
  const { results } = await env.DB.prepare("SELECT 1 FROM object_outbox WHERE created_at = ?").bind(START).all();
  expect(results).toEqual([]);
});

it("keeps a row that became newer while it was delivered", async () => {
  const { ada, id } = await solo();
  await rename(ada, "First", START);
  const racing = withObjectFault("applyMembership", "before", { times: 0 });
  const getByName = racing.RELATIONSHIP.getByName.bind(racing.RELATIONSHIP);
  let renamed = false;
  const RELATIONSHIP = {
    getByName: (name: string) => {
      const stub = getByName(name);
      return {
        applyMembership: async (state: Parameters<typeof stub.applyMembership>[0]) => {
          const answer = await stub.applyMembership(state);
          // The second change comes after D1 was read and before the delivery is noted.
          if (!renamed) await rename(ada, "Second", START);
          renamed = true;
          return answer;
        },
      };
    },
  } as unknown as Env["RELATIONSHIP"];
  await deliverTo({ ...env, RELATIONSHIP }, START, id);
  expect(await profileInObject(id, ada.userId)).toMatchObject({ names: ["First"] });
  expect(await outboxOf(id)).toMatchObject([{ generation: 2, attempts: 0, due_at: START }]);
  await deliverTo(env, START, id);
  expect(await profileInObject(id, ada.userId)).toMatchObject({ names: ["Second"] });
  expect(await outboxOf(id)).toEqual([]);
});

it("waits longer after each failure, and delivers in the end", async () => {
  const { ada, id } = await solo();
  await rename(ada, "Ada L.", START);
  const away = withObjectFault("applyMembership", "before");
  let now = START;
  let waited = 0;
  for (let attempt = 1; attempt <= 5; attempt++) {
    expect(await deliverObjectOutbox(away, now, { limit: 1_000 })).toEqual({ delivered: 0, failed: 1 });
    const [row] = await outboxOf(id);
    expect(row).toMatchObject({ attempts: attempt, last_error: "Error: object is away" });
    expect(await deliverObjectOutbox(env, Number(row?.["due_at"]) - 1, { limit: 1_000 })).toEqual({
      delivered: 0,
      failed: 0,
    });
    // Twice as long as before, less up to a half of it.
    expect(Number(row?.["due_at"]) - now).toBeGreaterThanOrEqual(waited);
    waited = Number(row?.["due_at"]) - now;
    now = Number(row?.["due_at"]);
  }
  expect(await deliverObjectOutbox(env, now, { limit: 1_000 })).toMatchObject({ failed: 0 });
  expect(await profileInObject(id, ada.userId)).toMatchObject({ names: ["Ada L."] });
});

it("never waits more than an hour", () => {
  expect(retryDelayMs(0, 0)).toBe(10_000);
  expect(retryDelayMs(0, 1)).toBe(5_000);
  for (const attempts of [9, 50, 5_000]) expect(retryDelayMs(attempts, 0)).toBe(60 * MINUTE_MS);
});

it("delivers to the others when one object cannot be reached", async () => {
  const [broken, whole] = [await solo(), await solo()];
  await rename(broken.ada, "B", START);
  await rename(whole.ada, "W", START);
  const away = withObjectFault("applyMembership", "before", { relationshipId: broken.id });
  const report = await deliverObjectOutbox(away, START, { limit: 1_000 });
  expect(report.failed).toBe(1);
  expect(await profileInObject(whole.id, whole.ada.userId)).toMatchObject({ names: ["W"] });
  expect(await outboxOf(broken.id)).toHaveLength(1);
  await deliverObjectOutbox(env, START + DAY_MS, { limit: 1_000 });
});

it("tells the object of ended sessions", async () => {
  const { ada, id } = await solo();
  const { sessionId } = await openSession(ada.userId);
  await endSessions(env.DB, { userId: ada.userId, sessionId }, START);
  expect(await outboxOf(id)).toMatchObject([{ kind: "session_ended", key: sessionId }]);
  const spy = withObjectFault("endSession", "after", { times: 0 });
  expect(await deliverNow(spy, START, [id])).toBe(true);
  expect(spy.calls()).toBe(1);
  expect(await outboxOf(id)).toEqual([]);
});

it("tells the object of all ended sessions in one go, however many they are", async () => {
  const { ada, id } = await solo();
  for (let i = 0; i < 120; i++) await openSession(ada.userId);
  await endSessions(env.DB, { userId: ada.userId }, START);
  expect(await deliverTo(env, START, id)).toEqual({ delivered: 121, failed: 0 });
  expect(await outboxOf(id)).toEqual([]);
});

it("does not put off the sweep's next try when somebody asks before its time", async () => {
  const { ada, id } = await solo();
  await rename(ada, "Ada L.", START);
  const away = withObjectFault("applyMembership", "before");
  for (let i = 0; i < 4; i++) expect(await deliverNow(away, START, [id])).toBe(false);
  const [row] = await outboxOf(id);
  expect(row).toMatchObject({ attempts: 1 });
  expect(Number(row?.["due_at"])).toBeLessThanOrEqual(START + 10_000);
  expect(away.calls()).toBe(4);
  expect(await deliverNow(env, START + 1, [id])).toBe(true);
});

it("notes the schema of each object that answered", async () => {
  const { id } = await solo();
  const schema = await env.DB.prepare("SELECT schema_version FROM relationships WHERE id = ?")
    .bind(id)
    .first("schema_version");
  expect(Number(schema)).toBeGreaterThan(0);
});

it("does not fail its caller when D1 goes away after the cause", async () => {
  const { ada, id } = await solo();
  await rename(ada, "Ada L.", START);
  expect(await deliverNow(withBatchFault(1, "before"), START, [id])).toBe(false);
  expect(await deliverNow(env, START, [id])).toBe(true);
});

it("creates no object for a relationship that D1 does not know", async () => {
  expect(await deliverTo(env, START, "rel_unknown")).toEqual({ delivered: 0, failed: 0 });
});
