import { expect, it } from "vitest";
import type { Goal } from "../../src/domain/goals/schema.ts";
import type { Page } from "../../src/domain/paging.ts";
import { createCouple, createSolo, join, NOON, type TestMember } from "../support/couple.ts";
import { eventsOf } from "../support/object.ts";

const create = (member: TestMember, more: object = {}, now = NOON) =>
  member.run<Goal>("goals.create", { name: "Read", type: "custom", ...more }, { now });
const add = (member: TestMember, id: string, delta: number) => member.run<Goal>("goals.add_progress", { id, delta });
const move = (member: TestMember, id: string, status: string) =>
  member.run<Goal>("goals.update_status", { id, status });

it("creates an active goal that starts today", async () => {
  const { a, b } = await createCouple();
  const goal = await create(a, { targetCount: 3, targetDate: "2026-07-01", description: "Books" });
  expect(goal).toMatchObject({ status: "active", progress: 0, percent: 0, startDate: "2026-06-15", version: 1 });
  expect(await b.run("goals.list")).toEqual({ items: [goal], nextCursor: null });
});

it("adds up 100 parallel steps of both members and completes once", async () => {
  const couple = await createCouple();
  const { id } = await create(couple.a, { targetCount: 40 });
  const members = [couple.a, couple.b];
  await Promise.all(Array.from({ length: 100 }, (_, i) => add(members[i % 2] ?? couple.a, id, 1)));
  const { items } = await couple.a.run<Page<Goal>>("goals.list");
  expect(items[0]).toMatchObject({ progress: 100, percent: 100, status: "completed", completionDate: "2026-06-15" });
  expect(await eventsOf(couple, "goal.completed")).toHaveLength(1);
  expect(await eventsOf(couple, "goal.progressed")).toHaveLength(100);
});

it("rounds down, so that 100 percent means reached", async () => {
  const { a } = await createCouple();
  const { id } = await create(a, { targetCount: 1000 });
  expect(await add(a, id, 999)).toMatchObject({ percent: 99, status: "active" });
  expect(await add(a, id, 1)).toMatchObject({ percent: 100, status: "completed" });
});

it("takes progress back, though not below zero", async () => {
  const { a } = await createCouple();
  const { id } = await create(a, { targetCount: 5 });
  await add(a, id, 3);
  expect(await add(a, id, -2)).toMatchObject({ progress: 1 });
  const error = await a.refused("goals.add_progress", { id, delta: -2 });
  expect(error).toMatchObject({ code: "invalid_input", details: { issues: [{ path: "delta" }] } });
  const nothing = await a.refused("goals.add_progress", { id, delta: 0 });
  expect(nothing).toMatchObject({ code: "invalid_input", details: { issues: [{ path: "delta" }] } });
});

it.each([
  ["active", ["paused", "completed", "cancelled"], true],
  ["paused", ["active", "completed", "cancelled"], false],
  ["completed", ["active"], true],
  ["cancelled", [], false],
])("allows from %s exactly %j", async (status, legal, takesProgress) => {
  const { a } = await createCouple();
  for (const to of ["active", "paused", "completed", "cancelled"]) {
    const { id } = await create(a, { targetCount: 5 });
    if (status !== "active") await move(a, id, status);
    const reply = await a.reply("goals.update_status", { id, status: to });
    expect([to, reply.ok]).toEqual([to, legal.includes(to)]);
    if (reply.ok) continue;
    expect(reply.error).toMatchObject({ code: "illegal_transition", details: { current: status } });
    expect((await a.reply("goals.add_progress", { id, delta: 1 })).ok).toBe(takesProgress);
  }
});

it("completes a reopened goal again when its target is reached again", async () => {
  const couple = await createCouple();
  const { id } = await create(couple.a, { targetCount: 2 });
  await add(couple.a, id, 2);
  expect(await move(couple.a, id, "active")).toMatchObject({ progress: 2, completionDate: null });
  expect(await add(couple.b, id, -1)).toMatchObject({ progress: 1, status: "active" });
  expect(await add(couple.b, id, 1)).toMatchObject({ progress: 2, status: "completed" });
  expect(await eventsOf(couple, "goal.completed")).toHaveLength(2);
});

it("falls below its target only once reopened, and completes again only by a step forward", async () => {
  const couple = await createCouple();
  const { id } = await create(couple.a, { targetCount: 3 });
  await add(couple.a, id, 5);
  expect(await add(couple.b, id, -1)).toMatchObject({ progress: 4, status: "completed" });
  const refused = await couple.b.refused("goals.add_progress", { id, delta: -2 });
  expect(refused).toMatchObject({ code: "illegal_transition", details: { current: "completed" } });
  await move(couple.a, id, "active");
  expect(await add(couple.b, id, -1)).toMatchObject({ progress: 3, status: "active", completionDate: null });
  expect(await add(couple.b, id, 1)).toMatchObject({ progress: 4, status: "completed" });
  expect(await eventsOf(couple, "goal.completed")).toHaveLength(2);
});

it("tells the partner when a goal is reached", async () => {
  const { a, b } = await createCouple();
  const { id } = await create(a);
  await add(a, id, 1);
  const { items } = await b.run<Page<{ type: string; subjectId: string }>>("inbox.list");
  expect(items.filter((item) => item.subjectId === id).map((item) => item.type)).toEqual(["goal_progress"]);
});

it("lists by status in stable pages", async () => {
  const { a } = await createCouple();
  for (let i = 0; i < 4; i++) await create(a, { name: `g${i}` }, NOON + i);
  const first = await a.run<Page<Goal>>("goals.list", { limit: 3, status: "active" });
  await create(a, { name: "later" }, NOON + 9);
  const rest = await a.run<Page<Goal>>("goals.list", { limit: 3, status: "active", cursor: first.nextCursor });
  expect([...first.items, ...rest.items].map((goal) => goal.name)).toEqual(["g3", "g2", "g1", "g0"]);
  expect((await a.run<Page<Goal>>("goals.list", { status: "paused" })).items).toEqual([]);
});

it("refuses an end before the start", async () => {
  const { a } = await createCouple();
  const error = await a.refused("goals.create", { name: "x", type: "weekly", targetDate: "2026-06-14" });
  expect(error.details?.issues).toMatchObject([{ path: "targetDate" }]);
});

it("keeps a goal that was set alone from the partner", async () => {
  const solo = await createSolo();
  const { id } = await create(solo.a);
  const couple = await join(solo, "UTC", NOON);
  expect(await couple.b.run("goals.list")).toEqual({ items: [], nextCursor: null });
  expect(await couple.b.refused("goals.add_progress", { id, delta: 1 })).toMatchObject({ code: "not_found" });
  await add(couple.a, id, 1);
  const seen = (await eventsOf(couple)).filter((event) => event.stream !== couple.a.userId);
  expect(seen.some((event) => event.subject_id === id)).toBe(false);
});

const edit = (member: TestMember, { id, version }: Goal, more: object) =>
  member.run<Goal>("goals.update", { id, version, ...more });

it("changes only what is sent, null clears, and it cannot end before it starts", async () => {
  const { a, b } = await createCouple();
  const goal = await create(a, { description: "Books", targetDate: "2026-07-01" });
  const edited = await edit(b, goal, { name: "Read aloud", targetDate: null, type: "monthly" });
  const expected = { ...goal, name: "Read aloud", targetDate: null, type: "monthly", version: 2 };
  expect(edited).toEqual({ ...expected, updatedAt: edited.updatedAt });
  const wrong = { id: goal.id, version: 2, targetDate: "2026-06-01" };
  const error = await a.refused("goals.update", wrong);
  expect(error).toMatchObject({ code: "invalid_input", details: { issues: [{ path: "targetDate" }] } });
  expect(await a.run("goals.get", { id: goal.id })).toEqual(edited);
});

it("completes once when the target is lowered to what is done, and leaves a reopened goal open", async () => {
  const couple = await createCouple();
  const { id } = await create(couple.a, { targetCount: 5 });
  let goal = await edit(couple.b, await add(couple.a, id, 3), { targetCount: 4 });
  expect(goal).toMatchObject({ status: "active", percent: 75 });
  goal = await edit(couple.b, goal, { targetCount: 2 });
  expect(goal).toMatchObject({ status: "completed", completionDate: "2026-06-15", percent: 100 });
  const tooLate = { id, version: goal.version, targetCount: 9 };
  expect(await couple.a.refused("goals.update", tooLate)).toMatchObject({ code: "illegal_transition" });
  goal = await edit(couple.a, goal, { description: "Done" });
  expect(await eventsOf(couple, "goal.completed")).toHaveLength(1);
  goal = await edit(couple.a, await move(couple.a, id, "active"), { targetCount: 2, name: "Again" });
  expect(goal).toMatchObject({ status: "active", progress: 3 });
  const cancelled = await move(couple.a, id, "cancelled");
  const dead = { id, version: cancelled.version, name: "Too late" };
  expect(await couple.a.refused("goals.update", dead)).toMatchObject({ code: "illegal_transition" });
});
