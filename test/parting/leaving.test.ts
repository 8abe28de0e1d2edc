import { env } from "cloudflare:workers";
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FREEZE_MS } from "../../src/domain/parting/rules.ts";
import { CLOSE } from "../../src/protocol/frames.ts";
import { uuidv7 } from "../../src/protocol/ids.ts";
import { FRESH_SIGN_IN_MS } from "../../src/protocol/limits.ts";
import { eventsOf, rowsOf } from "../support/object.ts";
import { connect, requestSocket, ticketFor } from "../support/socket-client.ts";
import { alarm, ask, brokenD1, directory, liveIdOf, mailsTo, pair, START, type Pair } from "./parting-steps.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: START });
});

afterEach(() => {
  vi.useRealTimers();
});

const at = (now = Date.now()): { now: number } => ({ now });
const write = { name: "Walk", type: "adventure" };

const leaveBy: Record<string, (couple: Pair) => Promise<unknown>> = {
  REST: ({ ada, relationshipId }) => ask(ada, "POST", `/relationships/${relationshipId}/commands/membership.leave`, {}),
  "a socket": async ({ ada, relationshipId }) => {
    const { socket } = await connect(relationshipId, ada.userId);
    const answer = await socket.ask("command", "membership.leave");
    await socket.closing();
    return answer;
  },
};

describe.each(Object.entries(leaveBy))("leaving over %s", (_, leave) => {
  it("is answered at once, closes every socket of both within a second and makes their tokens worthless", async () => {
    const couple = await pair();
    const [a, b, b2] = [
      await connect(couple.relationshipId, couple.ada.userId),
      await connect(couple.relationshipId, couple.grace.userId),
      await connect(couple.relationshipId, couple.grace.userId),
    ];
    const ticket = await ticketFor(couple.relationshipId, couple.grace.userId);
    const before = performance.now();
    expect(await leave(couple)).toMatchObject({ data: expect.anything() as unknown });
    for (const { socket } of [a, b, b2]) expect(await socket.closing()).toMatchObject({ code: CLOSE.membershipEnded });
    expect(performance.now() - before).toBeLessThan(1_000);
    for (const token of [ticket, `resume.${a.ready.resume}`, `resume.${b.ready.resume}`]) {
      const answer = await requestSocket(couple.relationshipId, couple.grace.userId, { token });
      expect(answer.status).toBe(401);
    }
    // Whoever was left and looks again hears that it is so and until when: not from whom.
    const again = await connect(couple.relationshipId, couple.grace.userId, { cursors: b.ready.cursors });
    expect(again.ready.events).toMatchObject([
      { name: "relationship.frozen", actorId: "system", data: { endsAt: START + FREEZE_MS } },
    ]);
    expect(JSON.stringify(again.ready.events)).not.toContain(couple.ada.userId);
  });
});

it("leaves both reading and neither writing, with the way to help in the answer", async () => {
  const { a, b } = await pair();
  const plan = await a.run("activities.plan", write, at());
  const answer = await a.run("membership.leave", {}, at());
  expect(answer).toMatchObject({ status: "frozen", frozenAt: START, endsAt: START + FREEZE_MS });
  const topics = (answer["help"] as { topic: string; url: string }[]).map(({ topic }) => topic);
  expect(topics).toEqual(["emergency", "violence", "crisis", "devices"]);
  expect(JSON.stringify(answer["help"])).not.toMatch(/[?&](utm|ref|source)|@/);
  for (const member of [a, b]) {
    const writing = await member.refused("activities.plan", write, at());
    expect(writing).toMatchObject({ code: "relationship_not_writable", details: { current: "frozen" } });
    expect(await member.run("activities.get", { id: plan["id"] }, at())).toMatchObject({ name: "Walk" });
    expect(await member.run("membership.get", {}, at())).toMatchObject({
      relationship: { status: "frozen" },
      members: [{ displayName: "Ada" }, { displayName: "Grace" }],
      capabilities: ["read", "inbox", "export", "exit", "parting"],
      parting: { frozenAt: START, endsAt: START + FREEZE_MS, myChoice: "keep" },
    });
  }
});

it("asks for a recent proof of identity, and changes nothing without one", async () => {
  const couple = await pair();
  const stale = { now: START, signedInAt: START - FRESH_SIGN_IN_MS - 1 };
  expect(await couple.a.refused("membership.leave", {}, stale)).toMatchObject({ code: "fresh_sign_in_required" });
  expect(await couple.a.run("membership.get", {}, at())).toMatchObject({ relationship: { status: "active" } });
  expect(await eventsOf(couple, "relationship.frozen")).toEqual([]);
});

it("is asked of nobody else: from a pause too, and alone there is nobody to leave", async () => {
  const couple = await pair();
  await couple.b.run("membership.pause", {}, at());
  expect(await couple.a.run("membership.leave", {}, at())).toMatchObject({ status: "frozen" });
  const person = (await pair()).ada;
  await env.DB.prepare("UPDATE relationship_members SET left_at = joined_at WHERE user_id = ?")
    .bind(person.userId)
    .run();
  const { data } = await ask<{ relationship: { id: string } }>(person, "POST", "/relationships", {});
  const path = `/relationships/${data.relationship.id}/commands/membership.leave`;
  expect(await ask(person, "POST", path, {})).toMatchObject({
    status: 409,
    error: { code: "illegal_transition", details: { current: "solo" } },
  });
});

it("answers a repeated leave as the first one, and the other's leave with the same end and no second close", async () => {
  const couple = await pair();
  const commandId = uuidv7(START);
  const first = await couple.a.run("membership.leave", {}, { now: START, commandId });
  expect(await couple.a.run("membership.leave", {}, { now: START + 5_000, commandId })).toEqual(first);
  const reader = await connect(couple.relationshipId, couple.grace.userId);
  expect(await couple.b.run("membership.leave", {}, at(START + 60_000))).toEqual(first);
  await reader.socket.settle();
  expect(reader.socket.closed).toBeNull();
  expect(await eventsOf(couple, "relationship.frozen")).toHaveLength(1);
});

it("ends the same when both leave at the same moment, and then keeps each from the other", async () => {
  const couple = await pair();
  const [a, b] = await Promise.all([
    couple.a.run("membership.leave", {}, at()),
    couple.b.run("membership.leave", {}, at()),
  ]);
  expect(a).toEqual(b);
  await alarm(couple);
  const { results } = await env.DB.prepare("SELECT user_id FROM parted_pairs WHERE user_id IN (?, ?) ORDER BY user_id")
    .bind(couple.ada.userId, couple.grace.userId)
    .all<{ user_id: string }>();
  expect(results.map((row) => row.user_id)).toEqual([couple.ada.userId, couple.grace.userId].toSorted());
  // Nobody was left, so nobody is told.
  expect([...(await mailsTo(couple.ada.email)), ...(await mailsTo(couple.grace.email))]).toEqual([]);
});

it("commits each write of the other before the end or refuses it, wherever the leave comes in", async () => {
  const writes = 6;
  for (let position = 0; position <= writes; position++) {
    const couple = await pair();
    const { socket } = await connect(couple.relationshipId, couple.grace.userId);
    const replies: Promise<{ name: string; ok: boolean }>[] = [];
    const frameIds = new Map<string, string>();
    let leaving: Promise<unknown> = Promise.resolve();
    for (let index = 0; index <= writes; index++) {
      if (index === position) leaving = couple.a.run("membership.leave", {}, at());
      const name = `Walk ${index}`;
      const id = uuidv7(START);
      if (index % 2 === 0) {
        frameIds.set(id, name);
        socket.send({ type: "command", id, name: "activities.plan", input: { ...write, name } });
      } else {
        const reply = couple.b.reply("activities.plan", { ...write, name }, at());
        replies.push(reply.then(({ ok }) => ({ name, ok })));
      }
      // Other turns in between, more of them each time.
      for (let turn = 0; turn < index; turn++) await Promise.resolve();
    }
    await leaving;
    await socket.closing();
    const framed = socket.frames.flatMap((frame) =>
      frame.type === "result" ? [{ name: frameIds.get(frame.id) ?? "", ok: frame.ok }] : [],
    );
    const answers = [...(await Promise.all(replies)), ...framed];
    const rows = await rowsOf<{ name: string }>(couple, "SELECT activity_name AS name FROM activities");
    const names = new Set(rows.map((row) => row.name));
    expect(answers.filter(({ name, ok }) => ok !== names.has(name))).toEqual([]);
    const events = (await eventsOf(couple)).filter((event) => event.stream === "couple").map((event) => event.name);
    expect(events.at(-1)).toBe("relationship.frozen");
    expect(events.filter((name) => name === "activity.planned")).toHaveLength(names.size);
  }
});

it("puts out a socket of before the parting at its first frame, or with the report, when its close was lost", async () => {
  const couple = await pair();
  const speaking = await connect(couple.relationshipId, couple.grace.userId);
  const silent = await connect(couple.relationshipId, couple.grace.userId);
  const stub = env.RELATIONSHIP.getByName(couple.relationshipId);
  // As after a crash between the commit and the closes.
  await runInDurableObject(stub, (_, state) => {
    const { sql } = state.storage;
    sql.exec("UPDATE _meta SET status = 'frozen', frozen_at = ?, status_version = 3, parted_version = 3", START);
    sql.exec("INSERT INTO schedule (kind, key, due_at) VALUES ('status.report', '', ?)", START);
  });
  await evictDurableObject(stub, { webSockets: "hibernate" });
  const fresh = await connect(couple.relationshipId, couple.grace.userId);
  speaking.socket.raw.length = 0;
  speaking.socket.send({ type: "query", id: "q", name: "insights.dashboard", input: {} });
  expect(await speaking.socket.closing()).toMatchObject({ code: CLOSE.membershipEnded });
  expect(speaking.socket.raw.filter((frame) => !frame.includes('"type":"ended"'))).toEqual([]);
  await alarm(couple);
  expect(await silent.socket.closing()).toMatchObject({ code: CLOSE.membershipEnded });
  await fresh.socket.settle();
  expect(fresh.socket.closed).toBeNull();
});

it("shows nobody whether the other is here or reads", async () => {
  const couple = await pair();
  await couple.a.run("membership.leave", {}, at());
  const reader = await connect(couple.relationshipId, couple.grace.userId);
  const other = await connect(couple.relationshipId, couple.ada.userId);
  await other.socket.ask("query", "insights.dashboard");
  await couple.a.run("membership.set_parting_choice", { choice: "decline" }, at());
  await couple.a.run("membership.purge_mine", { confirm: "delete my part" }, at());
  other.socket.close();
  await other.socket.closing();
  reader.socket.send({ type: "presence" });
  expect(await reader.socket.next("presence")).toEqual({ type: "presence", members: [] });
  await reader.socket.settle();
  expect(reader.socket.frames.map((frame) => frame.type).toSorted()).toEqual(["presence", "ready", "result"]);
});

it("closes the sockets of a session that ends while both are parted", async () => {
  const couple = await pair();
  await couple.a.run("membership.leave", {}, at());
  await alarm(couple);
  const { sessionId } = couple.grace;
  const { socket } = await connect(couple.relationshipId, couple.grace.userId, { sessionId });
  expect(await ask(couple.grace, "POST", "/auth/sign-out", {})).toMatchObject({ status: 200 });
  expect(await socket.closing()).toMatchObject({ code: CLOSE.sessionEnded });
});

describe("the directory", () => {
  it("hears of it, frees both, and writes one notice to whoever was left: no name, no reason, no words", async () => {
    const couple = await pair();
    await couple.a.run("membership.leave", {}, at());
    await alarm(couple);
    expect(await directory(couple.relationshipId)).toEqual({
      status: "frozen",
      statusVersion: 3,
      frozenAt: START,
      live: [],
    });
    const { data } = await ask<Record<string, unknown>>(couple.grace, "GET", "/relationships");
    const parted = [{ id: couple.relationshipId, frozenAt: START, endsAt: START + FREEZE_MS, myVote: false }];
    expect(data).toEqual({ relationship: null, parted, invitations: [] });
    const [mail, ...more] = await mailsTo(couple.grace.email);
    expect(more).toEqual([]);
    expect(mail).toMatchObject({ kind: "parted", subject: "About your account" });
    expect(mail?.text).not.toMatch(/Ada|Grace|left you|partner/i);
    expect(await mailsTo(couple.ada.email)).toEqual([]);
  });

  it.each(["before", "after"] as const)("costs nobody anything while it is away (%s the batch)", async (moment) => {
    const couple = await pair();
    const { socket } = await connect(couple.relationshipId, couple.grace.userId);
    await couple.a.run("membership.leave", {}, at());
    expect(await socket.closing()).toMatchObject({ code: CLOSE.membershipEnded });
    await alarm(couple, brokenD1(moment));
    expect(await rowsOf(couple, "SELECT attempts FROM schedule WHERE kind = 'status.report'")).toEqual([
      { attempts: 1 },
    ]);
    await evictDurableObject(env.RELATIONSHIP.getByName(couple.relationshipId));
    expect((await couple.b.refused("activities.plan", write, at())).code).toBe("relationship_not_writable");
    vi.setSystemTime(START + 60_000);
    await alarm(couple);
    expect(await directory(couple.relationshipId)).toMatchObject({ status: "frozen", statusVersion: 3, live: [] });
    expect(await mailsTo(couple.grace.email)).toHaveLength(1);
    expect(await rowsOf(couple, "SELECT 1 FROM schedule WHERE kind = 'status.report'")).toEqual([]);
  });

  it("takes the newest of several decisions, however late it hears of them", async () => {
    const couple = await pair();
    await couple.a.run("membership.pause", {}, at());
    await couple.b.run("membership.resume", {}, at());
    await couple.b.run("membership.pause", {}, at());
    await couple.b.run("membership.leave", {}, at());
    await alarm(couple);
    expect(await directory(couple.relationshipId)).toMatchObject({ status: "frozen", statusVersion: 6, live: [] });
    expect(await liveIdOf(couple.ada.userId)).toBeNull();
  });
});
