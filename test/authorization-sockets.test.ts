import { env, exports } from "cloudflare:workers";
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { registry } from "../src/domain/registry.ts";
import { CLOSE, SOCKET_PROTOCOL } from "../src/protocol/frames.ts";
import { newId } from "../src/protocol/ids.ts";
import { createCouple, createSolo, type TestCouple } from "./support/couple.ts";
import { leave } from "./support/departure.ts";
import { connect, requestSocket, SocketClient, ticketFor } from "./support/socket-client.ts";

const OWN_ORIGIN = "http://localhost:8787";

let couple: TestCouple;
let other: TestCouple;

beforeAll(async () => {
  const createdAt = Date.now();
  [couple, other] = await Promise.all([createCouple({ createdAt }), createCouple({ createdAt })]);
});

/** The whole Worker's answer to an upgrade, as a browser or an app sends it. */
async function upgrade(
  relationshipId: string,
  offer: { protocols?: string; origin?: string } = {},
): Promise<{ status: number; code?: string; opened: boolean }> {
  const headers: Record<string, string> = { upgrade: "websocket" };
  if (offer.protocols !== undefined) headers["sec-websocket-protocol"] = offer.protocols;
  if (offer.origin !== undefined) headers["origin"] = offer.origin;
  const url = `https://api.example/api/relationships/${relationshipId}/socket`;
  const response = await exports.default.fetch(url, { headers });
  if (response.webSocket !== null) {
    response.webSocket.accept();
    response.webSocket.close(1000, "done");
    return { status: response.status, opened: true };
  }
  const { error } = await response.json<{ error: { code: string } }>();
  return { status: response.status, code: error.code, opened: false };
}

const withTicket = (ticket: string): string => `${SOCKET_PROTOCOL}, ${ticket}`;

async function tablesOf(relationshipId: string): Promise<string[]> {
  return runInDurableObject(env.RELATIONSHIP.getByName(relationshipId), (_, state) =>
    state.storage.sql
      .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'")
      .toArray()
      .map((row) => row.name),
  );
}

describe.each(registry.map((operation) => [operation.name, operation.kind] as const))("frame %s", (name, kind) => {
  const wrongKind = kind === "query" ? "command" : "query";

  it("is there for a member and unknown to whoever was one", async () => {
    const member = await connect(couple.relationshipId, couple.a.userId);
    expect(await member.socket.ask(wrongKind, name)).toMatchObject({ ok: false, error: { code: "unknown_command" } });
    const answer = await member.socket.ask(kind, name);
    // An empty input may be refused, but never as a stranger's.
    expect(answer.ok ? "ok" : answer.error.code).toMatch(/^(ok|invalid_input|illegal_transition)$/);
    member.socket.close();
    await member.socket.closing();

    const home = await createCouple({ createdAt: Date.now() });
    const { socket } = await connect(home.relationshipId, home.b.userId);
    await leave(home, [home.b.userId]);
    expect(await socket.closing()).toMatchObject({ code: CLOSE.membershipEnded });
    expect(await home.b.refused(name, {}, { now: Date.now() })).toMatchObject({ code: "not_found" });
    const stays = await home.a.reply(name, {}, { now: Date.now() });
    expect(stays.ok ? "ok" : stays.error.code).toMatch(/^(ok|invalid_input|illegal_transition)$/);
  });
});

describe("whoever left", () => {
  it("has a closed socket, and no ticket or resume token of before opens another", async () => {
    const home = await createCouple({ createdAt: Date.now() });
    const { socket, ready } = await connect(home.relationshipId, home.b.userId);
    const ticket = await ticketFor(home.relationshipId, home.b.userId);
    await leave(home, [home.b.userId]);
    expect(await socket.closing()).toMatchObject({ code: CLOSE.membershipEnded });
    for (const token of [ticket, `resume.${ready.resume}`]) {
      const answer = await upgrade(home.relationshipId, { protocols: withTicket(token) });
      expect(["not_found", "unauthenticated"]).toContain(answer.code);
    }
    await expect(async () => {
      await ticketFor(home.relationshipId, home.b.userId);
    }).rejects.toThrow("not_found");
  });

  it("learns nothing through a socket kept open, not even when the object left memory", async () => {
    const home = await createCouple({ createdAt: Date.now() });
    const leaver = await connect(home.relationshipId, home.b.userId);
    const partner = await connect(home.relationshipId, home.a.userId);
    await leave(home, [home.b.userId]);
    const stub = env.RELATIONSHIP.getByName(home.relationshipId);
    await evictDurableObject(stub, { webSockets: "hibernate" });
    const heard = leaver.socket.frames.length;
    try {
      leaver.socket.send({ type: "sync", cursors: { epoch: 1, couple: 0, own: 0 } });
    } catch {
      // The runtime already knows that the socket is closed.
    }
    await home.a.run("activities.plan", { name: "Without them", type: "custom" }, { now: Date.now() });
    await partner.socket.next("events", (frame) => frame.events.some((event) => event.name === "activity.planned"));
    await leaver.socket.closing();
    const later = leaver.socket.frames.slice(heard);
    expect(later.filter((frame) => frame.type !== "error")).toEqual([]);
    expect(JSON.stringify(leaver.socket.raw)).not.toContain("Without them");
  });

  // As after a crash between the commit and the close: the row says that they left, and the socket is still there.
  it.each([
    ["query", { type: "query", id: "q", name: "insights.dashboard", input: {} }],
    ["sync", { type: "sync", cursors: { epoch: 1, couple: 0, own: 0 } }],
    ["presence", { type: "presence" }],
    ["batch", { type: "batch", commands: [{ id: "c", name: "activities.plan", input: {} }] }],
  ])("is put out at the first %s when the close was lost", async (_, frame) => {
    const home = await createCouple({ createdAt: Date.now() });
    const leaver = await connect(home.relationshipId, home.b.userId);
    const stub = env.RELATIONSHIP.getByName(home.relationshipId);
    await runInDurableObject(stub, (_instance, state) => {
      state.storage.sql.exec("UPDATE members SET left_at = ? WHERE user_id = ?", Date.now(), home.b.userId);
    });
    await evictDurableObject(stub, { webSockets: "hibernate" });
    leaver.socket.raw.length = 0;
    leaver.socket.send(frame);
    expect(await leaver.socket.closing()).toMatchObject({ code: CLOSE.membershipEnded });
    expect(leaver.socket.frames.slice(-1)).toMatchObject([{ type: "ended", code: CLOSE.membershipEnded }]);
    expect(leaver.socket.raw).toHaveLength(1);
  });

  it("is a stranger in a relationship that ended because they accepted somebody else's invitation", async () => {
    const home = await createSolo({ createdAt: Date.now() });
    const { socket } = await connect(home.relationshipId, home.a.userId);
    await leave(home, [home.a.userId]);
    expect(await socket.closing()).toMatchObject({ code: CLOSE.membershipEnded });
    for (const { name } of registry) {
      expect([name, (await home.a.refused(name, {}, { now: Date.now() })).code]).toEqual([name, "not_found"]);
    }
  });
});

describe("upgrade", () => {
  it("opens for a member's ticket, from our own pages and from what is no browser", async () => {
    for (const origin of [undefined, OWN_ORIGIN]) {
      const protocols = withTicket(await ticketFor(couple.relationshipId, couple.a.userId));
      const answer = await upgrade(couple.relationshipId, { protocols, ...(origin !== undefined && { origin }) });
      expect(answer).toEqual({ status: 101, opened: true });
    }
  });

  it.each(["https://elsewhere.example", "null", "http://localhost:8787.elsewhere.example", "http://localhost:8788"])(
    "refuses the origin %s and does not use up the ticket",
    async (origin) => {
      const protocols = withTicket(await ticketFor(couple.relationshipId, couple.a.userId));
      const refused = await upgrade(couple.relationshipId, { protocols, origin });
      expect(refused).toEqual({ status: 403, code: "origin_not_allowed", opened: false });
      expect(await upgrade(couple.relationshipId, { protocols })).toEqual({ status: 101, opened: true });
    },
  );

  it.each([
    ["no protocol", undefined],
    ["no token", SOCKET_PROTOCOL],
    ["a made-up ticket", withTicket("ticket.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")],
    ["a made-up resume token", withTicket("resume.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")],
    ["an empty ticket", withTicket("ticket.")],
  ])("refuses %s, and tells nothing about an id that was guessed", async (_, protocols) => {
    const offer = protocols === undefined ? {} : { protocols };
    const known = await upgrade(couple.relationshipId, offer);
    expect(known).toEqual({ status: 401, code: "unauthenticated", opened: false });
    const guess = newId("relationship", Date.now());
    const guessed = await upgrade(guess, offer);
    expect([401, 404]).toContain(guessed.status);
    expect(["unauthenticated", "not_found"]).toContain(guessed.code);
    expect(await tablesOf(guess)).toEqual([]);
    expect(await upgrade("rel_nonsense", offer)).toMatchObject({ status: 404, code: "not_found" });
  });

  it("refuses another couple's ticket and leaves it to its owner", async () => {
    const protocols = withTicket(await ticketFor(other.relationshipId, other.a.userId));
    const refused = await upgrade(couple.relationshipId, { protocols });
    expect(refused).toEqual({ status: 401, code: "unauthenticated", opened: false });
    expect((await upgrade(newId("relationship", Date.now()), { protocols })).opened).toBe(false);
    expect(await upgrade(other.relationshipId, { protocols })).toEqual({ status: 101, opened: true });
  });

  it("gives a member of another couple no socket at all", async () => {
    await expect(async () => {
      await ticketFor(couple.relationshipId, other.a.userId);
    }).rejects.toThrow("not_found");
    const response = await requestSocket(couple.relationshipId, other.a.userId, { token: "ticket.none" });
    expect(response.webSocket).toBeNull();
    expect(response.status).toBe(401);
  });

  it("tells a client of another version so by a close code, after its ticket was good", async () => {
    const ticket = await ticketFor(couple.relationshipId, couple.a.userId);
    const response = await requestSocket(couple.relationshipId, couple.a.userId, { protocols: `bt.v0, ${ticket}` });
    expect(response.webSocket).not.toBeNull();
    if (response.webSocket === null) return;
    expect(await new SocketClient(response.webSocket).closing()).toMatchObject({ code: CLOSE.clientTooOld });
  });
});
