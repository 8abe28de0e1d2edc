import { env } from "cloudflare:workers";
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { expect, it, onTestFinished, vi } from "vitest";
import { relationshipStub } from "../../src/relationship/stub.ts";
import { newId, uuidv7 } from "../../src/protocol/ids.ts";
import { DAY_MS } from "../../src/protocol/limits.ts";
import { createCouple, createSolo, join, NOON, TestMember } from "../support/couple.ts";
import { connect, requestSocket, ticketFor } from "../support/socket-client.ts";

it("answers a guessed id as unknown and creates nothing", async () => {
  const id = newId("relationship", NOON);
  const stranger = new TestMember(id, "user-x");
  expect((await stranger.refused("insights.dashboard")).code).toBe("not_found");
  expect((await stranger.refused("checkins.submit", { date: "2026-06-15", mood: 5 })).code).toBe("not_found");
  const ticket = await relationshipStub(env, id).issueTicket(
    { userId: "user-x", sessionId: "s", sessionExpiresAt: NOON, signedInAt: NOON },
    NOON,
  );
  expect(ticket.ok).toBe(false);
  expect(await relationshipStub(env, id).ensureAlarm()).toEqual({ nextDueAt: null });
  await runInDurableObject(env.RELATIONSHIP.getByName(id), async (_, state) => {
    const tables = state.storage.sql
      .exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'")
      .toArray();
    expect(tables).toEqual([]);
    expect(await state.storage.getAlarm()).toBeNull();
  });
});

it("gives a stranger the answer of a couple that does not exist", async () => {
  const couple = await createCouple();
  const stranger = new TestMember(couple.relationshipId, "user-x");
  expect((await stranger.refused("insights.dashboard")).code).toBe("not_found");
  expect((await stranger.refused("checkins.submit", { date: "2026-06-15", mood: 5 })).code).toBe("not_found");
});

it("applies the same membership once, and never an older one", async () => {
  const couple = await createCouple();
  const stub = relationshipStub(env, couple.relationshipId);
  expect(await stub.applyMembership(couple.state)).toMatchObject({ applied: false, version: 2 });
  const older = { ...couple.state, version: 1, status: "solo" as const, members: couple.state.members.slice(0, 1) };
  expect(await stub.applyMembership(older)).toMatchObject({ applied: false, version: 2 });
  const profile = await couple.b.run<{ members: unknown[] }>("membership.get");
  expect(profile.members).toHaveLength(2);
});

it("tells the partner's socket when somebody joins", async () => {
  const solo = await createSolo();
  const { socket } = await connect(solo.relationshipId, solo.a.userId);
  await join(solo);
  const frame = await socket.next("events", ({ events }) => events.some((event) => event.name === "member.joined"));
  expect(frame.events.map((event) => event.stream)).toContain("couple");
  socket.close();
});

it("keeps what was written alone out of the partner's sight after joining", async () => {
  const solo = await createSolo();
  const date = "2026-06-15";
  await solo.a.run("checkins.submit", { date, mood: 7, gratitudeNote: "canary-alone" });
  await solo.a.run("activities.plan", { name: "canary-plan", type: "date_night" });
  const couple = await join(solo, "UTC", NOON);
  const views = await Promise.all(
    ["insights.dashboard", "insights.snapshot", "checkins.list", "activities.list", "achievements.list"].map((name) =>
      couple.b.run(name),
    ),
  );
  expect(JSON.stringify(views)).not.toContain("canary");
  expect(JSON.stringify(await couple.a.run("checkins.list"))).toContain("canary-alone");
  const { ready } = await connect(couple.relationshipId, couple.b.userId, { cursors: { epoch: 1, couple: 0, own: 0 } });
  expect(ready.events?.map((event) => event.name)).toEqual(["member.joined"]);
});

it("is as it was before when a join fails half-way", async () => {
  const solo = await createSolo();
  await solo.a.run("goals.create", { name: "Mine alone", type: "custom" });
  const stub = env.RELATIONSHIP.getByName(solo.relationshipId);
  await runInDurableObject(stub, (_, state) => {
    state.storage.sql
      .exec(
        `CREATE TRIGGER fault BEFORE INSERT ON relationship_events WHEN NEW.stream = 'couple'
         BEGIN SELECT RAISE(ABORT, 'fault'); END`,
      )
      .toArray();
  });
  await expect(async () => join(solo, "UTC", NOON)).rejects.toThrow(/fault/);
  await solo.a.run("goals.create", { name: "Still alone", type: "custom" });
  const { items } = await solo.a.run<{ items: { isPrivate: boolean }[] }>("goals.list");
  expect(items.map((goal) => goal.isPrivate)).toEqual([true, true]);
  expect((await solo.b.refused("goals.list")).code).toBe("not_found");
});

it("answers an upgrade for a guessed id as unknown, whatever token it brings", async () => {
  const id = newId("relationship", NOON);
  for (const token of ["ticket.made-up", "resume.made-up", ""]) {
    const answer = await requestSocket(id, "user-x", { protocols: `bt.v1, ${token}` });
    expect([token, answer.status]).toEqual([token, 404]);
  }
});

it("forgets tickets and ended sessions of a couple that never writes", async () => {
  const couple = await createCouple({ createdAt: Date.now() });
  const stub = env.RELATIONSHIP.getByName(couple.relationshipId);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2031, 0, 1) });
  onTestFinished(() => void vi.useRealTimers());
  for (let day = 0; day < 6; day++) {
    await ticketFor(couple.relationshipId, couple.a.userId, { sessionId: `s${day}` });
    await relationshipStub(env, couple.relationshipId).endSession(`e${day}`, Date.now());
    vi.setSystemTime(Date.now() + 2 * DAY_MS);
    await runDurableObjectAlarm(stub);
  }
  vi.setSystemTime(Date.now() + 3 * DAY_MS);
  await runDurableObjectAlarm(stub);
  await runInDurableObject(stub, (_, state) => {
    const left = state.storage.sql.exec("SELECT 1 FROM socket_tokens UNION ALL SELECT 1 FROM ended_sessions").toArray();
    expect(left).toEqual([]);
  });
});

it("gives a repeated command its first answer although the relationship has ended its writing since", async () => {
  const solo = await createSolo();
  const commandId = uuidv7(NOON);
  const plan = { name: "Walk", type: "custom" };
  const first = await solo.a.run("activities.plan", plan, { commandId });
  const frozen = { ...solo.state, version: 2, statusVersion: 2, status: "frozen" as const };
  await relationshipStub(env, solo.relationshipId).applyMembership(frozen);
  expect(await solo.a.run("activities.plan", plan, { commandId })).toEqual(first);
  expect((await solo.a.refused("activities.plan", plan)).code).toBe("relationship_not_writable");
});
