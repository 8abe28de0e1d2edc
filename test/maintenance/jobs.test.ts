/// <reference types="vite/types/importMeta.d.ts" />
import { createExecutionContext, createScheduledController, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Job } from "../../src/maintenance/jobs.ts";
import { JOBS, runJob, runScheduled } from "../../src/maintenance/jobs.ts";
import { retryDelayMs, wakeOverdueObjects } from "../../src/maintenance/wake-objects.ts";
import { withBatchFault, withObjectFault } from "../pairing/faults.ts";
import { profileInObject } from "../pairing/object-view.ts";
import { call, DAY_MS, invite, MINUTE_MS, open, outboxOf, START } from "../pairing/pairing-app.ts";
import { mailsTo } from "../support/mailbox.ts";
import { signedInPerson } from "../support/people.ts";

const CONFIGURATION = import.meta.glob<string>("../../wrangler.jsonc", {
  query: "?raw",
  import: "default",
  eager: true,
});
const SWEEP = "*/5 * * * *";

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: START });
  // Sweeps see the rows of all tests of this file, so each begins with nothing due.
  await env.DB.batch([
    env.DB.prepare("UPDATE relationships SET next_due_at = NULL"),
    env.DB.prepare("DELETE FROM object_outbox"),
    env.DB.prepare("DELETE FROM job_runs"),
  ]);
});
afterEach(() => {
  vi.useRealTimers();
});

async function trigger(cron: string, scheduledTime: number, on: Env = env): Promise<void> {
  const controller = createScheduledController({ cron, scheduledTime: new Date(scheduledTime) });
  await runScheduled(controller, on, createExecutionContext());
}

async function runsOf(name: string): Promise<Record<string, unknown>[]> {
  const { results } = await env.DB.prepare("SELECT * FROM job_runs WHERE job_name = ? ORDER BY slot_at")
    .bind(name)
    .all();
  return results;
}

function countingJob(name: string, run: Job["run"]): Job & { runs: () => number } {
  let runs = 0;
  return {
    name,
    cron: SWEEP,
    slotMs: 5 * MINUTE_MS,
    run: (...args) => {
      runs += 1;
      return run(...args);
    },
    runs: () => runs,
  };
}

async function setDue(relationshipId: string, nextDueAt: number): Promise<void> {
  await env.DB.prepare("UPDATE relationships SET next_due_at = ? WHERE id = ?").bind(nextDueAt, relationshipId).run();
}

async function dueOf(relationshipId: string): Promise<unknown> {
  return env.DB.prepare("SELECT next_due_at FROM relationships WHERE id = ?").bind(relationshipId).first("next_due_at");
}

it("runs a slot once, however often and however unpunctually it is triggered", async () => {
  const job = countingJob("test.once", () => Promise.resolve(3));
  expect(await runJob(env, job, START)).toBe(true);
  expect(await runJob(env, job, START)).toBe(false);
  expect(await runJob(env, job, START + 5 * MINUTE_MS - 1)).toBe(false);
  await Promise.all(Array.from({ length: 10 }, () => runJob(env, job, START + 5 * MINUTE_MS)));
  expect(job.runs()).toBe(2);
  expect(await runsOf("test.once")).toMatchObject([
    { slot_at: START, status: "succeeded", rows_affected: 3, error: null },
    { slot_at: START + 5 * MINUTE_MS, status: "succeeded", rows_affected: 3 },
  ]);
});

it("records a failure and lets the same slot be tried again", async () => {
  let broken = true;
  const job = countingJob("test.failing", () => (broken ? Promise.reject(new Error("no luck")) : Promise.resolve(1)));
  expect(await runJob(env, job, START)).toBe(false);
  expect(await runsOf("test.failing")).toMatchObject([
    { status: "failed", error: "Error: no luck", rows_affected: null },
  ]);
  broken = false;
  expect(await runJob(env, job, START)).toBe(true);
  expect(await runsOf("test.failing")).toMatchObject([{ status: "succeeded", error: null, rows_affected: 1 }]);
});

it("takes over a run that died, after a quarter of an hour", async () => {
  const job = countingJob("test.dead", () => Promise.resolve(0));
  await env.DB.prepare("INSERT INTO job_runs (job_name, slot_at, started_at) VALUES ('test.dead', ?1, ?1)")
    .bind(START)
    .run();
  vi.setSystemTime(START + 15 * MINUTE_MS - 1);
  expect(await runJob(env, job, START)).toBe(false);
  vi.setSystemTime(START + 15 * MINUTE_MS);
  expect(await runJob(env, job, START)).toBe(true);
});

it("does the others' work when one job fails", async () => {
  const ada = await signedInPerson();
  const away = withObjectFault("applyMembership", "before");
  const { id } = await open(ada, { env: away });
  const slot = START + DAY_MS;
  vi.setSystemTime(slot);
  // The sign-in clean-up is the only job that begins with a batch once the outbox has nothing to note.
  const failing = { ...env, DB: new Proxy(env.DB, { get: failMailQueries }) };
  await trigger(SWEEP, slot, failing);
  const outcomes = await Promise.all(
    JOBS.filter((job) => job.cron === SWEEP).map(async ({ name }) => [name, (await runsOf(name)).at(-1)?.["status"]]),
  );
  expect(Object.fromEntries(outcomes)).toEqual({
    "mail.deliver": "failed",
    "outbox.deliver": "succeeded",
    "objects.wake": "succeeded",
    "invitations.expire": "succeeded",
    "sign_in.clean_up": "succeeded",
    "recoveries.run": "succeeded",
    "erasures.run": "succeeded",
  });
  expect(await profileInObject(id, ada.userId)).toMatchObject({ status: "solo" });
});

it("wakes objects while mail is stuck", async () => {
  const { id } = await open(await signedInPerson());
  const slot = START + 2 * DAY_MS;
  vi.setSystemTime(slot);
  await setDue(id, slot - DAY_MS);
  const woken = Promise.withResolvers<void>();
  const well = answering(slot + DAY_MS);
  const RELATIONSHIP = {
    getByName: () => ({
      ensureAlarm: async () => {
        woken.resolve();
        return well.RELATIONSHIP.getByName(id).ensureAlarm();
      },
    }),
  } as unknown as Env["RELATIONSHIP"];
  // Mail gets no answer from D1 until an object was woken, which must not wait for mail.
  const stuck = (sql: string) => {
    const statement = env.DB.prepare(sql);
    if (!sql.includes("UPDATE mail_outbox")) return statement;
    return { bind: () => ({ first: async () => woken.promise.then(() => null) }) };
  };
  const DB = new Proxy(env.DB, {
    get: (db, property) => (property === "prepare" ? stuck : (db[property as keyof D1Database] as () => void).bind(db)),
  });
  await trigger(SWEEP, slot, { ...env, DB, RELATIONSHIP });
  expect(await runsOf("mail.deliver")).toMatchObject([{ status: "succeeded" }]);
  expect(await dueOf(id)).toBe(slot + DAY_MS);
});

function failMailQueries(db: D1Database, property: string | symbol): unknown {
  const value: unknown = Reflect.get(db, property);
  if (typeof value !== "function") return value;
  const method = (value as (...args: unknown[]) => unknown).bind(db);
  if (property !== "prepare") return method;
  return (sql: string) => {
    if (sql.includes("mail_outbox")) throw new Error("D1_ERROR: mail is broken");
    return method(sql);
  };
}

it("delivers mail and memberships that could not be delivered at once", async () => {
  const ada = await signedInPerson({ name: "Ada" });
  const { id } = await open(ada, { env: withObjectFault("applyMembership", "before") });
  const email = `guest-${crypto.randomUUID()}@people.test`;
  await invite(ada, { inviteeEmail: email });
  await env.DB.prepare(
    "UPDATE mail_outbox SET status = 'pending', due_at = ?, sent_at = NULL WHERE recipient_email = ?",
  )
    .bind(START, email)
    .run();
  await env.DB.prepare(
    "INSERT INTO object_outbox (relationship_id, kind, key, due_at, created_at) VALUES (?, 'membership', '', ?, ?) ON CONFLICT DO NOTHING",
  )
    .bind(id, START, START)
    .run();
  // An hour in which no trigger came; the next one makes up for it.
  vi.setSystemTime(START + 60 * MINUTE_MS);
  await trigger(SWEEP, START + 60 * MINUTE_MS);
  expect((await mailsTo(email)).map(({ status }) => status)).toEqual(["caught"]);
  expect(await outboxOf(id)).toEqual([]);
  expect(await profileInObject(id, ada.userId)).toMatchObject({ status: "solo" });
});

it("expires invitations and frees whoever waited for a confirmation", async () => {
  const ada = await signedInPerson();
  const grace = await signedInPerson();
  const { code, invitation } = await invite(ada);
  expect((await call(grace, "/invitations/accept", { code })).status).toBe(202);
  vi.setSystemTime(invitation.expiresAt);
  await trigger(SWEEP, invitation.expiresAt);
  const row = await env.DB.prepare("SELECT status, provisional_user_id FROM partner_invitations WHERE id = ?")
    .bind(invitation.id)
    .first();
  expect(row).toEqual({ status: "expired", provisional_user_id: null });
});

it("wakes objects that are overdue by a quarter of an hour, and no others", async () => {
  const [late, early] = [await open(await signedInPerson()), await open(await signedInPerson())];
  const now = START + 20 * DAY_MS;
  await setDue(late.id, now - 15 * MINUTE_MS);
  await setDue(early.id, now - 15 * MINUTE_MS + 1);
  const spy = withObjectFault("ensureAlarm", "after", { times: 0 });
  expect(await wakeOverdueObjects(spy, now, { limit: 200 })).toBe(1);
  expect(spy.calls()).toBe(1);
  expect(await dueOf(early.id)).toBe(now - 15 * MINUTE_MS + 1);
});

it("wakes at most the given number, the most overdue first, and lets none of them block the others", async () => {
  const now = START + 30 * DAY_MS;
  const ids = [];
  for (let i = 0; i < 5; i++) {
    const { id } = await open(await signedInPerson());
    await setDue(id, now - DAY_MS + i);
    ids.push(id);
  }
  const broken = withObjectFault("ensureAlarm", "before");
  expect(await wakeOverdueObjects(broken, now, { limit: 3 })).toBe(0);
  expect(broken.calls()).toBe(3);
  const due = (await Promise.all(ids.map(dueOf))).map(Number);
  for (const failed of due.slice(0, 3)) expect(failed).toBeGreaterThanOrEqual(now + 3 * 60 * MINUTE_MS);
  expect(due.slice(3)).toEqual([now - DAY_MS + 3, now - DAY_MS + 4]);
  expect(await wakeOverdueObjects(env, now, { limit: 3 })).toBe(2);
});

/** Objects that are well and answer when they next want to be awake. */
function answering(nextDueAt: number | null): Env & { calls: () => number } {
  let calls = 0;
  const ensureAlarm = async () => {
    calls += 1;
    return { nextDueAt };
  };
  const RELATIONSHIP = { getByName: () => ({ ensureAlarm }) } as unknown as Env["RELATIONSHIP"];
  return { ...env, RELATIONSHIP, calls: () => calls };
}

it.each([
  ["until the time that it answers", 3 * DAY_MS, 3 * DAY_MS],
  ["for 45 days when it has no plans", null, 45 * DAY_MS],
  ["for a quarter of an hour when it is about to work", -DAY_MS, 0],
])("wakes an object once and then lets it be %s", async (_, answeredIn, restMs) => {
  const now = START + 35 * DAY_MS;
  const { id } = await open(await signedInPerson());
  await setDue(id, now - DAY_MS);
  const well = answering(answeredIn === null ? null : now + answeredIn);
  expect(await wakeOverdueObjects(well, now, { limit: 200 })).toBe(1);
  expect(await dueOf(id)).toBe(now + restMs);
  expect(await wakeOverdueObjects(well, now + restMs + 15 * MINUTE_MS - 1, { limit: 200 })).toBe(0);
  expect(await wakeOverdueObjects(well, now + restMs + 15 * MINUTE_MS, { limit: 200 })).toBe(1);
  expect(well.calls()).toBe(2);
});

it("arms an alarm again that was lost before the first flush", async () => {
  // Later than the platform's own clock, which fires alarms of the past at once.
  const createdAt = Date.UTC(2100, 0, 1);
  vi.setSystemTime(createdAt);
  const ada = await signedInPerson();
  const { id } = await open(ada, { at: createdAt });
  expect(await dueOf(id)).toBe(createdAt + DAY_MS);
  const stub = env.RELATIONSHIP.getByName(id);
  const alarm = () => runInDurableObject(stub, (_, state) => state.storage.getAlarm());
  await runInDurableObject(stub, (_, state) => state.storage.deleteAlarm());
  const later = createdAt + DAY_MS + 15 * MINUTE_MS;
  vi.setSystemTime(later);
  expect(await wakeOverdueObjects(env, later, { limit: 200 })).toBe(1);
  expect(await alarm()).not.toBeNull();
});

it("tries objects that stay broken ever less often, at least four times a day", () => {
  expect([0, 20, 40, 5 * 60, 60 * 24 * 45].map((minutes) => retryDelayMs(minutes * MINUTE_MS, 0) / MINUTE_MS)).toEqual([
    15, 20, 40, 300, 360,
  ]);
  expect(retryDelayMs(40 * MINUTE_MS, 1)).toBe(20 * MINUTE_MS);
});

it("keeps the due time that an object reported while it was woken", async () => {
  const now = START + 40 * DAY_MS;
  const { id } = await open(await signedInPerson());
  await setDue(id, now - DAY_MS);
  const RELATIONSHIP = {
    getByName: () => ({
      ensureAlarm: async () => {
        await setDue(id, now + DAY_MS);
        return { nextDueAt: now + 2 * DAY_MS };
      },
    }),
  } as unknown as Env["RELATIONSHIP"];
  await wakeOverdueObjects({ ...env, RELATIONSHIP }, now, { limit: 200 });
  expect(await dueOf(id)).toBe(now + DAY_MS);
});

it("drops old counts and old diary entries, and keeps what still matters", async () => {
  const [old, fresh] = [await signedInPerson(), await signedInPerson()];
  const now = START + 60 * DAY_MS;
  vi.setSystemTime(now);
  const insert =
    "INSERT INTO code_entry_attempts (user_id, wrong_count, locked_until_at, updated_at) VALUES (?, 5, ?, ?)";
  await env.DB.batch([
    env.DB.prepare(insert).bind(old.userId, now - 40 * MINUTE_MS, now - 55 * MINUTE_MS),
    env.DB.prepare(insert).bind(fresh.userId, now + 10 * MINUTE_MS, now - 5 * MINUTE_MS),
  ]);
  await trigger("17 * * * *", now);
  const { results } = await env.DB.prepare("SELECT user_id FROM code_entry_attempts").all();
  expect(results).toEqual([{ user_id: fresh.userId }]);

  await env.DB.prepare(
    "INSERT INTO job_runs (job_name, slot_at, started_at, finished_at, status) VALUES ('mail.deliver', ?1, ?1, ?1, 'succeeded')",
  )
    .bind(now - 31 * DAY_MS)
    .run();
  await trigger("11 3 * * *", now);
  expect((await runsOf("mail.deliver")).filter((run) => Number(run["slot_at"]) < now - 30 * DAY_MS)).toEqual([]);
});

it("survives D1 being away as a whole", async () => {
  const prepare = vi.fn<() => never>(() => {
    throw new Error("D1_ERROR: away");
  });
  const down = { ...withBatchFault(1, "before"), DB: { prepare } as unknown as D1Database };
  await trigger(SWEEP, START + 90 * DAY_MS, down);
  expect(prepare).toHaveBeenCalled();
});

it("starts every job from a trigger that the configuration has", () => {
  const triggers = /"triggers": \{ "crons": \[([^\]]*)\] \}/g;
  const environments = [...(CONFIGURATION["../../wrangler.jsonc"] ?? "").matchAll(triggers)];
  expect(environments).toHaveLength(3);
  for (const [, crons] of environments) {
    for (const job of JOBS) expect(crons).toContain(JSON.stringify(job.cron));
  }
});
