import { env } from "cloudflare:workers";
import { evictDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createInvitation } from "../../src/pairing/issue.ts";
import { voteForReunion } from "../../src/pairing/reunion.ts";
import { FREEZE_MS } from "../../src/domain/parting/rules.ts";
import { DAY_MS } from "../../src/protocol/limits.ts";
import { withBatchFault, withRival } from "../pairing/faults.ts";
import { settle } from "../support/absorbing.ts";
import { rowsOf } from "../support/object.ts";
import { signedInPerson, type Person } from "../support/people.ts";
import { alarm, ask, directory, joinByLink, liveIdOf, pair, signInAgain, START, type Pair } from "./parting-steps.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: START });
});

afterEach(() => {
  vi.useRealTimers();
});

/** A couple that Ada left at START, a day ago. */
async function parted(): Promise<Pair> {
  const couple = await pair();
  const targetDate = "2031-03-20";
  await couple.a.run("goals.create", { name: "Read", type: "custom", targetCount: 3, targetDate }, { now: START });
  await couple.a.run("membership.leave", {}, { now: START });
  await alarm(couple);
  vi.setSystemTime(START + DAY_MS);
  return couple;
}

const vote = (couple: Pair, person: Person, environment: Env = env) =>
  voteForReunion(environment, couple.relationshipId, person.userId, Date.now());
const path = ({ relationshipId }: Pair): string => `/relationships/${relationshipId}/reunion`;

async function openSolo(person: Person): Promise<string> {
  const { data } = await ask<{ relationship: { id: string } }>(person, "POST", "/relationships", {});
  return data.relationship.id;
}

/** An invitation by somebody new. */
async function invitationBy(person: Person): Promise<string> {
  const inviter = { userId: person.userId, email: person.email, name: person.name, timezone: "UTC" };
  return (await createInvitation(env, inviter, {}, Date.now())).token;
}

it("brings both back when both want it, with what each wrote alone and with the days of the parting as a pause", async () => {
  const couple = await parted();
  const solo = await openSolo(couple.ada);
  const write = `/relationships/${solo}/commands/activities.plan`;
  expect(await ask(couple.ada, "POST", write, { name: "Alone", type: "custom" })).toMatchObject({ status: 200 });
  expect(await ask(couple.ada, "POST", path(couple), {})).toMatchObject({ status: 200, data: { status: "waiting" } });
  expect(await directory(couple.relationshipId)).toMatchObject({ status: "frozen", live: [] });
  const both = await ask(couple.grace, "POST", path(couple), {});
  expect(both.data).toMatchObject({
    status: "reunited",
    relationship: { id: couple.relationshipId, status: "active" },
  });
  expect(await directory(couple.relationshipId)).toEqual({
    status: "active",
    statusVersion: 4,
    frozenAt: null,
    live: [couple.ada.userId, couple.grace.userId],
  });
  await settle(couple.relationshipId);
  const now = Date.now();
  expect(await couple.b.run("activities.plan", { name: "Together", type: "custom" }, { now })).toMatchObject({
    name: "Together",
  });
  const listed = await couple.a.run<{ items: { name: string; isPrivate: boolean }[] }>("activities.list", {}, { now });
  const privacy = Object.fromEntries(listed.items.map(({ name, isPrivate }) => [name, isPrivate]));
  expect(privacy).toEqual({ Alone: true, Together: false });
  expect(await rowsOf(couple, "SELECT from_date, to_date FROM relationship_pauses")).toEqual([
    { from_date: "2031-03-03", to_date: "2031-03-03" },
  ]);
  expect(await rowsOf(couple, "SELECT target_date FROM shared_goals")).toEqual([{ target_date: "2031-03-21" }]);
  expect(await rowsOf(couple, "SELECT 1 FROM schedule WHERE kind = 'parting.end'")).toEqual([]);
  const pairs = await env.DB.prepare("SELECT 1 FROM parted_pairs WHERE user_id = ?").bind(couple.ada.userId).all();
  expect(pairs.results).toEqual([]);
  // A repeated vote answers the same, and both can part again.
  expect((await ask(couple.ada, "POST", path(couple), {})).data).toMatchObject({ status: "reunited" });
  expect(await couple.b.run("membership.leave", {}, { now })).toMatchObject({ status: "frozen" });
  await alarm(couple);
  expect(await directory(couple.relationshipId)).toMatchObject({ status: "frozen", statusVersion: 5, live: [] });
});

it("tells the other once that there is a wish, and takes it back without a word", async () => {
  const couple = await parted();
  for (let times = 0; times < 3; times++) {
    await ask(couple.grace, "POST", path(couple), {});
    expect(await ask(couple.grace, "DELETE", path(couple))).toMatchObject({ data: { status: "withdrawn" } });
  }
  const told = "SELECT title FROM notifications WHERE user_id = ? AND notification_type = 'partner_activity'";
  expect(await rowsOf(couple, told, couple.ada.userId)).toEqual([{ title: "A wish to come back" }]);
  const { data } = await ask<{ parted: { myVote: boolean }[] }>(couple.ada, "GET", "/relationships");
  expect(data.parted).toMatchObject([{ myVote: false }]);
  expect(await ask(couple.ada, "POST", path(couple), {})).toMatchObject({ data: { status: "waiting" } });
});

it("is unknown to everybody else, and to both once it is over", async () => {
  const couple = await parted();
  const stranger = await signedInPerson();
  for (const method of ["POST", "DELETE"]) {
    const body = method === "POST" ? {} : undefined;
    expect(await ask(stranger, method, path(couple), body)).toMatchObject({
      status: 404,
      error: { code: "not_found" },
    });
  }
  const stillPaired = await pair();
  expect(await ask(stillPaired.ada, "DELETE", path(stillPaired))).toMatchObject({ status: 404 });
  vi.setSystemTime(START + FREEZE_MS);
  await alarm(couple);
  const ada = await signInAgain(couple.ada);
  expect(await ask(ada, "POST", path(couple), {})).toMatchObject({ status: 404, error: { code: "not_found" } });
});

it("comes true once when both say so at the same moment", async () => {
  const couple = await parted();
  const answers = await Promise.all([vote(couple, couple.ada), vote(couple, couple.grace)]);
  expect(answers.some(({ status }) => status === "reunited")).toBe(true);
  expect(await directory(couple.relationshipId)).toMatchObject({
    status: "active",
    statusVersion: 4,
    live: [couple.ada.userId, couple.grace.userId],
  });
});

it("is refused to whoever is with somebody else, and forgotten by whoever finds somebody else", async () => {
  const couple = await parted();
  await vote(couple, couple.ada);
  const alan = await signedInPerson({ name: "Alan" });
  await joinByLink(env, couple.ada.userId, await invitationBy(alan));
  expect(await ask(couple.ada, "POST", path(couple), {})).toMatchObject({
    status: 409,
    error: { code: "already_paired" },
  });
  // Grace learns nothing of Alan.
  expect(await ask(couple.grace, "POST", path(couple), {})).toMatchObject({ data: { status: "waiting" } });
  expect(await directory(couple.relationshipId)).toMatchObject({ status: "frozen" });
});

it("lets exactly one win against an acceptance elsewhere, whichever is faster", async () => {
  for (const faster of ["acceptance", "reunion"] as const) {
    const couple = await parted();
    const alan = await signedInPerson({ name: "Alan" });
    const token = await invitationBy(alan);
    await vote(couple, couple.ada);
    const accept = (environment: Env = env) => joinByLink(environment, couple.grace.userId, token);
    const outcome =
      faster === "acceptance"
        ? await vote(couple, couple.grace, withRival(1, accept)).catch((error: unknown) => error)
        : await accept(withRival(1, () => vote(couple, couple.grace))).catch((error: unknown) => error);
    expect(outcome).toMatchObject({ code: "already_paired" });
    const { status, live } = await directory(couple.relationshipId);
    expect([status, live.length]).toEqual(faster === "reunion" ? ["active", 2] : ["frozen", 0]);
    expect((await liveIdOf(couple.grace.userId)) === couple.relationshipId).toBe(faster === "reunion");
  }
});

it("lets exactly one win against the end of the thirty days", async () => {
  const couple = await parted();
  await vote(couple, couple.ada);
  vi.setSystemTime(START + FREEZE_MS);
  const late = await vote(
    couple,
    couple.grace,
    withRival(1, () => alarm(couple)),
  ).catch((error: unknown) => error);
  expect(late).toMatchObject({ code: "not_found" });
  expect(await directory(couple.relationshipId)).toMatchObject({ status: "ended", live: [] });

  vi.setSystemTime(START);
  const other = await parted();
  await vote(other, other.ada);
  // The object has not heard yet when its thirty days are over.
  const away = withBatchFault(1, "after");
  await vote(other, other.grace, away).catch(() => null);
  vi.setSystemTime(START + FREEZE_MS);
  await alarm(other);
  expect(await directory(other.relationshipId)).toMatchObject({ status: "active", statusVersion: 4 });
  await evictDurableObject(env.RELATIONSHIP.getByName(other.relationshipId));
  expect(await vote(other, other.grace)).toMatchObject({ status: "reunited" });
  expect(await other.a.run("membership.get", {}, { now: Date.now() })).toMatchObject({
    relationship: { status: "active" },
  });
});
