import { env, exports } from "cloudflare:workers";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { eraseAccount, readCertificate, runErasures } from "../../src/compliance/erasure.ts";
import { isConstraintFailure } from "../../src/db/failures.ts";
import { ERASING, KEPT_WITH_ID } from "../../src/db/erasures.ts";
import { enterCode } from "../../src/pairing/code-entry.ts";
import { createInvitation } from "../../src/pairing/issue.ts";
import { enterLink } from "../../src/pairing/link-entry.ts";
import { newId } from "../../src/protocol/ids.ts";
import { HOUR_MS } from "../../src/protocol/limits.ts";
import { withBatchFault, withObjectFault } from "../pairing/faults.ts";
import { openSession, signedInPerson, type Person } from "../support/people.ts";
import { playSamples } from "../support/samples.ts";
import { connect } from "../support/socket-client.ts";
import { seededPerson, settle, type Seeded } from "./seeded-person.ts";
import { danglingReferences, filesWith, tablesOfDirectoryWith, tablesOfObjectWith } from "./traces.ts";

async function erase(person: Person, body: unknown = { confirm: "erase" }, headers = person.headers) {
  const response = await exports.default.fetch("https://api.example/api/me", {
    method: "DELETE",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

let began: number;

beforeEach(() => {
  began = Date.now();
});

afterEach(() => {
  vi.useRealTimers();
});

/** Lets everything run to its end: what the objects have planned, and the five-minute job, twice. */
async function finish({ couple }: Seeded): Promise<void> {
  for (const later of [0, HOUR_MS, 2 * HOUR_MS]) {
    vi.useFakeTimers({ toFake: ["Date"], now: began + later });
    await settle(couple.relationshipId);
    await runErasures(env, Date.now(), { limit: 100 });
    await settle(couple.relationshipId);
  }
}

/** What an erasure of somebody in a couple must come to, however it got there. */
async function requireErased({ person, couple, canary, jointWords }: Seeded): Promise<void> {
  const certificate = await readCertificate(env, person.userId);
  expect(certificate.finishedAt).not.toBeNull();
  expect(certificate.steps.map(({ step }) => step)).toEqual(["account", `space:${couple.relationshipId}`, "directory"]);
  for (const word of [canary, person.email, person.name, "+351912345678"]) {
    expect([word, await tablesOfDirectoryWith(word)]).toEqual([word, []]);
    expect([word, await tablesOfObjectWith(couple.relationshipId, word)]).toEqual([word, []]);
    expect([word, await filesWith(word)]).toEqual([word, []]);
  }
  const kept = Object.keys(KEPT_WITH_ID);
  expect((await tablesOfDirectoryWith(person.userId)).filter((table) => !kept.includes(table))).toEqual([]);
  // Until the object is destroyed: who was here, and who made what both share.
  expect(await tablesOfObjectWith(couple.relationshipId, person.userId)).toEqual([
    "activities",
    "challenge_participation",
    "important_dates",
    "members",
    "shared_goals",
  ]);
  expect(await tablesOfObjectWith(couple.relationshipId, jointWords)).toContain("activities");
  expect(await danglingReferences(couple.relationshipId)).toEqual([]);
}

it("ends every session at once, leaves, and erases the person everywhere", async () => {
  const seeded = await seededPerson();
  const { person, couple } = seeded;
  const phone = await openSession(person.userId);
  const { socket } = await connect(couple.relationshipId, person.userId);
  const closed = socket.closing();
  const asked = Date.now();
  const answer = await erase(person);
  expect(answer.status).toBe(200);
  await closed;
  expect(Date.now() - asked).toBeLessThan(1_000);
  for (const headers of [person.headers, phone.headers]) {
    expect((await exports.default.fetch("https://api.example/api/me", { headers })).status).toBe(401);
  }
  await finish(seeded);
  await requireErased(seeded);
});

it("shows the partner every page as before, with a former member in it", async () => {
  const seeded = await seededPerson();
  const { person, couple, canary } = seeded;
  await eraseAccount(env, person, Date.now());
  await finish(seeded);
  const now = Date.now();
  const answers = await playSamples(async (name, input) => {
    const reply = await couple.b.reply(name, input, { now });
    return reply.ok
      ? { ok: true, data: (JSON.parse(reply.json) as { data: unknown }).data }
      : { ok: false, error: reply.error };
  });
  const shown = JSON.stringify([...answers]);
  expect(answers.get("membership.get")?.ok).toBe(true);
  expect(JSON.stringify(answers.get("membership.get"))).not.toContain(person.userId);
  for (const list of ["activities.list", "goals.list", "dates.all", "challenges.list", "insights.dashboard"]) {
    expect([list, answers.get(list)?.ok]).toEqual([list, true]);
  }
  for (const [name, { ok, error }] of answers) {
    expect([name, ok || (error as { code: string }).code !== "internal"]).toEqual([name, true]);
  }
  expect(shown).not.toContain(canary);
  expect(shown).not.toContain(person.name);
  expect(shown).toContain("former_member");
});

it("destroys the space of whoever lives alone", async () => {
  const seeded = await seededPerson({ solo: true });
  const { person, couple, canary, photoKey } = seeded;
  await eraseAccount(env, person, Date.now());
  await finish(seeded);
  const certificate = await readCertificate(env, person.userId);
  expect(certificate.finishedAt).not.toBeNull();
  expect(await tablesOfObjectWith(couple.relationshipId, "")).toEqual([]);
  expect(await env.FILES.head(photoKey)).toBeNull();
  for (const word of [canary, person.email]) expect(await tablesOfDirectoryWith(word)).toEqual([]);
});

it("refuses without a word, without a recent proof of identity, and does it once", async () => {
  const { person, now } = await seededPerson();
  expect((await erase(person, {})).status).toBe(400);
  expect((await erase(person, { confirm: "yes" })).status).toBe(400);
  const old = await openSession(person.userId, now - HOUR_MS, now + HOUR_MS);
  const stale = await erase(person, undefined, old.headers);
  expect([stale.status, (stale.body["error"] as { code: string }).code]).toEqual([403, "fresh_sign_in_required"]);
  expect((await erase(person)).status).toBe(200);
  expect((await erase(person)).status).toBe(401);
  const first = await readCertificate(env, person.userId);
  await eraseAccount(env, person, Date.now() + 1);
  expect((await readCertificate(env, person.userId)).requestedAt).toBe(first.requestedAt);
});

it("sends nothing any more in the name of whoever is erased", async () => {
  const { person } = await seededPerson({ solo: true });
  const [stranger, asked, joined] = await Promise.all([signedInPerson(), signedInPerson(), signedInPerson()]);
  const inviterOf = (who: Person) => ({ ...who, name: who.name, timezone: "UTC" });
  // An invitation by them, a question that they wait for, and a couple that they made.
  await createInvitation(env, inviterOf(person), { inviteeEmail: stranger.email }, began);
  const named = async (): Promise<string[]> => {
    const { results } = await env.DB.prepare(
      `SELECT kind FROM mail_outbox
       WHERE recipient_email IN (SELECT value FROM json_each(?1)) AND caused_by_user_id = ?2 ORDER BY kind`,
    )
      .bind(JSON.stringify([stranger, asked, joined].map(({ email }) => email)), person.userId)
      .all<{ kind: string }>();
    return results.map(({ kind }) => kind);
  };
  const { code } = await createInvitation(env, inviterOf(asked), {}, began);
  await enterCode(env, person.userId, code, "somewhere", began);
  const { token } = await createInvitation(env, inviterOf(joined), {}, began);
  await enterLink(env, person.userId, token, began);
  expect(await named()).toEqual(["confirm_partner", "pairing_done", "partner_invitation"]);
  await eraseAccount(env, person, began);
  expect(await named()).toEqual([]);
});

it("lets nobody join anything after their account was erased", async () => {
  const { person, partner } = await seededPerson({ solo: true });
  await eraseAccount(env, person, Date.now());
  const relationshipId = newId("relationship", began);
  const batch = env.DB.batch([
    env.DB.prepare(
      "INSERT INTO relationships (id, created_by_user_id, user_1_id, created_at, updated_at) VALUES (?1, ?2, ?2, 1, 1)",
    ).bind(relationshipId, partner.userId),
    env.DB.prepare(
      "INSERT INTO relationship_members (relationship_id, user_id, slot, joined_at) VALUES (?, ?, 2, 1)",
    ).bind(relationshipId, person.userId),
  ]);
  const error: unknown = await batch.catch((reason: unknown) => reason);
  expect(isConstraintFailure(error)).toBe(true);
  expect(await tablesOfDirectoryWith(relationshipId)).toEqual([]);
});

type Cut = [string, (id: string) => Env];
const CUTS: Cut[] = [
  ["before the account is closed", () => withBatchFault(1, "before")],
  ["after the account is closed", () => withBatchFault(1, "after")],
  ["before the object forgets", (id) => withObjectFault("serve", "before", { relationshipId: id })],
  ["after the object forgot", (id) => withObjectFault("serve", "after", { relationshipId: id })],
  ["before the sockets are told", (id) => withObjectFault("endSession", "before", { relationshipId: id })],
  ["before the second batch", () => withBatchFault(2, "before")],
  ["after the second batch", () => withBatchFault(2, "after")],
  ["before the third batch", () => withBatchFault(3, "before")],
  ["after the third batch", () => withBatchFault(3, "after")],
  ["before the fourth batch", () => withBatchFault(4, "before")],
];

it.each(CUTS)("comes to the same when it is cut off %s", async (_, cut) => {
  const seeded = await seededPerson();
  const { person, couple } = seeded;
  try {
    await eraseAccount(cut(couple.relationshipId), person, Date.now());
  } catch {
    // The caller sees a failure and asks again, if they are still signed in.
  }
  if ((await exports.default.fetch("https://api.example/api/me", { headers: person.headers })).status === 200) {
    await eraseAccount(env, person, Date.now());
  }
  await finish(seeded);
  expect((await readCertificate(env, person.userId)).finishedAt).not.toBeNull();
  await requireErased(seeded);
});

it("has a rule for every table that can hold something of a person", async () => {
  const { results } = await env.DB.prepare(
    `SELECT t.name AS table_name, c.name AS column_name FROM sqlite_schema AS t JOIN pragma_table_info(t.name) AS c
     WHERE t.type = 'table' AND t.name NOT LIKE '_cf_%' AND t.name NOT LIKE 'sqlite_%' AND (c.name LIKE '%user_id' OR c.name LIKE '%email' OR c.name IN
       ('created_by', 'processed_by', 'unit_id', 'user_1_id', 'user_2_id', 'phone_number'))`,
  ).all<{ table_name: string; column_name: string }>();
  const tables = [...new Set(results.map((row) => row.table_name))];
  const statements = Object.values(ERASING).flat();
  // Their own statements: sessions end with the account, and hourly counters go object by object.
  const elsewhere = ["sessions", "relationship_event_summaries", "email_campaign_analytics"];
  const handled = (table: string): boolean =>
    table in KEPT_WITH_ID ||
    elsewhere.includes(table) ||
    statements.some((sql) => new RegExp(`(DELETE FROM|UPDATE) ${table} `).test(sql));
  expect(tables.length).toBeGreaterThan(30);
  expect(tables.filter((table) => !handled(table))).toEqual([]);
});

it("erases whoever has parted, and the other hears nothing of it", async () => {
  const seeded = await seededPerson();
  const { person, couple } = seeded;
  await couple.b.run("membership.leave", {}, { now: began });
  await settle(couple.relationshipId);
  const mine = await connect(couple.relationshipId, person.userId, { sessionId: person.sessionId });
  const theirs = await connect(couple.relationshipId, couple.b.userId);
  await theirs.socket.settle();
  const before = theirs.socket.frames.length;
  await eraseAccount(env, person, Date.now());
  expect((await mine.socket.closing()).code).toBe(4401);
  await finish(seeded);
  await theirs.socket.settle();
  expect(theirs.socket.closed).toBeNull();
  expect(theirs.socket.frames.slice(before).filter(({ type }) => type !== "result")).toEqual([]);
  await requireErased(seeded);
});

it("destroys the space when both erase their accounts, and keeps nothing of either", async () => {
  const seeded = await seededPerson();
  const { person, partner, couple, photoKey } = seeded;
  await eraseAccount(env, person, Date.now());
  await eraseAccount(env, partner, Date.now());
  await finish(seeded);
  expect(await tablesOfObjectWith(couple.relationshipId, "")).toEqual([]);
  expect(await env.FILES.head(photoKey)).toBeNull();
  for (const { userId } of [person, partner]) {
    expect((await readCertificate(env, userId)).finishedAt).not.toBeNull();
  }
});
