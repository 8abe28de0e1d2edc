import { expect, it } from "vitest";
import { createClient } from "../../src/client/client.ts";
import type { Connection, ConnectionOptions } from "../../src/client/connection.ts";
import type { ClientError } from "../../src/client/errors.ts";
import type { RelationshipEvent } from "../../src/client/operations.ts";
import type { EventMessage } from "../../src/protocol/frames.ts";
import { commandIdSchema, uuidv7Time } from "../../src/protocol/ids.ts";
import { BATCH_FRAME_MAX_BYTES, BATCH_MAX_COMMANDS } from "../../src/protocol/limits.ts";
import { FakeMachine, flush } from "./fake-environment.ts";

interface Opened {
  machine: FakeMachine;
  connection: Connection;
  seen: string[];
}

/** A connection whose handlers note each event as `stream seq`. */
async function open(options: ConnectionOptions = {}): Promise<Opened> {
  const machine = new FakeMachine();
  const seen: string[] = [];
  const onEvents = (events: RelationshipEvent[]): void => {
    for (const event of events) seen.push(`${event.stream} ${event.seq}`);
  };
  const client = createClient({ baseUrl: "https://api.test", ...machine.environment });
  const connection = client.connect("rel_1", { onEvents, ...options });
  await flush();
  return { machine, connection, seen };
}

function event(stream: "couple" | "own", seq: number): EventMessage {
  return { stream, seq, name: "checkin.submitted", actorId: "usr_b", occurredAt: 1, subjectId: null, data: {} };
}

function idsOf(frames: Record<string, unknown>[]): unknown[] {
  return frames.flatMap((frame) =>
    frame["type"] === "batch" ? (frame["commands"] as { id: string }[]).map(({ id }) => id) : [frame["id"]],
  );
}

const checkin = { date: "2026-06-15", connection: 8 };

it("answers a command with the data of its own result", async () => {
  const { machine, connection } = await open();
  machine.socket.ready();
  const answer = connection.command("checkins.submit", checkin);
  const [sent] = machine.socket.frames;
  expect(sent).toEqual({ type: "command", id: expect.any(String), name: "checkins.submit", input: checkin });
  const id = String(sent?.["id"]);
  expect(commandIdSchema.safeParse(id).success).toBe(true);
  const cursors = { couple: 0, own: 0 };
  machine.socket.say({ type: "result", id: "another", ok: true, data: { id: "no" }, cursors });
  machine.socket.say({ type: "result", id, ok: true, data: { id: "chk_1" }, cursors });
  expect(await answer).toEqual({ id: "chk_1" });
  expect(connection.unacknowledged).toEqual([]);
});

it("rejects with the server's refusal and its field paths", async () => {
  const { machine, connection } = await open();
  machine.socket.ready();
  const answer = connection.command("checkins.submit", checkin);
  const id = String(machine.socket.frames[0]?.["id"]);
  const details = { issues: [{ path: "date", message: "In the future" }] };
  const error = { code: "invalid_input", message: "No", retryable: false, details };
  machine.socket.say({ type: "result", id, ok: false, error });
  const refusal = await answer.catch((thrown: ClientError) => thrown);
  expect(refusal).toMatchObject({ code: "invalid_input", retryable: false, details });
});

it("sends commands without an answer again, with the same ids and in order, in one batch", async () => {
  const { machine, connection } = await open();
  machine.socket.ready();
  const first = connection.command("checkins.submit", checkin);
  const second = connection.command("checkins.submit", { ...checkin, connection: 9 });
  const ids = idsOf(machine.socket.frames);
  machine.socket.hangUp(1006);
  const third = connection.command("checkins.submit", { ...checkin, connection: 10 });
  await machine.pass(2_000);
  expect(machine.socket.sent).toEqual([]);
  machine.socket.ready();
  expect(machine.socket.frames).toMatchObject([{ type: "batch" }]);
  const again = idsOf(machine.socket.frames);
  expect(again.slice(0, 2)).toEqual(ids);
  expect(again).toHaveLength(3);
  const results = again.map((id, index) => {
    const cursors = { couple: 0, own: 0 };
    return { type: "result" as const, id: String(id), ok: true as const, data: { version: index }, cursors };
  });
  machine.socket.say({ type: "results", results });
  expect(await Promise.all([first, second, third])).toEqual([{ version: 0 }, { version: 1 }, { version: 2 }]);
  machine.socket.hangUp(1006);
  await machine.pass(2_000);
  machine.socket.ready();
  expect(machine.socket.frames).toEqual([]);
});

it("shows each event once, whichever way it comes", async () => {
  const { machine, connection, seen } = await open();
  machine.socket.ready({ cursors: { epoch: 0, couple: 4, own: 1 }, snapshot: {} });
  machine.socket.say({ type: "events", events: [event("couple", 5), event("own", 2)] });
  machine.socket.say({ type: "events", events: [event("couple", 5), event("couple", 6)] });
  const answer = connection.command("checkins.submit", checkin);
  const id = String(machine.socket.frames[0]?.["id"]);
  const cursors = { couple: 7, own: 2 };
  machine.socket.say({ type: "result", id, ok: true, data: {}, cursors, events: [event("couple", 7)] });
  await answer;
  expect(seen).toEqual(["couple 5", "own 2", "couple 6", "couple 7"]);
  expect(connection.cursors).toEqual({ epoch: 0, couple: 7, own: 2 });
  expect(machine.socket.frames).toHaveLength(1);
});

it("asks once for what a gap hides, shows nothing out of order, and goes on after the answer", async () => {
  const { machine, seen } = await open();
  machine.socket.ready({ cursors: { epoch: 1, couple: 4, own: 0 }, snapshot: {} });
  machine.socket.say({ type: "events", events: [event("couple", 7)] });
  machine.socket.say({ type: "events", events: [event("couple", 8)] });
  expect(machine.socket.frames).toEqual([{ type: "sync", cursors: { epoch: 1, couple: 4, own: 0 } }]);
  expect(seen).toEqual([]);
  const events = [5, 6, 7, 8].map((seq) => event("couple", seq));
  machine.socket.say({ type: "synced", cursors: { epoch: 1, couple: 8, own: 0 }, events });
  machine.socket.say({ type: "events", events: [event("couple", 9)] });
  expect(seen).toEqual(["couple 5", "couple 6", "couple 7", "couple 8", "couple 9"]);
});

it("notices by the cursors of a result that news were lost on the way", async () => {
  const { machine, connection } = await open();
  machine.socket.ready({ cursors: { epoch: 0, couple: 4, own: 0 }, snapshot: {} });
  const answer = connection.query("checkins.get", { date: "2026-06-15" });
  const id = String(machine.socket.frames[0]?.["id"]);
  machine.socket.say({ type: "result", id, ok: true, data: {}, cursors: { couple: 6, own: 0 } });
  await answer;
  expect(machine.socket.frames.at(-1)).toMatchObject({ type: "sync" });
});

it("takes a snapshot in place of events, and its cursors with it", async () => {
  const snapshots: unknown[] = [];
  const { machine, connection } = await open({ onSnapshot: (snapshot) => snapshots.push(snapshot) });
  machine.socket.ready({ cursors: { epoch: 3, couple: 900, own: 40 }, snapshot: { today: "x" } });
  expect(snapshots).toEqual([{ today: "x" }]);
  expect(connection.cursors).toEqual({ epoch: 3, couple: 900, own: 40 });
});

it("repeats what a rate limit dropped, when the limit allows it again", async () => {
  const { machine, connection } = await open();
  machine.socket.ready();
  const answer = connection.command("checkins.submit", checkin);
  const error = { code: "rate_limited", message: "", retryable: true, details: { retryAfterSeconds: 1 } };
  machine.socket.say({ type: "error", error });
  machine.socket.say({ type: "error", error });
  await machine.pass(999);
  expect(machine.socket.frames).toHaveLength(1);
  await machine.pass(1);
  expect(machine.socket.frames).toHaveLength(2);
  expect(machine.socket.frames[1]).toEqual(machine.socket.frames[0]);
  const id = String(machine.socket.frames[0]?.["id"]);
  machine.socket.say({ type: "result", id, ok: true, data: { ok: 1 }, cursors: { couple: 0, own: 0 } });
  expect(await answer).toEqual({ ok: 1 });
});

it("cuts what was collected offline into frames that the server takes", async () => {
  const { machine, connection } = await open();
  const note = "ä".repeat(450);
  for (let index = 0; index < 250; index++) {
    void connection.command("checkins.submit", { ...checkin, highlight: note }).catch(() => undefined);
  }
  machine.socket.ready();
  const frames = machine.socket.sent;
  expect(idsOf(machine.socket.frames)).toEqual(connection.unacknowledged.map(({ id }) => id));
  expect(frames.length).toBeGreaterThan(2);
  for (const frame of frames) {
    expect(new TextEncoder().encode(frame).length).toBeLessThanOrEqual(BATCH_FRAME_MAX_BYTES);
    expect((JSON.parse(frame) as { commands: unknown[] }).commands.length).toBeLessThanOrEqual(BATCH_MAX_COMMANDS);
  }
});

it("gives each command of a batch its own result", async () => {
  const { machine, connection } = await open();
  machine.socket.ready();
  const answer = connection.batch([
    { name: "checkins.submit", input: checkin },
    { name: "checkins.submit", input: { date: "2999-01-01", connection: 1 } },
  ]);
  const [first, second] = idsOf(machine.socket.frames).map(String);
  const error = { code: "invalid_input", message: "No", retryable: false };
  machine.socket.say({
    type: "results",
    results: [
      { type: "result", id: first ?? "", ok: true, data: 1, cursors: { couple: 0, own: 0 } },
      { type: "result", id: second ?? "", ok: false, error },
    ],
  });
  expect(await answer).toMatchObject([
    { status: "fulfilled", value: 1 },
    { status: "rejected", reason: { code: "invalid_input" } },
  ]);
});

it("refuses here what no frame can carry, and loses nothing else by it", async () => {
  const { machine, connection } = await open();
  machine.socket.ready();
  const answer = connection.command("checkins.submit", { ...checkin, highlight: "x".repeat(70_000) });
  await expect(async () => answer).rejects.toMatchObject({ code: "payload_too_large" });
  expect(machine.socket.sent).toEqual([]);
});

it("keeps the ids of commands on the server's clock when the device's is wrong", async () => {
  const { machine, connection } = await open();
  machine.socket.ready({ serverTime: 1_800_000_000_000 });
  void connection.command("checkins.submit", checkin).catch(() => undefined);
  expect(uuidv7Time(String(machine.socket.frames[0]?.["id"]))).toBe(1_800_000_000_000);
});

it("hands unanswered commands to a later connection, which sends them under their old ids", async () => {
  const { connection } = await open();
  const answer = connection.command("checkins.submit", checkin).catch((error: ClientError) => error.code);
  const kept = connection.unacknowledged;
  connection.close();
  expect(await answer).toBe("closed");
  const later = await open({ unacknowledged: kept });
  later.machine.socket.ready();
  expect(idsOf(later.machine.socket.frames)).toEqual(kept.map(({ id }) => id));
});

it("rejects what waits, and whatever comes later, when the membership has ended", async () => {
  const { machine, connection } = await open();
  machine.socket.ready();
  const answer = connection.command("checkins.submit", checkin);
  machine.socket.hangUp(4403);
  await expect(async () => answer).rejects.toMatchObject({ code: "not_found" });
  await expect(async () => connection.query("inbox.unread_count")).rejects.toMatchObject({ code: "closed" });
});
