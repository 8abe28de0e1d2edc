import { expect, it } from "vitest";
import { createClient } from "../../src/client/client.ts";
import type { Connection, ConnectionOptions } from "../../src/client/connection.ts";
import { RETRY_MAX_MS, RETRY_MIN_MS, retryDelayMs } from "../../src/client/environment.ts";
import { PING_INTERVAL_MS, PRESENCE_POLL_MS } from "../../src/protocol/limits.ts";
import { FakeMachine, flush } from "./fake-environment.ts";

const ID = "rel_1";

async function open(options: ConnectionOptions = {}): Promise<{ machine: FakeMachine; connection: Connection }> {
  const machine = new FakeMachine();
  const client = createClient({ baseUrl: "https://api.test/", token: "secret", ...machine.environment });
  const connection = client.connect(ID, options);
  await flush();
  return { machine, connection };
}

it("opens with a ticket and the protocol, and nothing secret in the address", async () => {
  const { machine, connection } = await open();
  expect(machine.requests).toEqual([`POST https://api.test/api/relationships/${ID}/tickets`]);
  expect(machine.socket.url).toBe(`wss://api.test/api/relationships/${ID}/socket`);
  expect(machine.socket.protocols).toEqual(["bt.v1", "ticket.t1"]);
  expect(connection.state).toBe("connecting");
  machine.socket.ready();
  expect(connection.state).toBe("live");
});

it("comes back with the resume token and its cursors, and takes a new ticket when the token was refused", async () => {
  const { machine } = await open();
  machine.socket.ready({ resume: "r1", cursors: { epoch: 2, couple: 7, own: 3 } });
  machine.socket.hangUp(1006);
  await machine.pass(2_000);
  expect(machine.sockets).toHaveLength(2);
  expect(machine.socket.protocols).toEqual(["bt.v1", "resume.r1"]);
  expect(machine.socket.url).toBe(`wss://api.test/api/relationships/${ID}/socket?epoch=2&couple=7&own=3`);
  machine.socket.hangUp(1006);
  await machine.pass(2_000);
  expect(machine.socket.protocols).toEqual(["bt.v1", "ticket.t2"]);
});

it("spreads the tries, half a second to half a minute apart", () => {
  for (const random of [0, 0.5, 0.999]) {
    for (let attempt = 0; attempt < 40; attempt++) {
      const delay = retryDelayMs(attempt, random);
      expect(delay).toBeGreaterThanOrEqual(RETRY_MIN_MS);
      expect(delay).toBeLessThanOrEqual(RETRY_MAX_MS);
    }
  }
  expect(retryDelayMs(0, 0)).toBe(500);
  expect(retryDelayMs(0, 1)).toBe(1_000);
  expect(retryDelayMs(3, 1)).toBe(8_000);
  expect(retryDelayMs(20, 1)).toBe(30_000);
});

it("spreads 500 clients that lost the server in the same moment", async () => {
  const buckets = new Map<number, number>();
  for (let client = 0; client < 500; client++) {
    const bucket = Math.floor(retryDelayMs(3, (client + 0.5) / 500) / 1_000);
    buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
  }
  expect(Math.max(...buckets.values())).toBeLessThan(500 / 7);
});

it("backs off while sockets die young, and begins anew after one that lived", async () => {
  const { machine } = await open();
  machine.random = 1;
  const waits: number[] = [];
  for (let round = 0; round < 4; round++) {
    machine.socket.ready();
    const lostAt = machine.now;
    machine.socket.hangUp(1006);
    const before = machine.sockets.length;
    while (machine.sockets.length === before) await machine.pass(100);
    waits.push(machine.now - lostAt);
  }
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000]);
  machine.socket.ready();
  for (let second = 0; second < 11; second++) {
    await machine.pass(1_000);
    machine.socket.say("pong");
  }
  machine.socket.hangUp(1006);
  const before = machine.sockets.length;
  await machine.pass(1_000);
  expect(machine.sockets.length).toBe(before + 1);
});

it.each([
  [4401, "session_ended"],
  [4403, "membership_ended"],
  [4426, "client_too_old"],
])("stays away after close code %i and says why", async (code, reason) => {
  const ends: string[] = [];
  const { machine, connection } = await open({ onEnd: (end) => ends.push(end) });
  machine.socket.ready();
  machine.socket.hangUp(code);
  await machine.pass(10 * RETRY_MAX_MS);
  expect(ends).toEqual([reason]);
  expect(connection.state).toBe("closed");
  expect(machine.sockets).toHaveLength(1);
});

it("ends when no ticket is given any more, and waits as long as a rate limit says", async () => {
  const ends: string[] = [];
  const machine = new FakeMachine();
  const limited = { code: "rate_limited", message: "", retryable: true, details: { retryAfterSeconds: 60 } };
  machine.answers.push({ status: 429, body: { error: limited } });
  machine.answers.push({ status: 401, body: { error: { code: "unauthenticated", message: "", retryable: false } } });
  const client = createClient({ baseUrl: "https://api.test", ...machine.environment });
  client.connect(ID, { onEnd: (end) => ends.push(end) });
  await machine.pass(59_000);
  expect(machine.requests).toHaveLength(1);
  await machine.pass(1_000);
  expect(machine.requests).toHaveLength(2);
  expect(ends).toEqual(["session_ended"]);
});

it("notices a silent line within 36 seconds and opens another", async () => {
  const { machine } = await open();
  machine.socket.ready();
  await machine.pass(PING_INTERVAL_MS);
  expect(machine.socket.sent).toEqual(["ping"]);
  machine.socket.say("pong");
  await machine.pass(3 * PING_INTERVAL_MS + RETRY_MAX_MS);
  expect(machine.sockets[0]?.closedBy).toBe("client");
  expect(machine.sockets.length).toBeGreaterThan(1);
});

it("gives up on a socket that never gets ready", async () => {
  const { machine } = await open();
  await machine.pass(20_000);
  expect(machine.sockets[0]?.closedBy).toBe("client");
  expect(machine.sockets).toHaveLength(2);
});

it("asks who is there every 30 seconds in front, and not at all in the back", async () => {
  const { machine, connection } = await open();
  machine.socket.ready();
  const alive = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 1_000) {
      await machine.pass(1_000);
      machine.socket.say("pong");
    }
  };
  await alive(2 * PRESENCE_POLL_MS);
  expect(machine.socket.frames).toEqual([{ type: "presence" }, { type: "presence" }]);
  connection.setForeground(false);
  await alive(4 * PRESENCE_POLL_MS);
  expect(machine.socket.frames).toHaveLength(2);
  connection.setForeground(true);
  expect(machine.socket.frames).toHaveLength(3);
});

it("finds out on waking that the line died while the device slept", async () => {
  const { machine, connection } = await open();
  machine.socket.ready();
  connection.setForeground(false);
  machine.sleep(3_600_000);
  connection.setForeground(true);
  expect(connection.state).toBe("waiting");
  await machine.pass(1_000);
  expect(machine.sockets).toHaveLength(2);
});
