import { expect, it } from "vitest";
import { newId, type IdKind } from "../../src/protocol/ids.ts";
import { createCouple, createSolo, join, NOON, type TestCouple, type TestMember } from "../support/couple.ts";
import { eventsOf, rowsOf } from "../support/object.ts";

const TODAY = "2026-06-15";

type Step = [name: string, input: (id: string) => object];

interface Case {
  create: [string, object];
  /** What its author does with it while it is private. */
  steps: Step[];
  share: string;
  idField: "id" | "participationId";
  kind: IdKind;
  get: string;
  list: string;
  table: string;
  /** What the partner is told by sharing it. */
  event: string;
}

const CASES: Record<string, Case> = {
  activity: {
    create: ["activities.plan", { name: "Ring", type: "custom", plannedDate: "2026-06-20", private: true }],
    steps: [
      ["activities.update", (id) => ({ id, version: 1, notes: "Shop" })],
      ["activities.complete", (id) => ({ id, rating: 9 })],
    ],
    share: "activities.share",
    idField: "id",
    kind: "activity",
    get: "activities.get",
    list: "activities.list",
    table: "activities",
    event: "activity.completed",
  },
  goal: {
    create: ["goals.create", { name: "Save", type: "custom", targetCount: 2, private: true }],
    steps: [
      ["goals.update", (id) => ({ id, version: 1, description: "For a ring" })],
      ["goals.add_progress", (id) => ({ id, delta: 2 })],
    ],
    share: "goals.share",
    idField: "id",
    kind: "goal",
    get: "goals.get",
    list: "goals.list",
    table: "shared_goals",
    event: "goal.created",
  },
  conversation: {
    create: ["conversations.log", { type: "deep_talk", outcome: "needs_follow_up", private: true }],
    steps: [
      ["conversations.update", (id) => ({ id, version: 1, topic: "Mother" })],
      ["conversations.follow_up_done", (id) => ({ id })],
    ],
    share: "conversations.share",
    idField: "id",
    kind: "conversation",
    get: "conversations.get",
    list: "conversations.list",
    table: "communication_log",
    event: "conversation.logged",
  },
  challenge: {
    create: ["challenges.start", { challengeId: "daily_gratitude_7", private: true }],
    steps: [
      ["challenges.log_entry", (participationId) => ({ participationId, date: TODAY, completed: true, content: "x" })],
      ["challenges.pause", (participationId) => ({ participationId })],
      ["challenges.resume", (participationId) => ({ participationId })],
    ],
    share: "challenges.share",
    idField: "participationId",
    kind: "participation",
    get: "challenges.get",
    list: "challenges.list",
    table: "challenge_participation",
    event: "challenge.started",
  },
};

const VIEWS = [
  "insights.dashboard",
  "insights.snapshot",
  "insights.streaks",
  "achievements.list",
  "achievements.points",
  "inbox.list",
  "inbox.unread_count",
  "activities.list",
  "goals.list",
  "conversations.list",
  "challenges.list",
];

/** All that the partner can learn: every view, byte for byte, the log but for the author's own stream, and counters. */
async function traces(couple: TestCouple): Promise<string> {
  const views: string[] = [];
  for (const name of VIEWS) {
    const reply = await couple.b.reply(name);
    views.push(reply.ok ? reply.json : `${name} ${reply.error.code}`);
  }
  const log = (await eventsOf(couple)).filter((event) => event.stream !== couple.a.userId);
  const counted = await rowsOf(couple, "SELECT stream, seq FROM relationship_events WHERE counted = 1");
  const points = await rowsOf(couple, "SELECT * FROM points");
  const inbox = await rowsOf(couple, "SELECT * FROM notifications WHERE user_id = ?", couple.b.userId);
  return JSON.stringify([views, log, counted, points, inbox]);
}

const isShown = async (member: TestMember, one: Case) =>
  (await member.run<{ items: unknown[] }>(one.list)).items.length;

it.each(Object.entries(CASES))("leaves no trace of a private %s until its author shares it", async (_name, one) => {
  const couple = await createCouple();
  const { a, b } = couple;
  const before = await traces(couple);
  const { id } = await a.run<{ id: string }>(...one.create);
  for (const [name, input] of one.steps) await a.run(name, input(id));
  expect(await traces(couple)).toBe(before);
  expect(await isShown(a, one)).toBe(1);

  const mine = { [one.idField]: id };
  const unknown = { [one.idField]: newId(one.kind, NOON) };
  for (const name of [one.get, one.share, one.steps.at(-1)?.[0] ?? ""]) {
    const more = name === one.steps.at(-1)?.[0] ? one.steps.at(-1)?.[1](id) : {};
    expect(await b.refused(name, { ...more, ...mine })).toEqual(await b.refused(name, { ...more, ...unknown }));
  }

  const shared = await a.run(one.share, mine);
  expect(shared).toMatchObject({ isPrivate: false });
  expect(await isShown(b, one)).toBe(1);
  const told = (await eventsOf(couple)).filter((event) => event.stream === "couple" && event.name === one.event);
  expect(told.map((event) => event.subject_id)).toEqual([id]);
  expect(await a.refused(one.share, mine)).toMatchObject({ code: "illegal_transition" });
});

it.each(Object.entries(CASES))("shares no %s while there is nobody, and with whoever comes", async (_name, one) => {
  const solo = await createSolo();
  const { id } = await solo.a.run<{ id: string }>(...one.create);
  const mine = { [one.idField]: id };
  expect(await solo.a.refused(one.share, mine)).toMatchObject({ code: "conflict" });
  await join(solo, "UTC", NOON);
  expect(await solo.a.run(one.share, mine)).toMatchObject({ isPrivate: false });
});

const JOINT = Object.entries(CASES).filter(([name]) => name !== "conversation");

it.each(JOINT)("neither names an earlier partner who made a %s nor shares it", async (_name, one) => {
  const couple = await createCouple();
  const { id } = await couple.a.run<{ id: string }>(...one.create);
  await rowsOf(couple, `UPDATE ${one.table} SET former_author = 1`);
  expect(await couple.a.refused(one.share, { [one.idField]: id })).toMatchObject({ code: "forbidden" });
  const { items } = await couple.a.run<{ items: unknown[] }>(one.list);
  expect(items).toMatchObject([{ createdBy: "former_member", isPrivate: true }]);
});

it("counts what is shared for the couple's achievements, and not before", async () => {
  const couple = await createCouple();
  const earned = async () => await rowsOf<{ id: string }>(couple, "SELECT achievement_id AS id FROM user_achievements");
  const made: [string, string, "id" | "participationId"][] = [];
  for (const one of Object.values(CASES)) {
    const { id } = await couple.a.run<{ id: string }>(...one.create);
    if (one.share === "goals.share") await couple.a.run("goals.add_progress", { id, delta: 2 });
    made.push([one.share, id, one.idField]);
  }
  expect(await earned()).toEqual([]);
  for (const [share, id, idField] of made) await couple.a.run(share, { [idField]: id });
  expect((await earned()).map(({ id }) => id).toSorted()).toEqual([
    "challenge_starter",
    "goal_achiever",
    "goal_setter",
  ]);
});

it("lets both have the same challenge, and joins them only where there is room", async () => {
  const couple = await createCouple();
  const { a, b } = couple;
  const challengeId = "daily_gratitude_7";
  const mine = await a.run<{ id: string }>("challenges.start", { challengeId, private: true });
  const ours = await b.run<{ id: string }>("challenges.start", { challengeId });
  await b.run("challenges.start", { challengeId, private: true });
  expect(await a.refused("challenges.start", { challengeId, private: true })).toMatchObject({ code: "already_exists" });
  const share = { participationId: mine.id };
  expect(await a.refused("challenges.share", share)).toMatchObject({ code: "already_exists" });
  // Of one start only one may be done or under way; one that was given up stands in nobody's way.
  await rowsOf(couple, "UPDATE challenge_participation SET status = 'completed' WHERE id = ?", ours.id);
  expect(await a.refused("challenges.share", share)).toMatchObject({ code: "already_exists" });
  await rowsOf(couple, "UPDATE challenge_participation SET status = 'abandoned' WHERE id = ?", ours.id);
  await a.run("challenges.log_entry", { ...share, date: TODAY, completed: true, content: "Tea" });
  // From now on both take part, and the author's entries are there to be read.
  expect(await a.run("challenges.share", share)).toMatchObject({ isPrivate: false, progress: 7 });
  const seen = await b.run<{ entries: { items: unknown[] } }>("challenges.get", share);
  expect(seen.entries.items).toMatchObject([{ userId: a.userId, content: "Tea", version: 2 }]);
});

it("tries a private challenge again in private, and never names it to the partner", async () => {
  const solo = await createSolo();
  const alone = await solo.a.run<{ id: string }>("challenges.start", { challengeId: "daily_gratitude_7" });
  await solo.a.run("challenges.abandon", { participationId: alone.id });
  const couple = await join(solo, "UTC", NOON);
  const again = { participationId: alone.id };
  const { id } = await couple.a.run<{ id: string }>("challenges.restart", again);
  expect(await couple.b.refused("challenges.get", { participationId: id })).toMatchObject({ code: "not_found" });
  expect(await couple.a.run("challenges.restart", { ...again, private: false })).toMatchObject({ isPrivate: false });
  const told = (await eventsOf(couple)).filter((event) => event.stream !== couple.a.userId);
  expect(JSON.stringify(told)).not.toContain(alone.id);
});
