import { expect, it } from "vitest";
import type { Activity } from "../../src/domain/activities/schema.ts";
import type { Page } from "../../src/domain/paging.ts";
import { newId } from "../../src/protocol/ids.ts";
import { createCouple, createSolo, join, NOON, type TestMember } from "../support/couple.ts";
import { eventsOf, rowsOf } from "../support/object.ts";

const TODAY = "2026-06-15";
const walk = { name: "Walk", type: "adventure" };
const plan = (member: TestMember, more: object = {}, now = NOON) =>
  member.run<Activity>("activities.plan", { ...walk, ...more }, { now });
const list = (member: TestMember, input: object = {}) => member.run<Page<Activity>>("activities.list", input);

it("plans with everything that was said", async () => {
  const { a, b } = await createCouple();
  const about = {
    description: "Up the hill",
    location: "Sintra",
    durationMinutes: 90,
    costCents: 1250,
    currency: "EUR",
  };
  const activity = await plan(a, { plannedDate: "2026-07-01", ...about });
  expect(activity).toMatchObject({ ...walk, ...about, status: "planned", plannedDate: "2026-07-01", version: 1 });
  expect(activity).toMatchObject({ createdBy: a.userId, isPrivate: false, ratings: [], completedDate: null });
  expect(await b.run("activities.get", { id: activity.id })).toEqual(activity);
});

it("completes on the member's own today unless another date is given", async () => {
  const { a, b } = await createCouple({ zones: ["Pacific/Kiritimati", "Pacific/Niue"] });
  const [first, second] = [await plan(a), await plan(a)];
  expect(await a.run("activities.complete", { id: first.id })).toMatchObject({ completedDate: "2026-06-16" });
  expect(await b.run("activities.complete", { id: second.id })).toMatchObject({ completedDate: TODAY });
});

it.each([
  ["activities.complete", "completedDate"],
  ["activities.log", "completedDate"],
])("refuses %s with a date in the member's future", async (name, field) => {
  const { a } = await createCouple();
  const { id } = await plan(a);
  const input = name === "activities.log" ? walk : { id };
  const error = await a.refused(name, { ...input, completedDate: "2026-06-16" });
  expect(error).toMatchObject({ code: "invalid_input", details: { issues: [{ path: field }] } });
  expect(await list(a)).toMatchObject({ items: [{ id, status: "planned" }] });
});

it("keeps both ratings, each member's own", async () => {
  const { a, b } = await createCouple();
  const { id } = await plan(a);
  await a.run("activities.complete", { id, rating: 8 });
  await b.run("activities.rate", { id, rating: 5 });
  const rated = await a.run<Activity>("activities.rate", { id, rating: 9 });
  expect(rated.ratings).toEqual([
    { userId: a.userId, rating: 9 },
    { userId: b.userId, rating: 5 },
  ]);
});

it("keeps what was planned when completing says nothing about it", async () => {
  const { a } = await createCouple();
  const { id } = await plan(a, { costCents: 2000, durationMinutes: 60 });
  const done = await a.run("activities.complete", { id, durationMinutes: 75, notes: "Rain" });
  expect(done).toMatchObject({ durationMinutes: 75, costCents: 2000, currency: "USD", notes: "Rain", version: 2 });
});

it("logs what is already done", async () => {
  const { a } = await createCouple();
  const input = { ...walk, completedDate: "2026-01-02", rating: 10, notes: "n", costCents: 5 };
  expect(await a.run("activities.log", input)).toMatchObject({
    status: "completed",
    completedDate: "2026-01-02",
    ratings: [{ rating: 10 }],
    currency: "USD",
  });
});

const edit = async (member: TestMember, id: string, more: object) => {
  const { version } = await member.run<Activity>("activities.get", { id });
  return member.reply("activities.update", { id, version, ...more });
};

const moves = {
  complete: (member: TestMember, id: string) => member.reply("activities.complete", { id }),
  cancel: (member: TestMember, id: string) => member.reply("activities.cancel", { id }),
  rate: (member: TestMember, id: string) => member.reply("activities.rate", { id, rating: 5 }),
  update: (member: TestMember, id: string) => edit(member, id, { name: "New" }),
  replan: (member: TestMember, id: string) => edit(member, id, { plannedDate: TODAY }),
};

it.each([
  ["planned", { complete: true, cancel: true, rate: false, update: true, replan: true }],
  ["completed", { complete: false, cancel: false, rate: true, update: true, replan: false }],
  ["cancelled", { complete: false, cancel: false, rate: false, update: false, replan: false }],
] as const)("allows from %s exactly the legal moves", async (status, allowed) => {
  const { a } = await createCouple();
  for (const [move, isLegal] of Object.entries(allowed)) {
    const { id } = await plan(a);
    if (status === "completed") await a.run("activities.complete", { id });
    if (status === "cancelled") await a.run("activities.cancel", { id });
    const before = await a.run("activities.get", { id });
    const reply = await moves[move as keyof typeof moves](a, id);
    expect([move, reply.ok]).toEqual([move, isLegal]);
    if (reply.ok) continue;
    expect(reply.error).toMatchObject({ code: "illegal_transition", details: { current: status } });
    expect(await a.run("activities.get", { id })).toEqual(before);
  }
});

it("changes only the fields that are sent, and null clears", async () => {
  const { a } = await createCouple();
  const before = await plan(a, { location: "Here", costCents: 100, currency: "EUR", plannedDate: "2026-06-20" });
  const { id } = before;
  const moved = await a.run<Activity>(
    "activities.update",
    { id, version: 1, location: null, name: "Run" },
    { now: NOON + 1 },
  );
  expect(moved).toEqual({ ...before, location: null, name: "Run", version: 2, updatedAt: NOON + 1 });
  const free = await a.run<Activity>("activities.update", { id, version: 2, costCents: null });
  expect(free).toMatchObject({ costCents: null, currency: null, plannedDate: "2026-06-20" });
});

it("lists exactly the asked status and type", async () => {
  const { a, b } = await createCouple();
  for (const type of ["date_night", "learning", "date_night"]) {
    await plan(a, { type });
    await b.run("activities.complete", { id: (await plan(a, { type })).id });
    await a.run("activities.cancel", { id: (await plan(b, { type })).id });
  }
  for (const status of ["planned", "completed", "cancelled"]) {
    const { items } = await list(a, { status });
    expect(items.map((item) => item.status)).toEqual([status, status, status]);
    const nights = await list(b, { status, type: "date_night" });
    expect(nights.items.map((item) => `${item.status} ${item.type}`)).toEqual(Array(2).fill(`${status} date_night`));
  }
  expect((await list(a)).items).toHaveLength(9);
});

it("pages stably while activities are added and changed", async () => {
  const { a } = await createCouple();
  for (let i = 0; i < 7; i++) await plan(a, { name: `n${i}` }, NOON + i);
  const names: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<Activity> = await list(a, { limit: 3, ...(cursor === null ? {} : { cursor }) });
    names.push(...page.items.map((item) => item.name));
    cursor = page.nextCursor;
    await plan(a, { name: "later" }, NOON + 500);
  } while (cursor !== null);
  expect(names).toEqual(["n6", "n5", "n4", "n3", "n2", "n1", "n0"]);
});

it("tells the partner of plans and of what is done", async () => {
  const { a, b } = await createCouple();
  const { id } = await plan(a);
  await b.run("activities.complete", { id });
  const told = async (member: TestMember) => {
    const { items } = await member.run<Page<{ type: string; subjectId: string }>>("inbox.list");
    return items.map((item) => [item.type, item.subjectId]);
  };
  expect(await told(b)).toEqual([["partner_activity", id]]);
  expect(await told(a)).toEqual([["partner_activity", id]]);
});

it("logs ids and facts, never what was written", async () => {
  const couple = await createCouple();
  const { id } = await plan(couple.a, { name: "Secret", location: "Secret", description: "Secret" });
  await couple.a.run("activities.update", { id, version: 1, name: "Secret 2" });
  await couple.b.run("activities.complete", { id, notes: "Secret" });
  const events = (await eventsOf(couple)).filter((event) => event.name.startsWith("activity."));
  expect(events.map((event) => event.name)).toEqual(["activity.planned", "activity.updated", "activity.completed"]);
  expect(JSON.stringify(events)).not.toContain("Secret");
});

it("keeps what was written alone from the partner for ever, and leaves no trace of it", async () => {
  const solo = await createSolo();
  const { id } = await plan(solo.a);
  const couple = await join(solo, "UTC", NOON);
  const shared = await plan(couple.b);
  expect((await list(couple.b)).items.map((item) => item.id)).toEqual([shared.id]);
  // Both were written in one millisecond, so that their order is open.
  expect(new Set((await list(couple.a)).items.map((item) => item.isPrivate))).toEqual(new Set([false, true]));
  for (const name of ["activities.get", "activities.complete", "activities.cancel"]) {
    expect(await couple.b.refused(name, { id })).toMatchObject({ code: "not_found" });
  }
  expect(await couple.b.refused("activities.rate", { id, rating: 3 })).toMatchObject({ code: "not_found" });
  await couple.a.run("activities.complete", { id }, { now: NOON + 1 });
  const visible = (await eventsOf(couple)).filter((event) => event.stream !== couple.a.userId);
  expect(visible.some((event) => event.subject_id === id)).toBe(false);
  expect(await rowsOf(couple, "SELECT * FROM notifications WHERE subject_id = ?", id)).toEqual([]);
});

it.each([
  [{ name: " ", type: "custom" }, "name"],
  [{ name: "x".repeat(201), type: "custom" }, "name"],
  [{ name: "a\u0000b", type: "custom" }, "name"],
  [{ name: "\ud800", type: "custom" }, "name"],
  [{ name: "x", type: "party" }, "type"],
  [{ name: "x", type: "custom", plannedDate: "2026-02-30" }, "plannedDate"],
  [{ name: "x", type: "custom", costCents: -1 }, "costCents"],
  [{ name: "x", type: "custom", costCents: 1e300 }, "costCents"],
  [{ name: "x", type: "custom", currency: "usd" }, "currency"],
  [{ name: "x", type: "custom", durationMinutes: 0.5 }, "durationMinutes"],
  [{ name: "x", type: "custom", status: "completed" }, "status"],
])("names the field that is wrong: %#", async (input, path) => {
  const { a } = await createCouple();
  const error = await a.refused("activities.plan", input);
  expect([error.code, error.details?.issues?.[0]?.path]).toEqual(["invalid_input", path]);
  expect((await list(a)).items).toEqual([]);
});

it("answers for an unknown id as for another couple's", async () => {
  const [couple, other] = [await createCouple(), await createCouple()];
  const { id } = await plan(other.a);
  const foreign = await couple.a.refused("activities.get", { id });
  expect(foreign).toEqual(await couple.a.refused("activities.get", { id: newId("activity", NOON) }));
  expect(foreign.code).toBe("not_found");
});
