import { env } from "cloudflare:workers";
import { beforeAll, expect, it, vi } from "vitest";
import { authLibrary } from "../../src/auth/instance.ts";
import { call } from "../support/accounts-app.ts";
import { createCouple } from "../support/couple.ts";
import { tokenMailedTo } from "../support/mailbox.ts";
import { openSession, signedInPerson } from "../support/people.ts";
import type { SocketClient } from "../support/socket-client.ts";
import { connect, requestSocket, ticketFor } from "../support/socket-client.ts";

const SESSION_ENDED = 4401;
const ONE_SECOND_MS = 1_000;

beforeAll(async () => {
  await authLibrary(env);
}, 60_000);

/** Two people, the first on two devices, with a live socket each. */
async function liveCouple() {
  const ada = await signedInPerson({ name: "Ada" });
  const grace = await signedInPerson({ name: "Grace" });
  const phone = await openSession(ada.userId);
  const { relationshipId } = await createCouple({ userIds: [ada.userId, grace.userId] });
  const open = async (userId: string, sessionId: string) =>
    (await connect(relationshipId, userId, { sessionId })).socket;
  return {
    relationshipId,
    ada,
    grace,
    phone,
    adaSocket: await open(ada.userId, ada.sessionId),
    phoneSocket: await open(ada.userId, phone.sessionId),
    graceSocket: await open(grace.userId, grace.sessionId),
  };
}

async function expectClosedSoon(socket: SocketClient, since: number): Promise<void> {
  expect((await socket.closing()).code).toBe(SESSION_ENDED);
  expect(Date.now() - since).toBeLessThan(ONE_SECOND_MS);
}

async function expectOpen(...sockets: SocketClient[]): Promise<void> {
  for (const socket of sockets) {
    await socket.settle();
    expect(socket.closed).toBeNull();
  }
}

it("closes the sockets of a device that signs out within a second, and no others", async () => {
  const couple = await liveCouple();
  const unused = await ticketFor(couple.relationshipId, couple.ada.userId, { sessionId: couple.ada.sessionId });
  const start = Date.now();
  expect((await call("/api/auth/sign-out", { body: {}, headers: couple.ada.headers })).status).toBe(200);
  await expectClosedSoon(couple.adaSocket, start);
  await expectOpen(couple.phoneSocket, couple.graceSocket);
  const late = await requestSocket(couple.relationshipId, couple.ada.userId, { token: unused });
  expect(late.status).not.toBe(101);
});

it("closes the sockets of a device that another one throws out", async () => {
  const couple = await liveCouple();
  const start = Date.now();
  const options = { body: { sessionId: couple.phone.sessionId }, headers: couple.ada.headers };
  expect((await call("/api/auth/revoke-session", options)).status).toBe(200);
  await expectClosedSoon(couple.phoneSocket, start);
  await expectOpen(couple.adaSocket, couple.graceSocket);
});

it("closes the sockets of all other devices at once", async () => {
  const couple = await liveCouple();
  const start = Date.now();
  const answer = await call("/api/auth/revoke-other-sessions", { body: {}, headers: couple.ada.headers });
  expect(answer.status).toBe(200);
  await expectClosedSoon(couple.phoneSocket, start);
  await expectOpen(couple.adaSocket, couple.graceSocket);
});

it("closes every socket of a person whose password was reset, and the partner's stays", async () => {
  const couple = await liveCouple();
  await call("/api/auth/request-password-reset", { body: { email: couple.ada.email } });
  const token = await tokenMailedTo(couple.ada.email, "password_reset");
  const start = Date.now();
  const answer = await call("/api/auth/reset-password", { body: { token, newPassword: "a new password" } });
  expect(answer.status).toBe(200);
  await expectClosedSoon(couple.adaSocket, start);
  await expectClosedSoon(couple.phoneSocket, start);
  await expectOpen(couple.graceSocket);
});

/** Ada on 27 devices more; the newest seven hold the sockets that a member may have beside the first. */
async function manyDevices() {
  const ada = await signedInPerson({ name: "Ada" });
  const grace = await signedInPerson({ name: "Grace" });
  const { relationshipId } = await createCouple({ userIds: [ada.userId, grace.userId] });
  const devices = [];
  for (let i = 0; i < 27; i++) devices.push(await openSession(ada.userId));
  const open = async (userId: string, sessionId: string) =>
    (await connect(relationshipId, userId, { sessionId })).socket;
  const ours = await open(ada.userId, ada.sessionId);
  const others = [];
  for (const { sessionId } of devices.slice(-7)) others.push(await open(ada.userId, sessionId));
  // A ticket that nobody has used yet is as good as a socket.
  const unused = await ticketFor(relationshipId, ada.userId, { sessionId: devices[10]?.sessionId ?? "" });
  return { ada, relationshipId, ours, others, unused };
}

async function expectAllEnded(
  { relationshipId, ada, others, unused }: Awaited<ReturnType<typeof manyDevices>>,
  since: number,
): Promise<void> {
  for (const socket of others) await expectClosedSoon(socket, since);
  await vi.waitFor(async () => {
    const waiting = env.DB.prepare("SELECT count(*) AS n FROM object_outbox WHERE relationship_id = ?");
    expect(await waiting.bind(relationshipId).first("n")).toBe(0);
  });
  expect((await requestSocket(relationshipId, ada.userId, { token: unused })).status).not.toBe(101);
}

it("closes every socket of 27 other devices within a second", async () => {
  const people = await manyDevices();
  const start = Date.now();
  const answer = await call("/api/auth/revoke-other-sessions", { body: {}, headers: people.ada.headers });
  expect(await answer.json()).toMatchObject({ ended: 27 });
  await expectAllEnded(people, start);
  await expectOpen(people.ours);
});

it("closes every socket of 28 devices within a second of a new password", async () => {
  const people = await manyDevices();
  await call("/api/auth/request-password-reset", { body: { email: people.ada.email } });
  const token = await tokenMailedTo(people.ada.email, "password_reset");
  const answer = await call("/api/auth/reset-password", { body: { token, newPassword: "a new password" } });
  const start = Date.now();
  expect(answer.status).toBe(200);
  await expectAllEnded(people, start);
  await expectClosedSoon(people.ours, start);
});

it("tells the partner's screen about a new name", async () => {
  const couple = await liveCouple();
  const options = { method: "PATCH", body: { nickname: "Countess" }, headers: couple.ada.headers };
  expect((await call("/api/me", options)).status).toBe(200);
  const frame = await couple.graceSocket.next("events");
  expect(frame.events.map((event) => event.name)).toContain("member.updated");
});
