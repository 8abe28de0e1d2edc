import { expect, it } from "vitest";
import { uuidv7 } from "../../src/protocol/ids.ts";
import { createCouple, NOON } from "../support/couple.ts";

const plan = { name: "Walk", type: "custom" };

it("runs a command that is older than the last one, once, in whatever order devices send", async () => {
  const { a } = await createCouple();
  const [older, newer] = [uuidv7(NOON - 60_000), uuidv7(NOON)];
  const first = await a.run("activities.plan", plan, { commandId: newer });
  const late = await a.run("activities.plan", { ...plan, name: "Offline" }, { commandId: older });
  expect(await a.run("activities.plan", { ...plan, name: "Offline" }, { commandId: older })).toEqual(late);
  expect(await a.run("activities.plan", plan, { commandId: newer })).toEqual(first);
  expect((await a.run<{ items: unknown[] }>("activities.list")).items).toHaveLength(2);
});

it("keeps the ids of the two members apart", async () => {
  const { a, b } = await createCouple();
  const commandId = uuidv7(NOON);
  await a.run("activities.plan", plan, { commandId });
  await b.run("activities.plan", { ...plan, name: "Mine" }, { commandId });
  expect((await a.run<{ items: unknown[] }>("activities.list")).items).toHaveLength(2);
});

it("applies a command once when it arrives many times at once", async () => {
  const { a } = await createCouple();
  const commandId = uuidv7(NOON);
  const answers = await Promise.all(Array.from({ length: 30 }, () => a.run("activities.plan", plan, { commandId })));
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect((await a.run<{ items: unknown[] }>("activities.list")).items).toHaveLength(1);
});

it("adds up a hundred steps of both partners that arrive together", async () => {
  const { a, b } = await createCouple();
  const goal = await a.run("goals.create", { name: "Pages", type: "custom", targetCount: 1_000 });
  const steps = Array.from({ length: 100 }, (_, i) =>
    (i % 2 ? a : b).run("goals.add_progress", { id: goal["id"], delta: 1 }),
  );
  await Promise.all(steps);
  const { items } = await a.run<{ items: { progress: number }[] }>("goals.list");
  expect(items[0]?.progress).toBe(100);
});
