import { env } from "cloudflare:workers";
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { expect, it, onTestFinished, vi } from "vitest";
import { PRESENCE_FRESH_MS, PRESENCE_POLL_MS, REPLAY_MAX_EVENTS, SOCKET_STALE_MS } from "../../src/protocol/limits.ts";
import { createCouple, type TestCouple } from "../support/couple.ts";
import { connect, requestSocket } from "../support/socket-client.ts";

const plan = (couple: TestCouple, name: string): Promise<unknown> =>
  couple.b.run("activities.plan", { name, type: "custom" }, { now: Date.now() });

it("replays exactly what was missed, on a resume token that works once", async () => {
  const couple = await createCouple();
  const first = await connect(couple.relationshipId, couple.a.userId);
  first.socket.close();
  await plan(couple, "One");
  await plan(couple, "Two");
  await evictDurableObject(env.RELATIONSHIP.getByName(couple.relationshipId), { webSockets: "hibernate" });
  const token = `resume.${first.ready.resume}`;
  const second = await connect(couple.relationshipId, couple.a.userId, { token, cursors: first.ready.cursors });
  expect(second.ready.snapshot).toBeUndefined();
  const couples = second.ready.events?.filter((event) => event.stream === "couple") ?? [];
  expect(couples.map((event) => event.seq)).toEqual([first.ready.cursors.couple + 1, first.ready.cursors.couple + 2]);
  expect((await requestSocket(couple.relationshipId, couple.a.userId, { token })).status).toBe(401);
});

it("numbers each stream without a gap, whatever the other member does in private", async () => {
  const couple = await createCouple();
  const { ready } = await connect(couple.relationshipId, couple.a.userId);
  for (let i = 0; i < 3; i++) {
    await plan(couple, `P${i}`);
    await couple.b.run("inbox.mark_all_read", {}, { now: Date.now() });
  }
  const { socket } = await connect(couple.relationshipId, couple.a.userId, { cursors: ready.cursors });
  const again = await socket.next("ready");
  for (const stream of ["couple", "own"] as const) {
    const seqs = (again.events ?? []).filter((event) => event.stream === stream).map((event) => event.seq);
    expect(seqs).toEqual(seqs.map((_, index) => ready.cursors[stream] + 1 + index));
  }
});

it("sends a snapshot when the log no longer reaches back, or the cursors are of another life", async () => {
  const couple = await createCouple();
  const { ready, socket } = await connect(couple.relationshipId, couple.a.userId);
  for (let i = 0; i < 4; i++) await plan(couple, `P${i}`);
  socket.send({ type: "sync", cursors: { ...ready.cursors, epoch: ready.cursors.epoch + 1 } });
  expect((await socket.next("synced")).snapshot).toBeDefined();
  await runInDurableObject(env.RELATIONSHIP.getByName(couple.relationshipId), (_, state) => {
    state.storage.sql
      .exec("DELETE FROM relationship_events WHERE stream = 'couple' AND seq <= ?", ready.cursors.couple + 2)
      .toArray();
  });
  for (const cursors of [ready.cursors, { ...ready.cursors, couple: ready.cursors.couple + 1_000 }]) {
    const again = await connect(couple.relationshipId, couple.a.userId, { cursors });
    expect(again.ready.events).toBeUndefined();
    expect(again.ready.snapshot).toBeDefined();
    again.socket.close();
  }
});

it("sends a snapshot rather than a very long replay", async () => {
  const couple = await createCouple();
  const { ready } = await connect(couple.relationshipId, couple.a.userId);
  await runInDurableObject(env.RELATIONSHIP.getByName(couple.relationshipId), (_, state) => {
    state.storage.sql
      .exec(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
         INSERT INTO relationship_events (stream, seq, name, actor_id, occurred_at, subject_id, data, counted)
         SELECT 'couple', CAST(? AS INTEGER) + i, 'activity.planned', 'x', 1, NULL, '{}', 1 FROM n`,
        REPLAY_MAX_EVENTS + 1,
        ready.cursors.couple,
      )
      .toArray();
  });
  await evictDurableObject(env.RELATIONSHIP.getByName(couple.relationshipId), { webSockets: "hibernate" });
  const again = await connect(couple.relationshipId, couple.a.userId, { cursors: ready.cursors });
  expect(again.ready.snapshot).toBeDefined();
});

it("shows who is here, and who left", async () => {
  const couple = await createCouple();
  const a = await connect(couple.relationshipId, couple.a.userId);
  const b = await connect(couple.relationshipId, couple.b.userId);
  const online = (userId: string, value: boolean) => (frame: { members: { userId: string; online: boolean }[] }) =>
    frame.members.some((member) => member.userId === userId && member.online === value);
  expect(await a.socket.next("presence", online(couple.b.userId, true))).toBeDefined();
  a.socket.frames.length = 0;
  b.socket.close();
  expect(await a.socket.next("presence", online(couple.b.userId, false))).toBeDefined();
});

it("shows nobody as present who has given no sign of life for a while, and makes room for their return", async () => {
  const couple = await createCouple();
  const silent = await connect(couple.relationshipId, couple.a.userId);
  const { socket } = await connect(couple.relationshipId, couple.b.userId);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + PRESENCE_FRESH_MS + 1_000 });
  onTestFinished(() => void vi.useRealTimers());
  socket.send({ type: "presence" });
  const answer = await socket.next("presence", ({ members }) => members.some((member) => !member.online));
  expect(answer.members).toContainEqual({ userId: couple.a.userId, online: false });
  expect(answer.members).toContainEqual({ userId: couple.b.userId, online: true });
  expect(PRESENCE_FRESH_MS + PRESENCE_POLL_MS).toBeLessThanOrEqual(45_000);

  vi.setSystemTime(Date.now() + SOCKET_STALE_MS);
  await connect(couple.relationshipId, couple.b.userId);
  expect((await silent.socket.closing()).code).toBe(1001);
});
