import { expect, it } from "vitest";
import { addDays } from "../../src/domain/calendar.ts";
import { createCouple, type TestCouple } from "../support/couple.ts";
import { rowsOf } from "../support/object.ts";
import { bothCheckIn, dayAt, entry, FIRST_DAY, run, start } from "./achievements-steps.ts";

const awardsOf = (couple: TestCouple) =>
  rowsOf<{ achievement_id: string }>(couple, "SELECT achievement_id FROM user_achievements").then((rows) =>
    rows.map((row) => row.achievement_id),
  );

async function bothEnter(couple: TestCouple, k: number, participationId: string): Promise<void> {
  await entry(couple.a, couple, k, participationId);
  await entry(couple.b, couple, k, participationId);
}

it("awards the nearer of two thresholds when a streak jumps past it", async () => {
  const couple = await createCouple();
  for (const member of [couple.a, couple.b]) await run(member, 0, "checkins.submit", { date: FIRST_DAY, mood: 5 });
  // Eight earlier days arrive by another way than a command, such as a restored backup.
  const dates = Array.from({ length: 8 }, (_, k) => addDays(FIRST_DAY, -1 - k));
  await rowsOf(
    couple,
    `INSERT INTO daily_checkins (id, user_id, checkin_date, visibility, notes_visibility, created_at, updated_at)
     SELECT 'copy-' || user_id || value, user_id, value, 'shared', 'shared', 0, 0 FROM members, json_each(?)`,
    JSON.stringify(dates),
  );
  await bothCheckIn(couple, 1);
  const awards = await awardsOf(couple);
  expect(awards).toContain("week_streak");
  expect(awards).not.toContain("month_streak");
});

it.each([
  ["a year before the first occurrence", "2024-06-15", "2023-06-15", false],
  ["on 28 February of a year that has a 29th", "2020-02-29", "2024-02-28", false],
  ["on the 29th of such a year", "2020-02-29", "2024-02-29", true],
  ["on 28 February of another year", "2020-02-29", "2025-02-28", true],
  ["on the first occurrence", "2024-06-15", "2024-06-15", true],
])("celebrates with something done %s, or does not", async (_, date, completedDate, isCelebrated) => {
  const couple = await createCouple();
  await run(couple.a, 0, "dates.add", { name: "Met", type: "anniversary", date });
  await run(couple.a, 0, "activities.log", { name: "x", type: "custom", completedDate });
  expect((await awardsOf(couple)).includes("anniversary_keeper")).toBe(isCelebrated);
});

it("celebrates a date that happens once, or every month", async () => {
  for (const repeats of ["none", "monthly"]) {
    const couple = await createCouple();
    await run(couple.a, 0, "dates.add", { name: "Move", type: "custom", date: "2026-04-30", repeats });
    await run(couple.a, 0, "activities.log", { name: "x", type: "custom", completedDate: "2026-05-30" });
    expect((await awardsOf(couple)).includes("anniversary_keeper")).toBe(repeats === "monthly");
    await run(couple.a, 0, "activities.log", { name: "x", type: "custom", completedDate: "2026-04-30" });
    expect(await awardsOf(couple)).toContain("anniversary_keeper");
  }
});

it.each(["completed", "abandoned", "paused"])("asks nothing more of a challenge that is %s", async (status) => {
  const couple = await createCouple();
  const participationId = await start(couple.a, "daily_gratitude_7");
  for (let k = 0; k < 7; k++) {
    if (status === "completed") await bothEnter(couple, k, participationId);
  }
  if (status === "abandoned") await run(couple.b, 7, "challenges.abandon", { participationId });
  if (status === "paused") await run(couple.b, 7, "challenges.pause", { participationId });
  const { participation } = await run(couple.a, 7, "challenges.get", { participationId });
  expect(participation).toMatchObject({ status });
  const next = await start(couple.b, "communication_boost", 7);
  for (let k = 7; k < 14; k++) {
    expect(await awardsOf(couple)).not.toContain("perfect_week");
    await bothCheckIn(couple, k);
    await bothEnter(couple, k, next);
  }
  expect(await awardsOf(couple)).toContain("perfect_week");
});

it("asks for every daily challenge that is under way", async () => {
  const couple = await createCouple();
  await start(couple.a, "daily_gratitude_7");
  const entered = await start(couple.b, "communication_boost");
  for (let k = 0; k < 8; k++) {
    await bothCheckIn(couple, k);
    await bothEnter(couple, k, entered);
  }
  expect(await awardsOf(couple)).not.toContain("perfect_week");
});

it("remembers a pause that is over", async () => {
  const couple = await createCouple();
  const other = await start(couple.a, "quality_time_30");
  await run(couple.a, 0, "challenges.pause", { participationId: other });
  const entered = await start(couple.a, "communication_boost");
  for (let k = 0; k < 6; k++) {
    await bothCheckIn(couple, k);
    await bothEnter(couple, k, entered);
  }
  await run(couple.a, 6, "challenges.resume", { participationId: other });
  await bothCheckIn(couple, 6);
  await bothEnter(couple, 6, entered);
  expect(await awardsOf(couple)).not.toContain("perfect_week");
  for (const member of [couple.a, couple.b]) {
    await run(member, 6, "challenges.log_entry", { participationId: other, date: dayAt(6), completed: true });
  }
  expect(await awardsOf(couple)).toContain("perfect_week");
});
