import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { partPage, type PartPage } from "../../src/domain/parting/pages.ts";
import { callService, relationshipStub } from "../../src/relationship/stub.ts";
import { uuidv7 } from "../../src/protocol/ids.ts";
import { isAlive, runMoves, settle, waitingFor } from "../support/absorbing.ts";
import { createSolo, join, type TestCouple } from "../support/couple.ts";
import { rowsOf } from "../support/object.ts";
import { connect } from "../support/socket-client.ts";
import { AT, decideMove, freeze, tell } from "./directory-moves.ts";
import { contentOf } from "./moving-rows.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: AT });
});

afterEach(() => {
  vi.useRealTimers();
});

/** A person alone, and an object of somebody else whom they are about to join. */
async function twoSolos(): Promise<{ ada: TestCouple; grace: TestCouple }> {
  const ada = await createSolo({ createdAt: AT });
  return { ada, grace: await createSolo({ createdAt: AT, userIds: [ada.b.userId, "nobody"] }) };
}

async function joinWith({ ada, grace }: { ada: TestCouple; grace: TestCouple }): Promise<TestCouple> {
  await decideMove(grace.relationshipId, grace.a.userId, ada.relationshipId, AT);
  return join(ada, "UTC", AT);
}

const execute = (couple: TestCouple, statement: string, ...binds: SqlStorageValue[]) =>
  runInDurableObject(env.RELATIONSHIP.getByName(couple.relationshipId), (_, state) =>
    state.storage.sql.exec(statement, ...binds).toArray(),
  );

async function topicsOf(couple: TestCouple): Promise<string[]> {
  const rows = await rowsOf<{ topic: string }>(couple, "SELECT topic FROM communication_log ORDER BY topic");
  return rows.map(({ topic }) => topic);
}

const TEN_YEARS = `WITH RECURSIVE days (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM days WHERE n < ?2 - 1)`;

it("moves ten years, row for row, in pages of bounded size", { timeout: 30_000 }, async () => {
  const { ada, grace } = await twoSolos();
  const words = "It was a good day. ";
  await execute(
    grace,
    `${TEN_YEARS} INSERT INTO daily_checkins (id, user_id, checkin_date, mood_score, gratitude_note, visibility,
       notes_visibility, created_at, updated_at)
     SELECT 'chk_' || n, ?1, date('2006-01-01', n || ' days'), n % 10 + 1, ?3 || n, 'private', 'private', n, n FROM days`,
    grace.a.userId,
    7_300,
    words,
  );
  await execute(
    grace,
    `${TEN_YEARS} INSERT INTO activities (id, activity_name, activity_type, status, completed_date, cost_cents,
       created_by_user_id, visibility, created_at, updated_at)
     SELECT 'act_' || n, ?3 || n, 'custom', 'completed', date('2016-01-01', n || ' days'), n, ?1, 'private', n, n FROM days`,
    grace.a.userId,
    4_000,
    words,
  );
  // Long words fill a page before its rows do.
  await execute(
    grace,
    `${TEN_YEARS} INSERT INTO notes (id, user_id, note_date, body, visibility, created_at, updated_at)
     SELECT 'note_' || n, ?1, '2020-01-01', ?3, 'private', n, n FROM days`,
    grace.a.userId,
    200,
    words.repeat(250),
  );
  const before = JSON.stringify(await contentOf(grace.relationshipId));
  const couple = await joinWith({ ada, grace });
  const sizes: number[] = [];
  let cursor: string | null = null;
  do {
    const asked = { userId: grace.a.userId, targetId: couple.relationshipId, cursor };
    const page: PartPage = await callService(env, grace.relationshipId, partPage, asked, AT);
    expect(page.rows.length).toBeLessThanOrEqual(500);
    sizes.push(JSON.stringify(page).length);
    cursor = page.next;
  } while (cursor !== null);
  expect(sizes.length).toBeGreaterThanOrEqual(24);
  expect(Math.max(...sizes)).toBeLessThan(600 * 1_024);
  await tell(AT, couple.relationshipId);
  await settle(couple.relationshipId);
  expect(JSON.stringify(await contentOf(couple.relationshipId)) === before).toBe(true);
  expect(await rowsOf(couple, "SELECT rows_taken FROM absorptions")).toEqual([{ rows_taken: 11_500 }]);
});

it("closes the object, and every socket of it, with the first page", async () => {
  const { ada, grace } = await twoSolos();
  const { socket } = await connect(grace.relationshipId, grace.a.userId);
  const checkin = { date: "2031-03-03", mood: 4 };
  await grace.a.run("checkins.submit", checkin, { now: AT });
  const input = { userId: grace.a.userId, targetId: ada.relationshipId, cursor: null };
  const page = await callService(env, grace.relationshipId, partPage, input, AT);
  expect(page.rows.map(({ table }) => table)).toEqual(["daily_checkins"]);
  expect((await socket.closing()).code).toBe(4403);
  expect((await grace.a.refused("checkins.submit", checkin, { now: AT })).code).toBe("relationship_not_writable");
  expect(await callService(env, grace.relationshipId, partPage, input, AT)).toEqual(page);
});

it("gives nothing out of a couple's living object", async () => {
  const { ada } = await twoSolos();
  const couple = await join(ada, "UTC", AT);
  const input = { userId: ada.a.userId, targetId: "rel_other", cursor: null };
  await expect(async () => callService(env, couple.relationshipId, partPage, input, AT)).rejects.toMatchObject({
    code: "conflict",
  });
  await couple.a.run("checkins.submit", { date: "2031-03-03", mood: 4 }, { now: AT });
});

/** Grace parted from somebody, was alone then, and joins Ada before her part of the past has arrived. */
async function chain(): Promise<{ past: TestCouple; alone: TestCouple; couple: TestCouple; graceId: string }> {
  const past = await join(await createSolo({ createdAt: AT }), "UTC", AT);
  const graceId = past.b.userId;
  await past.b.run("conversations.log", { type: "deep_talk", topic: "the past" }, { now: AT });
  await freeze(past, AT);
  const ada = await createSolo({ createdAt: AT });
  const alone = await createSolo({ createdAt: AT, userIds: [graceId, "nobody"] });
  await alone.a.run("conversations.log", { type: "deep_talk", topic: "alone" }, { now: AT });
  await decideMove(past.relationshipId, graceId, alone.relationshipId, AT);
  await decideMove(alone.relationshipId, graceId, ada.relationshipId, AT);
  const couple = await join({ ...ada, b: past.b }, "UTC", AT);
  return { past, alone, couple, graceId };
}

it("takes nothing of an object that has something to take itself, and everything afterwards", async () => {
  const { past, alone, couple } = await chain();
  await tell(AT, couple.relationshipId);
  for (let i = 0; i < 2; i++) await runMoves(couple.relationshipId);
  expect(await waitingFor(couple.relationshipId)).toEqual([alone.relationshipId]);
  expect(await topicsOf(couple)).toEqual([]);
  await tell(AT, alone.relationshipId);
  await settle(alone.relationshipId, couple.relationshipId);
  expect(await topicsOf(couple)).toEqual(["alone", "the past"]);
  await runMoves(alone.relationshipId);
  expect(await isAlive(alone.relationshipId)).toBe(false);
  // The other's part of the past is still there.
  expect(await isAlive(past.relationshipId)).toBe(true);
});

it("brings everything to the end of a chain of moves that happen in their order", async () => {
  const { alone, couple } = await chain();
  await tell(AT, alone.relationshipId, couple.relationshipId);
  await settle(alone.relationshipId, couple.relationshipId);
  expect(await topicsOf(couple)).toEqual(["alone", "the past"]);
});

it("takes what is on its way into an object that was never made and has ended", async () => {
  const past = await join(await createSolo({ createdAt: AT }), "UTC", AT);
  const graceId = past.b.userId;
  await past.b.run("conversations.log", { type: "deep_talk", topic: "the past" }, { now: AT });
  await freeze(past, AT);
  const ada = await createSolo({ createdAt: AT });
  const between = `rel_${uuidv7(AT)}`;
  await env.DB.batch([
    env.DB.prepare(
      `INSERT INTO relationships (id, created_by_user_id, user_1_id, status, created_at, updated_at)
       VALUES (?1, ?2, ?2, 'solo', ?3, ?3)`,
    ).bind(between, graceId, AT),
    env.DB.prepare(
      "INSERT INTO relationship_members (relationship_id, user_id, slot, joined_at) VALUES (?, ?, 1, ?)",
    ).bind(between, graceId, AT),
  ]);
  await decideMove(past.relationshipId, graceId, between, AT);
  await decideMove(between, graceId, ada.relationshipId, AT);
  const couple = await join({ ...ada, b: past.b }, "UTC", AT);
  await tell(AT, couple.relationshipId, between);
  await settle(between, couple.relationshipId);
  expect(await rowsOf(couple, "SELECT topic FROM communication_log")).toEqual([{ topic: "the past" }]);
  await runMoves(between);
  expect(await isAlive(between)).toBe(false);
});

it("goes on taking while its own couple parts, and when it has ended itself", async () => {
  const { ada, grace } = await twoSolos();
  await grace.a.run("conversations.log", { type: "deep_talk", topic: "alone" }, { now: AT });
  const couple = await joinWith({ ada, grace });
  await tell(AT, couple.relationshipId);
  await freeze(couple, AT);
  const after = await createSolo({ createdAt: AT, userIds: [grace.a.userId, "nobody"] });
  await decideMove(couple.relationshipId, grace.a.userId, after.relationshipId, AT);
  await tell(AT, couple.relationshipId, after.relationshipId);
  await settle(after.relationshipId, couple.relationshipId);
  expect(await rowsOf(after, "SELECT topic FROM communication_log")).toEqual([{ topic: "alone" }]);
});

it("takes nothing that was called off, and asks no more", async () => {
  const { ada, grace } = await twoSolos();
  await grace.a.run("conversations.log", { type: "deep_talk", topic: "alone" }, { now: AT });
  const couple = await joinWith({ ada, grace });
  await tell(AT, couple.relationshipId);
  await env.DB.prepare("UPDATE absorptions SET finished_at = ? WHERE user_id = ?").bind(AT, grace.a.userId).run();
  await runMoves(couple.relationshipId);
  expect(await topicsOf(couple)).toEqual([]);
  expect(await rowsOf(couple, "SELECT 1 FROM schedule WHERE kind = 'absorb'")).toEqual([]);
  expect(await rowsOf(couple, "SELECT 1 FROM absorptions WHERE finished_at IS NULL")).toEqual([]);
});

it("leaves behind a photo whose bytes have not come, or are gone", async () => {
  const { ada, grace } = await twoSolos();
  const photo = { contentType: "image/png", sizeBytes: 70 };
  await grace.a.run("photos.reserve", photo, { now: AT });
  // Of another the bytes were there once, and are nowhere.
  await grace.a.run("photos.reserve", photo, { now: AT });
  await rowsOf(grace, "UPDATE photos SET status = 'stored' WHERE id = (SELECT max(id) FROM photos)");
  const couple = await joinWith({ ada, grace });
  await tell(AT, couple.relationshipId);
  await settle(couple.relationshipId);
  expect((await contentOf(couple.relationshipId))["photos"]).toEqual([]);
  // What has arrived is no longer noted, also before the object that it came from is destroyed.
  const { results } = await env.DB.prepare("SELECT 1 FROM absorptions WHERE source_id = ?")
    .bind(grace.relationshipId)
    .all();
  expect(results).toEqual([]);
});

it("brings along what a person wants to be notified of, unless they have said something else since", async () => {
  const { ada, grace } = await twoSolos();
  const quietHours = { from: "21:00", to: "08:00" };
  await grace.a.run("inbox.update_preferences", { quietHours }, { now: AT });
  const [first, couple] = [await grace.a.run("inbox.get_preferences", {}, { now: AT }), await joinWith({ ada, grace })];
  await tell(AT, couple.relationshipId);
  await settle(couple.relationshipId);
  expect(await couple.b.run("inbox.get_preferences", {}, { now: AT })).toEqual(first);

  const other = await twoSolos();
  await other.grace.a.run("inbox.update_preferences", { quietHours }, { now: AT });
  const joined = await joinWith(other);
  const since = await joined.b.run("inbox.update_preferences", { hours: { checkin: 7 } }, { now: AT });
  await tell(AT, joined.relationshipId);
  await settle(joined.relationshipId);
  expect(await joined.b.run("inbox.get_preferences", {}, { now: AT })).toEqual(since);
});

it("never comes back: a destroyed object answers as one that never was, also to what was once true of it", async () => {
  const { ada, grace } = await twoSolos();
  await grace.a.run("checkins.submit", { date: "2031-03-03", mood: 4 }, { now: AT });
  const couple = await joinWith({ ada, grace });
  await tell(AT, couple.relationshipId);
  await settle(couple.relationshipId);
  await runMoves(grace.relationshipId);
  const stub = relationshipStub(env, grace.relationshipId);
  expect((await grace.a.refused("insights.dashboard", {}, { now: AT })).code).toBe("not_found");
  expect((await grace.a.refused("checkins.submit", { date: "2031-03-03", mood: 4 }, { now: AT })).code).toBe(
    "not_found",
  );
  expect(await stub.applyMembership(grace.state)).toMatchObject({ applied: false });
  const actor = { userId: grace.a.userId, sessionId: "s", sessionExpiresAt: AT, signedInAt: AT };
  expect((await stub.issueTicket(actor, AT)).ok).toBe(false);
  await stub.endSession("s", AT);
  expect(await stub.ensureAlarm()).toEqual({ nextDueAt: null });
  const input = { userId: grace.a.userId, targetId: couple.relationshipId, cursor: null };
  expect(await stub.serve("parting.page", input, AT)).toMatchObject({ ok: false, error: { code: "not_found" } });
  expect(await isAlive(grace.relationshipId)).toBe(false);
});

it("leaves in the directory who was there and when, and nothing else", async () => {
  const { ada, grace } = await twoSolos();
  await grace.a.run(
    "membership.update_profile",
    { version: 1, relationshipType: "married", anniversaryDate: "2020-01-01" },
    { now: AT },
  );
  await grace.a.run("checkins.submit", { date: "2031-03-03", mood: 4 }, { now: AT });
  const id = grace.relationshipId;
  await runInDurableObject(env.RELATIONSHIP.getByName(id), async (instance, state) => {
    state.storage.sql.exec("UPDATE schedule SET due_at = 0").toArray();
    await (instance as unknown as { alarm(): Promise<void> }).alarm();
  });
  const count = async (): Promise<number[]> => {
    const tables = ["relationship_analytics", "relationship_event_summaries"];
    const rows = tables.map(async (table) =>
      env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE relationship_id = ?`).bind(id).first<number>("n"),
    );
    return (await Promise.all(rows)).map(Number);
  };
  expect((await count()).every((n) => n > 0)).toBe(true);
  const couple = await joinWith({ ada, grace });
  await tell(AT, id, couple.relationshipId);
  await settle(couple.relationshipId);
  await runMoves(id);
  expect(await count()).toEqual([0, 0]);
  const row = await env.DB.prepare(
    `SELECT relationship_type, start_date, anniversary_date, home_timezone, next_due_at, status, user_1_id
     FROM relationships WHERE id = ?`,
  )
    .bind(id)
    .first();
  expect(row).toEqual({
    relationship_type: "partnership",
    start_date: null,
    anniversary_date: null,
    home_timezone: "UTC",
    next_due_at: null,
    status: "ended",
    user_1_id: grace.a.userId,
  });
});
