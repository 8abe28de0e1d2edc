import { env } from "cloudflare:workers";
import { evictDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { FREEZE_MS } from "../../src/domain/parting/rules.ts";
import { createInvitation } from "../../src/pairing/issue.ts";
import { deliverTo } from "../../src/pairing/outbox.ts";
import { newId } from "../../src/protocol/ids.ts";
import { DAY_MS } from "../../src/protocol/limits.ts";
import { tablesOfDirectoryWith } from "../compliance/traces.ts";
import { isAlive, runMoves, settle } from "../support/absorbing.ts";
import { rowsOf } from "../support/object.ts";
import { signedInPerson } from "../support/people.ts";
import { connect } from "../support/socket-client.ts";
import { alarm, brokenD1, directory, joinByLink, liveIdOf, pair, START, type Pair } from "./parting-steps.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: START });
});

afterEach(() => {
  vi.useRealTimers();
});

const PURGE = { confirm: "delete my part" };

/** Two who each have a day of their own, and part. */
async function parted(): Promise<Pair> {
  const couple = await pair();
  for (const member of [couple.a, couple.b]) {
    await member.run("checkins.submit", { date: "2031-03-03", mood: 7 }, { now: START });
  }
  await couple.a.run("membership.leave", {}, { now: START });
  await alarm(couple);
  return couple;
}

/** What else is due by then is done, so that the end is all that is left. */
async function untilTheEnd(couple: Pair): Promise<void> {
  vi.setSystemTime(START + FREEZE_MS - 1);
  await alarm(couple);
  vi.setSystemTime(START + FREEZE_MS);
}

async function moveIn(userId: string): Promise<{ moods: unknown[]; relationshipId: string | null }> {
  const relationshipId = await liveIdOf(userId);
  if (relationshipId === null) return { moods: [], relationshipId };
  await deliverTo(env, Date.now(), relationshipId);
  await settle(relationshipId);
  return { moods: await rowsOf({ relationshipId }, "SELECT user_id, mood_score FROM daily_checkins"), relationshipId };
}

it("gives each of them their own part in a space of their own, and leaves nothing behind", async () => {
  const couple = await parted();
  const { ada, relationshipId: id } = couple;
  await env.DB.prepare(
    `INSERT INTO partner_invitations (id, relationship_id, inviter_user_id, invitee_email, token_hash, status, message,
       accepted_by_user_id, expires_at, created_at, updated_at)
     VALUES (?1, ?2, ?3, ?4, ?1, 'accepted', ?5, ?6, 1, 1, 1)`,
  )
    .bind(newId("invitation", START), id, ada.userId, `to-${id}@people.test`, `words of ${id}`, couple.grace.userId)
    .run();
  vi.setSystemTime(START + FREEZE_MS - 1);
  await alarm(couple);
  expect(await directory(couple.relationshipId)).toMatchObject({ status: "frozen" });
  const { socket } = await connect(couple.relationshipId, couple.grace.userId);
  vi.setSystemTime(START + FREEZE_MS);
  await alarm(couple);
  expect(await socket.closing()).toMatchObject({ code: 4403 });
  expect(await directory(couple.relationshipId)).toMatchObject({ status: "ended", statusVersion: 4, live: [] });
  expect(await couple.b.refused("membership.get", {}, { now: Date.now() })).toMatchObject({ code: "not_found" });
  for (const { userId } of [couple.ada, couple.grace]) {
    expect((await moveIn(userId)).moods).toEqual([{ user_id: userId, mood_score: 7 }]);
  }
  await runMoves(couple.relationshipId);
  expect(await isAlive(couple.relationshipId)).toBe(false);
  for (const word of [`to-${id}`, `words of ${id}`])
    expect([word, await tablesOfDirectoryWith(word)]).toEqual([word, []]);
  // Who was with whom, that one of them had invited the other, and in its key that one was told of the parting by mail.
  expect(await tablesOfDirectoryWith(id)).toEqual([
    "mail_outbox",
    "partner_invitations",
    "relationship_members",
    "relationships",
  ]);
});

it("tells nobody again what they had earned long ago", async () => {
  const couple = await parted();
  await untilTheEnd(couple);
  await alarm(couple);
  const home = { relationshipId: String((await moveIn(couple.ada.userId)).relationshipId) };
  expect((await rowsOf(home, "SELECT 1 FROM user_achievements")).length).toBeGreaterThan(0);
  expect(await rowsOf(home, "SELECT title FROM notifications WHERE notification_type = 'achievement'")).toEqual([]);
});

it("ends at once when both have purged their part, and makes nobody a new space", async () => {
  const couple = await parted();
  await couple.a.run("membership.purge_mine", PURGE, { now: START });
  await alarm(couple);
  expect(await directory(couple.relationshipId)).toMatchObject({ status: "frozen" });
  expect(await couple.b.run("checkins.list", {}, { now: START })).toMatchObject({
    items: [{ userId: couple.grace.userId }],
  });
  const { members } = await couple.b.run<{ members: unknown[] }>("membership.get", {}, { now: START });
  expect(members).toMatchObject([{ userId: "former_member" }, { userId: couple.grace.userId }]);
  const answer = await couple.b.run("membership.purge_mine", PURGE, { now: START });
  // The end that is told does not depend on the other.
  expect(answer).toMatchObject({ endsAt: START + FREEZE_MS, myChoice: "purged" });
  await alarm(couple);
  await runMoves(couple.relationshipId);
  expect(await directory(couple.relationshipId)).toMatchObject({ status: "ended" });
  expect([await liveIdOf(couple.ada.userId), await liveIdOf(couple.grace.userId)]).toEqual([null, null]);
  expect(await isAlive(couple.relationshipId)).toBe(false);
});

it("deletes with a part what quotes it: results of commands, photos' bytes, ratings, the inbox", async () => {
  const couple = await parted();
  const { relationshipId } = couple;
  await couple.a.run("membership.purge_mine", PURGE, { now: START });
  const traces = await rowsOf(
    { relationshipId },
    `SELECT (SELECT count(*) FROM daily_checkins WHERE user_id = ?1) AS days,
       (SELECT count(*) FROM notifications WHERE user_id = ?1) AS inbox,
       (SELECT group_concat(result) FROM command_receipts WHERE member_id = ?1) AS results`,
    couple.ada.userId,
  );
  expect(traces).toMatchObject([{ days: 0, inbox: 0 }]);
  expect(traces[0]?.["results"]).not.toContain("mood");
  const again = await couple.a.refused("membership.set_parting_choice", { choice: "keep" }, { now: START });
  expect(again).toMatchObject({ code: "illegal_transition", details: { current: "purged" } });
});

it("takes no choice that could come too late", async () => {
  const couple = await parted();
  const now = START + FREEZE_MS;
  expect(await couple.a.refused("membership.set_parting_choice", { choice: "decline" }, { now })).toMatchObject({
    code: "illegal_transition",
    details: { current: "ended" },
  });
});

it("moves a part to where its owner lives by then, also when that is with somebody else", async () => {
  const couple = await parted();
  const alan = await signedInPerson({ name: "Alan" });
  const inviter = { userId: alan.userId, email: alan.email, name: "Alan", timezone: "UTC" };
  const { token } = await createInvitation(env, inviter, {}, Date.now());
  const home = await joinByLink(env, couple.grace.userId, token);
  vi.setSystemTime(START + FREEZE_MS);
  await alarm(couple);
  const { moods, relationshipId } = await moveIn(couple.grace.userId);
  expect(relationshipId).toBe(home.id);
  expect(moods).toEqual([{ user_id: couple.grace.userId, mood_score: 7 }]);
  const visible = await rowsOf({ relationshipId: home.id }, "SELECT visibility FROM daily_checkins");
  expect(visible).toEqual([{ visibility: "private" }]);
});

it.each([
  ["before", 1],
  ["after", 1],
  ["before", 2],
  ["after", 2],
] as const)("comes to the same when it is cut off %s batch %i of its decision", async (moment, nth) => {
  const couple = await parted();
  await untilTheEnd(couple);
  await alarm(couple, brokenD1(moment, nth));
  expect(await rowsOf(couple, "SELECT attempts FROM schedule WHERE kind = 'parting.end'")).toEqual([{ attempts: 1 }]);
  const isDecided = moment === "after" && nth === 2;
  expect((await directory(couple.relationshipId)).status).toBe(isDecided ? "ended" : "frozen");
  await evictDurableObject(env.RELATIONSHIP.getByName(couple.relationshipId));
  vi.setSystemTime(START + FREEZE_MS + 60_000);
  await alarm(couple);
  expect(await directory(couple.relationshipId)).toMatchObject({ status: "ended", statusVersion: 4 });
  for (const { userId } of [couple.ada, couple.grace]) {
    expect((await moveIn(userId)).moods).toEqual([{ user_id: userId, mood_score: 7 }]);
  }
  const { results } = await env.DB.prepare("SELECT 1 FROM relationships WHERE user_1_id IN (?, ?) AND status = 'solo'")
    .bind(couple.ada.userId, couple.grace.userId)
    .all();
  expect(results).toHaveLength(2);
});

it("lets nobody in whose part is being taken, also when the last lines of the end were cut off", async () => {
  const couple = await parted();
  const { socket } = await connect(couple.relationshipId, couple.grace.userId);
  await untilTheEnd(couple);
  await alarm(couple, brokenD1("after", 2));
  expect((await moveIn(couple.ada.userId)).moods).toHaveLength(1);
  expect(await socket.closing()).toMatchObject({ code: 4403 });
  await expect(async () => connect(couple.relationshipId, couple.grace.userId)).rejects.toThrow("not_found");
  expect((await moveIn(couple.grace.userId)).moods).toHaveLength(1);
  vi.setSystemTime(START + FREEZE_MS + 60_000);
  await alarm(couple);
  await runMoves(couple.relationshipId);
  expect(await isAlive(couple.relationshipId)).toBe(false);
});

it("waits for the directory to hear of the parting, even when it was away for the whole thirty days", async () => {
  const couple = await pair();
  await couple.a.run("membership.leave", {}, { now: START });
  await alarm(couple, brokenD1("before"));
  vi.setSystemTime(START + FREEZE_MS + DAY_MS);
  await alarm(couple, brokenD1("before"));
  expect(await directory(couple.relationshipId)).toMatchObject({ status: "active" });
  vi.setSystemTime(START + FREEZE_MS + 2 * DAY_MS);
  await alarm(couple);
  expect(await directory(couple.relationshipId)).toMatchObject({ status: "ended", statusVersion: 4, live: [] });
  expect(await liveIdOf(couple.ada.userId)).not.toBeNull();
});
