import { env, exports } from "cloudflare:workers";
import { expect, it, vi } from "vitest";
import { createClient, type Client } from "../../src/client/client.ts";
import type { Connection, ConnectionOptions } from "../../src/client/connection.ts";
import type { ClientError } from "../../src/client/errors.ts";
import type { RelationshipEvent } from "../../src/client/operations.ts";
import { localDate } from "../../src/domain/calendar.ts";
import { uuidv7 } from "../../src/protocol/uuid.ts";
import { signedInPerson } from "../support/people.ts";
import { tokenMailedTo } from "../support/mailbox.ts";
import { workerEnvironment, WorkerSocket } from "./worker-socket.ts";

const baseUrl = "https://api.example";
const today = localDate(Date.now(), "UTC");

interface Live {
  client: Client;
  connection: Connection;
  events: RelationshipEvent[];
  snapshots: unknown[];
  ends: string[];
  socket: WorkerSocket;
}

/** The client of somebody who has an account, not yet signed in. */
function clientOf(token: string | null = null): Client {
  return createClient({ baseUrl, token, ...workerEnvironment });
}

async function pair(): Promise<{ relationshipId: string; ada: Client; grace: Client }> {
  const [a, b] = await Promise.all([signedInPerson({ name: "Ada" }), signedInPerson({ name: "Grace" })]);
  const [ada, grace] = [clientOf(a.token), clientOf(b.token)];
  const { token } = await ada.invite();
  const accepted = await grace.acceptInvitation({ token });
  if (accepted.status !== "accepted") throw new Error("A link joins at once");
  return { relationshipId: accepted.relationship.id, ada, grace };
}

async function goLive(client: Client, relationshipId: string, options: ConnectionOptions = {}): Promise<Live> {
  const events: RelationshipEvent[] = [];
  const snapshots: unknown[] = [];
  const ends: string[] = [];
  const connection = client.connect(relationshipId, {
    onEvents: (fresh) => events.push(...fresh),
    onSnapshot: (snapshot) => snapshots.push(snapshot),
    onEnd: (reason) => ends.push(reason),
    ...options,
  });
  await vi.waitFor(() => expect(connection.state).toBe("live"));
  const socket = WorkerSocket.all.at(-1);
  if (socket === undefined) throw new Error("A live connection has a socket");
  return { client, connection, events, snapshots, ends, socket };
}

const namesOf = (events: readonly RelationshipEvent[]): string[] => events.map(({ name }) => name);
const coupleSeqs = (events: readonly RelationshipEvent[]): number[] =>
  events.filter(({ stream }) => stream === "couple").map(({ seq }) => seq);

it("leads from an unknown address to a couple, and back out", { timeout: 30_000 }, async () => {
  const email = `${uuidv7(Date.now())}@people.test`;
  const password = "a long enough password";
  const ada = clientOf();
  await ada.signUp({ name: "Ada", email, password, timezone: "Europe/Lisbon" });
  await ada.verifyEmail(await tokenMailedTo(email, "verification"));
  const signedIn = await ada.signIn({ email, password });
  expect(signedIn.user).toMatchObject({ name: "Ada", email });
  expect((await ada.me()).timezone).toBe("Europe/Lisbon");
  expect((await ada.openRelationship()).status).toBe("solo");
  expect((await ada.invitations()).sent).toEqual([]);

  const invitation = await ada.invite({ message: "Shall we?" });
  const partner = await signedInPerson({ name: "Grace" });
  const grace = clientOf(partner.token);
  expect((await grace.previewInvitation(invitation.token)).inviterName).toBe("Ada");
  const waiting = await grace.acceptInvitation({ code: invitation.code });
  expect(waiting.status).toBe("awaiting_confirmation");
  const joined = await ada.confirmInvitation(invitation.invitation.id, partner.userId);
  expect(joined.members.map(({ name }) => name)).toEqual(["Ada", "Grace"]);
  expect((await grace.pairing()).relationship?.id).toBe(joined.id);

  const live = await goLive(ada, joined.id);
  await ada.signOut();
  expect(ada.token).toBeNull();
  await vi.waitFor(() => expect(live.ends).toEqual(["session_ended"]));
  await expect(async () => ada.me()).rejects.toMatchObject({ code: "unauthenticated", status: 401 });
});

it("shows the partner's news as they happen, and the own ones too", async () => {
  const { relationshipId, ada, grace } = await pair();
  const online: boolean[] = [];
  const a = await goLive(ada, relationshipId);
  const b = await goLive(grace, relationshipId, {
    onPresence: (members) => online.push(members.every((member) => member.online)),
  });
  expect(b.snapshots).toHaveLength(1);
  const done = await a.connection.command("checkins.submit", { date: today, connection: 9, mood: 8 });
  expect(done.isNew).toBe(true);
  expect(namesOf(a.events)).toContain("checkin.submitted");
  await vi.waitFor(() => expect(namesOf(b.events)).toContain("notification.created"));
  expect(namesOf(b.events)).toContain("checkin.submitted");
  const seen = await b.connection.query("checkins.get", { date: today });
  expect(seen.partner?.connection).toBe(9);
  const { items } = await b.connection.query("inbox.list");
  expect(items.map(({ type }) => type)).toContain("checkin");
  await vi.waitFor(() => expect(online).toContain(true));
});

it("resumes without a gap and without a double after any number of cuts", async () => {
  const { relationshipId, ada, grace } = await pair();
  const a = await goLive(ada, relationshipId);
  const b = await goLive(grace, relationshipId);
  const before = b.connection.cursors?.couple ?? 0;
  for (let round = 0; round < 4; round++) {
    await a.connection.command("activities.plan", { name: `Walk ${round}`, type: "adventure" });
    const current = WorkerSocket.all.at(-1);
    (round === 0 ? b.socket : current)?.cut();
    await a.connection.command("activities.plan", { name: `Swim ${round}`, type: "exercise" });
    await vi.waitFor(() => expect(b.connection.state).toBe("live"));
  }
  await vi.waitFor(() => expect(coupleSeqs(b.events).at(-1)).toBe(before + 8));
  expect(coupleSeqs(b.events)).toEqual(Array.from({ length: 8 }, (_, index) => before + 1 + index));
  expect(b.snapshots).toHaveLength(1);
  expect(b.socket.protocols[1]).toMatch(/^ticket\./);
  expect(WorkerSocket.all.at(-1)?.protocols[1]).toMatch(/^resume\./);
});

it("applies a command once whose answer was lost on the way", async () => {
  const { relationshipId, ada } = await pair();
  const a = await goLive(ada, relationshipId);
  a.socket.deaf = true;
  const answer = a.connection.command("activities.plan", { name: "Walk", type: "adventure" });
  // A REST query is answered after the frame was, so the command is committed by now.
  await vi.waitFor(async () => {
    expect((await ada.query(relationshipId, "activities.list")).items).toHaveLength(1);
  });
  a.socket.cut();
  const planned = await answer;
  const { items } = await ada.query(relationshipId, "activities.list");
  expect(items.map(({ id }) => id)).toEqual([planned.id]);
  expect(namesOf(a.events).filter((name) => name === "activity.planned")).toHaveLength(1);
});

it("sends what was given while offline in one frame, and each has its answer", async () => {
  const { relationshipId, ada } = await pair();
  const a = await goLive(ada, relationshipId);
  a.socket.cut();
  const answers = Array.from({ length: 12 }, (_, index) =>
    a.connection.command("activities.plan", { name: `Idea ${index}`, type: "custom" }),
  );
  const names = (await Promise.all(answers)).map(({ name }) => name);
  expect(names).toEqual(Array.from({ length: 12 }, (_, index) => `Idea ${index}`));
});

it("repeats a REST command under its id when the answer was lost", async () => {
  const { relationshipId, ada } = await pair();
  let lost = 0;
  const shaky = createClient({
    baseUrl,
    token: ada.token,
    ...workerEnvironment,
    fetch: async (url, init) => {
      const response = await exports.default.fetch(url, init);
      if (url.includes("/commands/") && lost++ === 0) throw new TypeError("connection reset");
      return response;
    },
  });
  await shaky.command(relationshipId, "activities.plan", { name: "Once", type: "custom" });
  expect(lost).toBe(2);
  expect((await ada.query(relationshipId, "activities.list")).items).toHaveLength(1);
});

it("names the field of a refusal, and the request that the logs know", async () => {
  const { relationshipId, ada } = await pair();
  const wrong = ada.command(relationshipId, "checkins.submit", { date: today, mood: 11 });
  const refusal = await wrong.catch((error: ClientError) => error);
  expect(refusal).toMatchObject({ code: "invalid_input", status: 400, details: { issues: [{ path: "mood" }] } });
  expect((refusal as ClientError).requestId).toBeTruthy();
  expect(env.ENVIRONMENT).toBe("development");
});

it("parts over the line that it is on, reads what was, and comes back when both want it", async () => {
  const { relationshipId, ada, grace } = await pair();
  const [left, leaver] = [await goLive(grace, relationshipId), await goLive(ada, relationshipId)];
  expect(await leaver.connection.command("membership.leave")).toMatchObject({ status: "frozen" });
  await vi.waitFor(() => expect([...leaver.ends, ...left.ends]).toEqual(["membership_ended", "membership_ended"]));
  await vi.waitFor(async () => expect((await grace.pairing()).parted).toMatchObject([{ id: relationshipId }]));

  const reading = await goLive(grace, relationshipId);
  const refusal = reading.connection.command("activities.plan", { name: "Walk", type: "adventure" });
  await expect(async () => refusal).rejects.toMatchObject({ code: "relationship_not_writable" });
  reading.connection.close();

  expect(await grace.voteForReunion(relationshipId)).toEqual({ status: "waiting" });
  await grace.withdrawReunion(relationshipId);
  expect(await ada.voteForReunion(relationshipId)).toEqual({ status: "waiting" });
  expect(await grace.voteForReunion(relationshipId)).toMatchObject({
    status: "reunited",
    relationship: { id: relationshipId, status: "active" },
  });
  const again = await goLive(ada, relationshipId);
  expect(await again.connection.command("activities.plan", { name: "Walk", type: "adventure" })).toMatchObject({
    name: "Walk",
  });
  again.connection.close();
});
