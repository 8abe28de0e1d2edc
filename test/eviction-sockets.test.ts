import { env } from "cloudflare:workers";
import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { relationshipStub } from "../src/relationship/stub.ts";
import { CLOSE } from "../src/protocol/frames.ts";
import { uuidv7 } from "../src/protocol/ids.ts";
import { DAY_MS } from "../src/protocol/limits.ts";
import { createCouple, NOON, type TestCouple } from "./support/couple.ts";
import { comparable } from "./support/samples.ts";
import { connect, type SocketClient } from "./support/socket-client.ts";

/** Days whose alarms are run: past the end of the seven-day challenge below, so that a job of the domain reminds both. */
const DAYS = 9;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOON });
});

afterEach(() => {
  vi.useRealTimers();
});

interface Heard {
  /** Every answer to a frame of ours, in order. */
  answers: unknown[];
  /** What each partner's socket was told without asking. */
  told: { a: unknown; b: unknown };
  /** What a socket that opens at the end is given from the very beginning of the log. */
  log: unknown;
  closed: { a: unknown; b: unknown };
}

// The ids of commands are bare UUIDs, which `comparable` leaves alone.
function withoutId(result: object): object {
  return { ...result, id: "COMMAND_ID" };
}

/** The couple's day over two sockets, with `between` before every single step of it. */
async function play(couple: TestCouple, between: () => Promise<void>): Promise<Heard> {
  vi.setSystemTime(NOON);
  const stub = env.RELATIONSHIP.getByName(couple.relationshipId);
  const { socket: a } = await connect(couple.relationshipId, couple.a.userId, { sessionId: "session-a" });
  await between();
  const { socket: b } = await connect(couple.relationshipId, couple.b.userId, { sessionExpiresAt: NOON + 30 * DAY_MS });
  // Only the platform remembers a sign of life of a socket past an eviction, and it counts pings alone.
  for (const socket of [a, b]) {
    socket.send("ping");
    await socket.text("pong");
  }
  const answers: unknown[] = [];
  const step = async (): Promise<void> => {
    await between();
    vi.setSystemTime(Date.now() + 1_000);
  };
  const ask = async (socket: SocketClient, kind: "command" | "query", name: string, input: unknown): Promise<void> => {
    await step();
    answers.push(withoutId(await socket.ask(kind, name, input)));
  };

  await ask(a, "command", "checkins.submit", { date: "2026-06-15", mood: 7, connection: 8 });
  await ask(b, "command", "checkins.submit", { date: "2026-06-15", mood: 5 });
  await ask(b, "query", "checkins.get", { date: "2026-06-15" });
  await ask(a, "command", "challenges.start", { challengeId: "daily_gratitude_7" });
  await step();
  const plan = (name: string): object => ({
    id: uuidv7(Date.now()),
    name: "activities.plan",
    input: { name, type: "custom" },
  });
  a.send({ type: "batch", commands: [plan("One"), plan(""), plan("Two")] });
  answers.push((await a.next("results")).results.map(withoutId));
  await step();
  b.send({ type: "presence" });
  // Joining and leaving are announced as well; what was asked for comes last.
  await b.settle();
  answers.push(b.frames.findLast((frame) => frame.type === "presence"));
  await step();
  b.send({ type: "sync", cursors: { epoch: 1, couple: 0, own: 0 } });
  answers.push(await b.next("synced"));

  for (let day = 1; day <= DAYS; day++) {
    await between();
    vi.setSystemTime(NOON + day * DAY_MS);
    await runDurableObjectAlarm(stub);
  }
  await ask(b, "query", "challenges.list", {});
  await step();
  await relationshipStub(env, couple.relationshipId).endSession("session-a", Date.now());
  const closing = await a.closing();
  await ask(b, "command", "activities.log", { name: "Alone", type: "learning" });
  await step();
  const late = await connect(couple.relationshipId, couple.b.userId, { cursors: { epoch: 1, couple: 0, own: 0 } });
  const { events } = late.ready;
  const heard = {
    answers,
    told: {
      a: a.frames.filter((frame) => frame.type === "events"),
      b: b.frames.filter((frame) => frame.type === "events"),
    },
    log: events,
    closed: { a: closing, b: b.closed },
  };
  for (const socket of [b, late.socket]) socket.close();
  return heard;
}

it("tells both partners the same over open sockets whether or not it leaves memory between any two steps", async () => {
  const kept = await createCouple({ createdAt: NOON });
  const evicted = await createCouple({ createdAt: NOON });
  let evictions = 0;
  const fromMemory = await play(kept, () => Promise.resolve());
  const stub = env.RELATIONSHIP.getByName(evicted.relationshipId);
  const fromStorage = await play(evicted, async () => {
    await evictDurableObject(stub, { webSockets: "hibernate" });
    evictions += 1;
  });
  expect(evictions).toBeGreaterThan(15);
  const names = JSON.stringify(fromMemory.told.b);
  for (const name of ["checkin.submitted", "challenge.started", "activity.planned", "notification.created"]) {
    expect(names).toContain(name);
  }
  expect(fromMemory.closed).toMatchObject({ a: { code: CLOSE.sessionEnded }, b: null });
  expect(comparable(fromStorage, evicted)).toEqual(comparable(fromMemory, kept));
});
