import { expect, it } from "vitest";
import type { AchievementView } from "../../src/domain/achievements/schema.ts";
import { createSolo, join, type TestCouple, type TestMember } from "../support/couple.ts";
import { eventsOf, rowsOf } from "../support/object.ts";
import { noonAt, run } from "./achievements-steps.ts";

async function earnedBy(member: TestMember): Promise<string[]> {
  const { items } = await member.run<{ items: AchievementView[] }>("achievements.list");
  return items.filter((item) => item.isEarned).map((item) => item.id);
}

const goal = (member: TestMember, k: number) => run(member, k, "goals.create", { name: "x", type: "custom" });

async function soloWithAward(): Promise<TestCouple> {
  const solo = await createSolo();
  await goal(solo.a, 0);
  for (const type of ["adventure", "learning", "social"]) await run(solo.a, 0, "activities.log", { name: "x", type });
  return solo;
}

it("lets a person earn alone, in their own stream", async () => {
  const solo = await soloWithAward();
  expect(await earnedBy(solo.a)).toEqual(["goal_setter", "adventure_seeker"]);
  expect(await solo.a.run("achievements.points")).toMatchObject({ balance: 95 });
  const earned = await eventsOf(solo, "achievement.earned");
  expect(earned.map((event) => event.stream)).toEqual([solo.a.userId, solo.a.userId]);
});

it("drops awards and points that a person earned alone when a partner joins, and tells only that person", async () => {
  const couple = await join(await soloWithAward(), "UTC", noonAt(1));
  for (const member of [couple.a, couple.b]) {
    expect(await earnedBy(member)).toEqual([]);
    expect(await member.run("achievements.points")).toEqual({ items: [], nextCursor: null, balance: 0 });
  }
  const dropped = await eventsOf(couple, "achievement.dropped");
  expect(dropped.map((event) => event.stream)).toEqual([couple.a.userId, couple.a.userId]);
  expect((await eventsOf(couple, "achievement.earned")).every((event) => event.stream === couple.a.userId)).toBe(true);
});

it("lets the couple earn the same achievement together, from what both may see", async () => {
  const couple = await join(await soloWithAward(), "UTC", noonAt(1));
  await run(couple.b, 2, "activities.log", { name: "x", type: "adventure" });
  expect(await earnedBy(couple.a)).toEqual([]);
  await goal(couple.b, 2);
  expect(await earnedBy(couple.a)).toEqual(["goal_setter"]);
  expect(await couple.b.run("achievements.points")).toMatchObject({ balance: 15, items: [{ memberId: null }] });
});

it("counts nothing private for the couple, even when it is moved after the partner joined", async () => {
  const solo = await createSolo();
  const { id } = await goal(solo.a, 0);
  const nights = [];
  for (let i = 0; i < 5; i++) nights.push(await run(solo.a, 0, "activities.plan", { name: "x", type: "date_night" }));
  const couple = await join(solo, "UTC", noonAt(1));
  await run(couple.a, 2, "goals.add_progress", { id, delta: 1 });
  for (const night of nights) await run(couple.a, 2, "activities.complete", { id: night["id"] });
  await run(couple.a, 2, "dates.add", { name: "Met", type: "anniversary", date: "2020-06-17" });
  expect(await earnedBy(couple.a)).toEqual([]);
  const { items } = await couple.a.run<{ items: AchievementView[] }>("achievements.list", {}, { now: noonAt(2) });
  expect(items.filter((item) => item.progress > 0)).toEqual([]);
});

it("awards at the join what the visible rows already hold", async () => {
  const solo = await createSolo();
  await goal(solo.a, 0);
  // As after a restore: a row that both may see, from before the join.
  await rowsOf(solo, "UPDATE shared_goals SET visibility = 'joint'");
  const couple = await join(solo, "UTC", noonAt(1));
  expect(await earnedBy(couple.b)).toEqual(["goal_setter"]);
  expect(await couple.b.run("achievements.points")).toMatchObject({ balance: 15, items: [{ memberId: null }] });
});
