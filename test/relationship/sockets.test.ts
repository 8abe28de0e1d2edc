import { env } from "cloudflare:workers";
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { expect, it, onTestFinished, vi } from "vitest";
import { relationshipStub } from "../../src/relationship/stub.ts";
import { uuidv7 } from "../../src/protocol/ids.ts";
import { FRAME_MAX_BYTES, HOUR_MS, SOCKETS_PER_MEMBER } from "../../src/protocol/limits.ts";
import { createCouple, type TestCouple } from "../support/couple.ts";
import { connect, requestSocket, SocketClient, ticketFor } from "../support/socket-client.ts";

const today = (): string => new Date().toISOString().slice(0, 10);

async function evict(couple: TestCouple): Promise<void> {
  await evictDurableObject(env.RELATIONSHIP.getByName(couple.relationshipId), { webSockets: "hibernate" });
}

it("opens a socket for a ticket once, echoing the protocol and never the ticket", async () => {
  const couple = await createCouple();
  const ticket = await ticketFor(couple.relationshipId, couple.a.userId);
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => requestSocket(couple.relationshipId, couple.a.userId, { token: ticket })),
  );
  const opened = answers.filter((answer) => answer.status === 101);
  expect(opened).toHaveLength(1);
  expect(opened[0]?.headers.get("sec-websocket-protocol")).toBe("bt.v1");
  expect(answers.filter((answer) => answer.status === 401)).toHaveLength(49);
});

it("refuses a ticket that expired, belongs to another couple or was made up", async () => {
  const [couple, other] = await Promise.all([createCouple(), createCouple()]);
  const expired = await relationshipStub(env, couple.relationshipId).issueTicket(
    { userId: couple.a.userId, sessionId: "s", sessionExpiresAt: Date.now() + 1e6, signedInAt: Date.now() },
    Date.now() - 61_000,
  );
  const foreign = await ticketFor(other.relationshipId, other.a.userId);
  for (const token of [`ticket.${expired.ok ? expired.ticket : ""}`, foreign, "ticket.x", "resume.x", "ticket."]) {
    const answer = await requestSocket(couple.relationshipId, couple.a.userId, { token });
    expect([token, answer.status]).toEqual([token, 401]);
  }
});

it("is ready only when nothing written afterwards is missed", async () => {
  const couple = await createCouple();
  const { socket, ready } = await connect(couple.relationshipId, couple.b.userId);
  await couple.a.run("checkins.submit", { date: today(), mood: 6 }, { now: Date.now() });
  const frame = await socket.next("events");
  expect(ready.snapshot).toBeDefined();
  expect(frame.events[0]?.seq).toBe(ready.cursors.couple + 1);
  socket.close();
});

it("acknowledges to the sender and tells everybody else, on every device, once", async () => {
  const couple = await createCouple();
  const phone = await connect(couple.relationshipId, couple.a.userId);
  const laptop = await connect(couple.relationshipId, couple.a.userId);
  const partner = await connect(couple.relationshipId, couple.b.userId);
  const result = await phone.socket.ask("command", "checkins.submit", { date: today(), mood: 8 });
  expect(result).toMatchObject({ ok: true });
  await Promise.all([phone, laptop, partner].map(({ socket }) => socket.settle()));
  expect(phone.socket.eventNames()).toEqual([]);
  expect(laptop.socket.eventNames()).toContain("checkin.submitted");
  expect(partner.socket.eventNames().filter((name) => name === "checkin.submitted")).toHaveLength(1);
});

it("keeps the session, the tags and the auto-response through hibernation", async () => {
  const couple = await createCouple();
  const { socket } = await connect(couple.relationshipId, couple.a.userId);
  await evict(couple);
  expect(await socket.ask("command", "checkins.submit", { date: today(), mood: 8 })).toMatchObject({ ok: true });
  await evict(couple);
  socket.send("ping");
  await socket.text("pong");
  const dashboard = await socket.ask("query", "insights.dashboard");
  expect(dashboard).toMatchObject({ ok: true });
  socket.close();
});

it("gives the first result again for a repeated command, also after eviction and over REST", async () => {
  const couple = await createCouple();
  const { socket } = await connect(couple.relationshipId, couple.a.userId);
  const id = uuidv7(Date.now());
  const input = { name: "Picnic", type: "date_night" };
  const first = await socket.ask("command", "activities.plan", input, id);
  expect(first.ok).toBe(true);
  await evict(couple);
  socket.frames.length = 0;
  const second = await socket.ask("command", "activities.plan", input, id);
  const rest = await couple.a.run("activities.plan", input, { now: Date.now(), commandId: id });
  expect(second.ok && first.ok && second.data).toEqual(first.ok && first.data);
  expect(first.ok && first.data).toEqual(rest);
  const list = await couple.a.run<{ items: unknown[] }>("activities.list");
  expect(list.items).toHaveLength(1);
});

it("refuses a command id that comes back with another input", async () => {
  const couple = await createCouple();
  const now = Date.now();
  const commandId = uuidv7(now);
  await couple.a.run("activities.plan", { name: "Picnic", type: "date_night" }, { now, commandId });
  const error = await couple.a.refused("activities.plan", { name: "Opera", type: "date_night" }, { now, commandId });
  expect(error.code).toBe("idempotency_conflict");
});

it.each([
  ["older than 45 days", -46],
  ["more than a day ahead", 2],
])("refuses a command id that is %s", async (_, days) => {
  const couple = await createCouple();
  const now = Date.now();
  const commandId = uuidv7(now + days * 86_400_000);
  const error = await couple.a.refused("activities.plan", { name: "Picnic", type: "date_night" }, { now, commandId });
  expect(error.code).toBe("command_expired");
});

it("keeps no receipt of a refusal, so that the same command can succeed later", async () => {
  const couple = await createCouple();
  const commandId = uuidv7(Date.now());
  const future = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
  const input = { date: future, mood: 3 };
  expect((await couple.a.refused("checkins.submit", input, { now: Date.now(), commandId })).code).toBe("invalid_input");
  await couple.a.run("checkins.submit", input, { now: Date.now() + 3 * 86_400_000, commandId });
});

it("runs a batch as one commit with an answer for each command", async () => {
  const couple = await createCouple();
  const a = await connect(couple.relationshipId, couple.a.userId);
  const b = await connect(couple.relationshipId, couple.b.userId);
  const plan = (name: string): object => ({
    id: uuidv7(Date.now()),
    name: "activities.plan",
    input: { name, type: "custom" },
  });
  const commands = [plan("One"), { ...plan("x"), name: "activities.nonsense" }, plan("Two"), plan("")];
  a.socket.send({ type: "batch", commands });
  const { results } = await a.socket.next("results");
  expect(results.map((result) => result.ok)).toEqual([true, false, true, false]);
  const frame = await b.socket.next("events");
  expect(frame.events.filter((event) => event.name === "activity.planned")).toHaveLength(2);
});

it("refuses frames that are not of the protocol and keeps the socket open", async () => {
  const couple = await createCouple();
  const { socket } = await connect(couple.relationshipId, couple.a.userId);
  const junk = [
    "",
    "{",
    "[]",
    "null",
    '{"type":"x"}',
    '{"type":"command"}',
    '{"type":"command","id":1,"name":"a"}',
    new ArrayBuffer(8),
  ];
  for (const frame of junk) socket.send(frame);
  await socket.settle();
  const errors = socket.frames.filter((frame) => frame.type === "error");
  expect(errors).toHaveLength(junk.length);
  expect(errors.every((frame) => frame.error.code === "invalid_frame")).toBe(true);
  expect(socket.closed).toBeNull();
});

it("closes for a frame over the limit, and answers one just under it", async () => {
  const couple = await createCouple();
  const { socket } = await connect(couple.relationshipId, couple.a.userId);
  const frame = (bytes: number): string =>
    JSON.stringify({ type: "query", id: "q", name: "x", input: "" }).padEnd(bytes, " ");
  socket.send(frame(FRAME_MAX_BYTES));
  expect(await socket.next("result")).toMatchObject({ ok: false });
  expect(socket.closed).toBeNull();
  socket.send(frame(FRAME_MAX_BYTES + 1));
  expect(await socket.next("error")).toMatchObject({ error: { code: "payload_too_large" } });
  expect((await socket.closing()).code).toBe(1009);
});

it("slows down who sends too much, and closes who goes on", async () => {
  const couple = await createCouple();
  const { socket } = await connect(couple.relationshipId, couple.a.userId);
  for (let i = 0; i < 120; i++) socket.send({ type: "presence" });
  await socket.next("error", ({ error }) => error.code === "rate_limited");
  expect((await socket.closing()).code).toBe(1008);
  expect((await couple.b.run("membership.get")) !== null).toBe(true);
});

it("allows a member so many sockets and no more", async () => {
  const couple = await createCouple();
  const open = await Promise.all(
    Array.from({ length: SOCKETS_PER_MEMBER }, () => connect(couple.relationshipId, couple.a.userId)),
  );
  const refused = await requestSocket(couple.relationshipId, couple.a.userId);
  expect(refused.status).toBe(429);
  const partner = await connect(couple.relationshipId, couple.b.userId);
  expect(partner.ready.userId).toBe(couple.b.userId);
  open[0]?.socket.close();
  await partner.socket.settle();
  expect((await requestSocket(couple.relationshipId, couple.a.userId)).status).toBe(101);
});

it("tells a client of another protocol version to update", async () => {
  const couple = await createCouple();
  for (const version of ["bt.v0", "bt.v2"]) {
    const ticket = await ticketFor(couple.relationshipId, couple.a.userId);
    const answer = await requestSocket(couple.relationshipId, couple.a.userId, { protocols: `${version}, ${ticket}` });
    expect(answer.headers.get("sec-websocket-protocol")).toBe(version);
    if (answer.webSocket === null) throw new Error("no socket");
    expect((await new SocketClient(answer.webSocket).closing()).code).toBe(4426);
  }
});

it("ends the sockets and the tokens of a session that ended, and no others", async () => {
  const couple = await createCouple();
  const phone = await connect(couple.relationshipId, couple.a.userId, { sessionId: "phone" });
  const laptop = await connect(couple.relationshipId, couple.a.userId, { sessionId: "laptop" });
  const ticket = await ticketFor(couple.relationshipId, couple.a.userId, { sessionId: "phone" });
  await relationshipStub(env, couple.relationshipId).endSession("phone", Date.now());
  expect((await phone.socket.closing()).code).toBe(4401);
  for (const token of [ticket, `resume.${phone.ready.resume}`]) {
    expect((await requestSocket(couple.relationshipId, couple.a.userId, { token })).status).toBe(401);
  }
  await laptop.socket.settle();
  expect(laptop.socket.closed).toBeNull();
});

it("refuses to serve a session that ended although its close was lost", async () => {
  const couple = await createCouple();
  const { socket } = await connect(couple.relationshipId, couple.a.userId, { sessionId: "lost" });
  await runInDurableObject(env.RELATIONSHIP.getByName(couple.relationshipId), (_, state) => {
    state.storage.sql.exec("INSERT INTO ended_sessions (session_id, ended_at) VALUES ('lost', 1)").toArray();
  });
  await evict(couple);
  socket.send({ type: "command", id: uuidv7(Date.now()), name: "checkins.submit", input: { date: today(), mood: 5 } });
  expect((await socket.closing()).code).toBe(4401);
  expect((await couple.b.run<{ items: unknown[] }>("checkins.list")).items).toEqual([]);
});

it("closes a socket whose session ran out by itself", async () => {
  const couple = await createCouple();
  const sessionExpiresAt = Date.now() + HOUR_MS;
  const { socket } = await connect(couple.relationshipId, couple.a.userId, { sessionExpiresAt });
  vi.useFakeTimers({ toFake: ["Date"], now: sessionExpiresAt });
  onTestFinished(() => void vi.useRealTimers());
  socket.send({ type: "presence" });
  expect((await socket.closing()).code).toBe(4401);
});

it("handles what was sent before a close, in order, although nobody waits for the answers", async () => {
  const couple = await createCouple();
  const { socket } = await connect(couple.relationshipId, couple.a.userId);
  const partner = await connect(couple.relationshipId, couple.b.userId);
  for (let i = 0; i < 20; i++) {
    socket.send({
      type: "command",
      id: uuidv7(Date.now()),
      name: "activities.plan",
      input: { name: `${i}`, type: "custom" },
    });
  }
  socket.close();
  const seen = await partner.socket.next("presence", ({ members }) =>
    members.some((member) => member.userId === couple.a.userId && !member.online),
  );
  expect(seen).toBeDefined();
  const seqs = partner.socket.frames.flatMap((frame) =>
    frame.type === "events" ? frame.events.filter((event) => event.stream === "couple").map((event) => event.seq) : [],
  );
  expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index));
  expect(partner.socket.eventNames().filter((name) => name === "activity.planned")).toHaveLength(20);
});

it("closes who keeps sending somewhat too much, although some of it is let through", async () => {
  const couple = await createCouple();
  const { socket } = await connect(couple.relationshipId, couple.a.userId);
  const start = Date.now();
  vi.useFakeTimers({ toFake: ["Date"], now: start });
  onTestFinished(() => void vi.useRealTimers());
  for (let second = 1; second <= 6 && socket.closed === null; second++) {
    vi.setSystemTime(start + second * 1_000);
    for (let i = 0; i < 60; i++) socket.send({ type: "presence" });
    await scheduler.wait(5);
  }
  expect((await socket.closing()).code).toBe(1008);
});

it("takes a command without an input as one with an empty input, as REST does", async () => {
  const couple = await createCouple();
  const { socket } = await connect(couple.relationshipId, couple.a.userId);
  socket.send({ type: "command", id: uuidv7(Date.now()), name: "inbox.mark_all_read" });
  expect(await socket.next("result")).toMatchObject({ ok: true });
});

it("closes for junk over the limit, too", async () => {
  const couple = await createCouple();
  const { socket } = await connect(couple.relationshipId, couple.a.userId);
  socket.send("x".repeat(FRAME_MAX_BYTES + 1));
  expect((await socket.closing()).code).toBe(1009);
});

it.each([
  ["whose session ran out while it was silent", 4401, "UPDATE _meta SET epoch = epoch"],
  ["whose session ended although its close was lost", 4401, "INSERT INTO ended_sessions VALUES ('gone', 1)"],
  ["of somebody who left although its close was lost", 4403, "UPDATE members SET left_at = 1 WHERE slot = 2"],
])("tells nothing more to a socket %s", async (who, code, statement) => {
  const couple = await createCouple();
  const sessionExpiresAt = Date.now() + HOUR_MS;
  const { socket } = await connect(couple.relationshipId, couple.b.userId, { sessionId: "gone", sessionExpiresAt });
  await runInDurableObject(env.RELATIONSHIP.getByName(couple.relationshipId), (_, state) => {
    state.storage.sql.exec(statement).toArray();
  });
  await evict(couple);
  if (who.startsWith("whose session ran out")) {
    vi.useFakeTimers({ toFake: ["Date"], now: sessionExpiresAt });
    onTestFinished(() => void vi.useRealTimers());
  }
  await couple.a.run("activities.plan", { name: "Secret", type: "custom" }, { now: Date.now() });
  expect((await socket.closing()).code).toBe(code);
  expect(socket.eventNames()).toEqual([]);
});
