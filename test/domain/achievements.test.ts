import { expect, it } from "vitest";
import { ACHIEVEMENTS } from "../../src/domain/achievements/catalogue.ts";
import type { AchievementView } from "../../src/domain/achievements/schema.ts";
import { createCouple, type TestCouple } from "../support/couple.ts";
import { eventsOf, rowsOf } from "../support/object.ts";
import { bothCheckIn, dayAt, FIRST_DAY, noonAt, ROADS, run, start } from "./achievements-steps.ts";

async function earnedOf(couple: TestCouple): Promise<string[]> {
  const { items } = await couple.b.run<{ items: AchievementView[] }>("achievements.list");
  return items.filter((item) => item.isEarned).map((item) => item.id);
}

const awardsOf = (couple: TestCouple) =>
  rowsOf<{ achievement_id: string }>(couple, "SELECT achievement_id FROM user_achievements").then((rows) =>
    rows.map((row) => row.achievement_id),
  );

it("has a road to each of the 13 achievements", () => {
  expect(Object.keys(ROADS).toSorted()).toEqual(ACHIEVEMENTS.map(({ id }) => id).toSorted());
  expect(ACHIEVEMENTS).toHaveLength(13);
});

it.each(ACHIEVEMENTS.map((achievement) => [achievement.id, achievement] as const))(
  "%s is earned by real commands at exactly its threshold and not one step before",
  async (id, { points }) => {
    const couple = await createCouple();
    const road = ROADS[id] ?? [];
    for (const step of road.slice(0, -1)) {
      await step(couple);
      expect(await awardsOf(couple)).not.toContain(id);
    }
    await road.at(-1)?.(couple);
    expect(await earnedOf(couple)).toContain(id);
    const earned = (await eventsOf(couple, "achievement.earned")).filter((event) => event.subject_id === id);
    expect(earned.map((event) => [event.stream, JSON.parse(event.data)])).toEqual([
      ["couple", { achievementId: id, points }],
    ]);
    expect(await rowsOf(couple, "SELECT points, reason, member_id FROM points WHERE subject_id = ?", id)).toEqual([
      { points, reason: "achievement", member_id: null },
    ]);
    const told = await rowsOf<{ user_id: string }>(
      couple,
      "SELECT user_id FROM notifications WHERE subject_id = ?",
      id,
    );
    expect(told.map((row) => row.user_id).toSorted()).toEqual([couple.a.userId, couple.b.userId].toSorted());
  },
);

it("awards never twice, whatever comes after", async () => {
  const couple = await createCouple();
  for (let i = 0; i < 12; i++) {
    await run(couple.a, 0, "goals.create", { name: "x", type: "custom" });
    await run(couple.a, 0, "activities.log", { name: "x", type: "date_night" });
  }
  expect((await awardsOf(couple)).toSorted()).toEqual(["date_planner", "goal_setter"]);
  expect(await eventsOf(couple, "achievement.earned")).toHaveLength(2);
});

it("awards when a write jumps past the threshold", async () => {
  const couple = await createCouple();
  await run(couple.a, 0, "activities.log", { name: "x", type: "date_night" });
  // Rows that arrive by another way than a command, such as a restored backup, move the count without an evaluation.
  await rowsOf(
    couple,
    `INSERT INTO activities (id, activity_name, activity_type, completed_date, status, created_by_user_id, visibility,
       created_at, updated_at)
     SELECT 'copy-' || value, activity_name, activity_type, completed_date, status, created_by_user_id, visibility,
       created_at, updated_at
     FROM activities, json_each('[1,2,3,4,5,6,7]')`,
  );
  expect(await awardsOf(couple)).toEqual([]);
  await run(couple.a, 0, "activities.log", { name: "x", type: "date_night" });
  expect(await awardsOf(couple)).toEqual(["date_planner"]);
});

it("counts what is filled in later", async () => {
  const couple = await createCouple();
  const later = { now: noonAt(10) };
  await start(couple.a, "acts_of_service", 4);
  const { items } = await couple.a.run<{ items: { id: string }[] }>("challenges.list");
  const participationId = items[0]?.id;
  for (let k = 4; k <= 10; k++) {
    for (const member of [couple.a, couple.b]) {
      await member.run(
        "challenges.log_entry",
        { participationId, date: dayAt(k), completed: true, offline: true },
        later,
      );
    }
  }
  for (let k = 4; k < 9; k++) await bothCheckIn(couple, k);
  expect(await awardsOf(couple)).not.toContain("perfect_week");
  for (const k of [10, 9]) {
    for (const member of [couple.a, couple.b]) await member.run("checkins.submit", { date: dayAt(k), mood: 5 }, later);
  }
  expect(await awardsOf(couple)).toEqual(expect.arrayContaining(["perfect_week", "week_streak", "challenge_finisher"]));
});

it("celebrates an anniversary whose date is added after the evening", async () => {
  const couple = await createCouple();
  await run(couple.a, 0, "activities.log", { name: "x", type: "custom", completedDate: "2025-02-28" });
  await run(couple.a, 0, "dates.add", { name: "Other", type: "anniversary", date: "2025-03-01" });
  expect(await awardsOf(couple)).not.toContain("anniversary_keeper");
  await run(couple.b, 0, "dates.add", { name: "Met", type: "anniversary", date: "2024-02-29" });
  expect(await awardsOf(couple)).toContain("anniversary_keeper");
});

it("keeps an award when what earned it is undone", async () => {
  const couple = await createCouple();
  const { id } = await run(couple.a, 0, "goals.create", { name: "x", type: "custom" });
  await run(couple.a, 0, "goals.add_progress", { id, delta: 1 });
  await run(couple.b, 0, "goals.update_status", { id, status: "active" });
  expect(await earnedOf(couple)).toEqual(["goal_setter", "goal_achiever"]);
  expect(await couple.a.run("achievements.points")).toMatchObject({ balance: 65 });
});

it("shows progress towards what is open, cut at the threshold", async () => {
  const couple = await createCouple();
  for (let k = 0; k < 3; k++) await run(couple.a, k, "checkins.submit", { date: dayAt(k), gratitudeNote: "Tea" });
  for (let i = 0; i < 2; i++) await run(couple.a, 0, "activities.log", { name: "x", type: "date_night" });
  const { items } = await couple.b.run<{ items: AchievementView[] }>("achievements.list", {}, { now: noonAt(2) });
  const progress = Object.fromEntries(items.map((item) => [item.id, item.progress]));
  expect(progress).toMatchObject({ first_checkin: 1, gratitude_master: 3, date_planner: 2, adventure_seeker: 1 });
  expect(progress).toMatchObject({ perfect_week: 0, week_streak: 0, communicator: 0 });
  expect(items.find((item) => item.id === "first_checkin")).toMatchObject({ earnedDate: FIRST_DAY, isEarned: true });
});

it("has a balance that is the sum of its ledger, page by page", async () => {
  const couple = await createCouple();
  for (const step of [...(ROADS["goal_achiever"] ?? []), ...(ROADS["adventure_seeker"] ?? [])]) await step(couple);
  interface Ledger {
    items: { points: number; subjectId: string }[];
    nextCursor: string | null;
    balance: number;
  }
  const first = await couple.a.run<Ledger>("achievements.points", { limit: 2 });
  const rest = await couple.b.run<Ledger>("achievements.points", { limit: 2, cursor: first.nextCursor });
  const ledger = [...first.items, ...rest.items];
  expect(ledger.map((item) => item.subjectId).toSorted()).toEqual(["adventure_seeker", "goal_achiever", "goal_setter"]);
  expect(ledger.reduce((sum, item) => sum + item.points, 0)).toBe(145);
  expect([first.balance, rest.balance, rest.nextCursor]).toEqual([145, 145, null]);
});

it("rolls the award back with the command that would have earned it", async () => {
  const couple = await createCouple();
  // The receipt is written last, so a command whose receipt cannot be kept fails after its award.
  await rowsOf(couple, "CREATE TRIGGER t BEFORE INSERT ON command_receipts BEGIN SELECT RAISE(ABORT, 'full'); END");
  const error = await couple.a.refused("goals.create", { name: "x", type: "custom" });
  expect(error.code).toBe("internal");
  await rowsOf(couple, "DROP TRIGGER t");
  expect(await earnedOf(couple)).toEqual([]);
  await run(couple.a, 0, "goals.create", { name: "x", type: "custom" });
  expect(await earnedOf(couple)).toEqual(["goal_setter"]);
});
