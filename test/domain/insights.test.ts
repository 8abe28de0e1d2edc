import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { addDays } from "../../src/domain/calendar.ts";
import { Couple } from "../../src/domain/couple.ts";
import { dailySnapshot, type DailySnapshot } from "../../src/domain/insights/daily.ts";
import type { Dashboard, Trends } from "../../src/domain/insights/schema.ts";
import { Scope } from "../../src/domain/scope.ts";
import { sqlOf } from "../../src/relationship/sql-storage.ts";
import { DAY_MS } from "../../src/protocol/limits.ts";
import { createCouple, createSolo, join, NOON, type TestCouple, type TestMember } from "../support/couple.ts";

const TODAY = "2026-06-15";

interface StreakView {
  current: number;
  atRisk: boolean;
  lastDate: string | null;
  gracesLeft: number;
  longest?: number;
}
interface StreaksView {
  mine: StreakView;
  partner: StreakView | null;
  ours: StreakView;
}

/** Each of `members` checks in on its own day, `days` days long up to noon of 15 June. */
async function checkInDaily(members: TestMember[], days: number, mood = 5): Promise<void> {
  for (let back = days - 1; back >= 0; back--) {
    for (const member of members) {
      const input = { date: addDays(TODAY, -back), connection: mood, mood, satisfaction: mood };
      await member.run("checkins.submit", input, { now: NOON - back * DAY_MS });
    }
  }
}

async function snapshotOf({ relationshipId }: TestCouple, date: string): Promise<DailySnapshot> {
  return runInDurableObject(env.RELATIONSHIP.getByName(relationshipId), (_object, state) =>
    dailySnapshot(new Scope(new Couple(sqlOf(state.storage)), NOON), date),
  );
}

describe("streaks", () => {
  it("are three numbers: mine, my partner's and ours", async () => {
    const { a, b } = await createCouple();
    await checkInDaily([a], 5);
    await checkInDaily([b], 2);
    const mine = await a.run<StreaksView>("insights.streaks", { longest: true });
    expect(mine.mine).toEqual({ current: 5, atRisk: false, lastDate: TODAY, gracesLeft: 2, bridged: [], longest: 5 });
    expect([mine.partner?.current, mine.ours.current]).toEqual([2, 2]);
    const theirs = await b.run<StreaksView>("insights.streaks");
    expect([theirs.mine.current, theirs.partner?.current, theirs.ours.current]).toEqual([2, 5, 2]);
    expect(theirs.mine).not.toHaveProperty("longest");
  });

  it("are at risk the next day, not zero, and end when the window has closed", async () => {
    const { a } = await createCouple();
    await checkInDaily([a], 4);
    const on = async (days: number) =>
      (await a.run<StreaksView>("insights.streaks", {}, { now: NOON + days * DAY_MS })).mine;
    expect(await on(1)).toMatchObject({ current: 4, atRisk: true, gracesLeft: 2 });
    expect(await on(3)).toMatchObject({ current: 4, atRisk: true, gracesLeft: 2 });
    expect(await on(4)).toMatchObject({ current: 4, gracesLeft: 1, bridged: ["2026-06-16"] });
    expect(await on(5)).toMatchObject({ current: 0, atRisk: false, lastDate: null });
  });

  it("do not count what came later than two days", async () => {
    const { a } = await createCouple();
    await checkInDaily([a], 2);
    await a.run("checkins.submit", { date: "2026-06-12", mood: 5, offline: true });
    expect((await a.run<StreaksView>("insights.streaks")).mine.current).toBe(2);
    await a.run("checkins.submit", { date: "2026-06-13", mood: 5 });
    expect((await a.run<StreaksView>("insights.streaks")).mine).toMatchObject({ current: 3, lastDate: TODAY });
  });

  it("count what was written alone for its author only, once the partner has joined", async () => {
    const solo = await createSolo();
    await checkInDaily([solo.a], 3);
    expect((await solo.a.run<StreaksView>("insights.streaks")).ours.current).toBe(3);
    const { a, b } = await join(solo);
    expect(await a.run<StreaksView>("insights.streaks")).toMatchObject({
      mine: { current: 3 },
      partner: { current: 0 },
      ours: { current: 0 },
    });
    await checkInDaily([b], 1);
    for (const date of ["2026-06-13", "2026-06-14"]) await b.run("checkins.submit", { date, mood: 5 });
    expect(await b.run<StreaksView>("insights.streaks")).toMatchObject({
      mine: { current: 3 },
      partner: { current: 0, lastDate: null },
      ours: { current: 0 },
    });
    expect((await a.run<StreaksView>("insights.streaks")).ours.current).toBe(0);
  });

  it("follow each member's own calendar across the date line", async () => {
    const { a, b } = await createCouple({ zones: ["Pacific/Kiritimati", "Pacific/Niue"] });
    // In Kiritimati it is half past one on the 16th, in Niue half past midnight on the 15th.
    const now = Date.UTC(2026, 5, 15, 11, 30);
    await a.run("checkins.submit", { date: "2026-06-16", mood: 5 }, { now });
    await a.run("checkins.submit", { date: "2026-06-15", mood: 5 }, { now });
    await b.run("checkins.submit", { date: "2026-06-15", mood: 5 }, { now });
    const { ours } = await b.run<StreaksView>("insights.streaks", {}, { now });
    expect(ours).toMatchObject({ current: 1, lastDate: "2026-06-15", atRisk: false });
  });

  it("reach over pages: four hundred days are four hundred", async () => {
    const { a, b, relationshipId } = await createCouple();
    await runInDurableObject(env.RELATIONSHIP.getByName(relationshipId), (_object, state) => {
      for (const member of [a, b]) {
        state.storage.sql.exec(
          `WITH RECURSIVE day (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM day WHERE n < 399)
           INSERT INTO daily_checkins (id, user_id, checkin_date, mood_score, visibility, notes_visibility, created_at, updated_at)
           SELECT ? || n, ?, date('2026-06-15', '-' || n || ' days'), 5, 'shared', 'shared', 1, 1 FROM day`,
          member.userId,
          member.userId,
        );
      }
    });
    const streaks = await a.run<StreaksView>("insights.streaks", { longest: true });
    expect([streaks.mine.current, streaks.ours.current, streaks.ours.longest]).toEqual([400, 400, 400]);
  });
});

describe("trends", () => {
  it("show gaps as gaps and equal the mean of what was entered", async () => {
    const { a, b } = await createCouple();
    await a.run("checkins.submit", { date: "2026-06-13", connection: 4, mood: 2 });
    await a.run("checkins.submit", { date: TODAY, connection: 9 });
    await b.run("checkins.submit", { date: "2026-06-14", connection: 8, satisfaction: 6 });
    await b.run("checkins.submit", { date: "2026-06-08", connection: 1, offline: true });
    const week = await a.run<Trends>("insights.trends", { days: 7 });
    expect(week.dates).toEqual(Array.from({ length: 7 }, (_, index) => addDays("2026-06-09", index)));
    const [mine, theirs] = week.members;
    expect(mine?.connection).toEqual([null, null, null, null, 4, null, 9]);
    expect(mine?.mood).toEqual([null, null, null, null, 2, null, null]);
    expect(mine?.means).toEqual({ connection: 6.5, mood: 2, satisfaction: null, checkins: 2 });
    expect(theirs?.connection).toEqual([null, null, null, null, null, 8, null]);
    expect(week.means).toEqual({ connection: 7, mood: 2, satisfaction: 6, checkins: 3 });
    const month = await a.run<Trends>("insights.trends");
    expect([month.days, month.dates.length, month.means.connection]).toEqual([30, 30, 5.5]);
  });

  it("are 7, 30 or 90 days and nothing else", async () => {
    const { a } = await createCouple();
    expect((await a.run<Trends>("insights.trends", { days: 90 })).dates).toHaveLength(90);
    expect((await a.refused("insights.trends", { days: 91 })).details).toMatchObject({ issues: [{ path: "days" }] });
  });

  it("leave out what the partner wrote alone", async () => {
    const solo = await createSolo();
    await solo.a.run("checkins.submit", { date: TODAY, mood: 1 });
    const { a, b } = await join(solo);
    await b.run("checkins.submit", { date: TODAY, mood: 9 });
    const seen = await b.run<Trends>("insights.trends", { days: 7 });
    expect(seen.members.map((member) => member.means.mood)).toEqual([null, 9]);
    expect(seen.means.mood).toBe(9);
    const own = await a.run<Trends>("insights.trends", { days: 7 });
    expect(own.members.map((member) => member.means.mood)).toEqual([1, 9]);
    expect(own.means.mood).toBe(9);
  });
});

describe("the day's snapshot for D1", () => {
  it("is the state of that date in numbers, whatever came later", async () => {
    const couple = await createCouple({ startDate: "2026-06-01" });
    await checkInDaily([couple.a, couple.b], 5, 6);
    await couple.a.run("checkins.submit", { date: TODAY, connection: 10 });
    expect(await snapshotOf(couple, TODAY)).toEqual({
      daysTogether: 14,
      averageConnectionScore: 6.4,
      averageSatisfactionScore: 6,
      checkinStreak: 5,
      activitiesCompletedThisMonth: 0,
      goalsCompletedThisMonth: 0,
      communicationFrequencyScore: 10,
      // 47.5 before it is rounded.
      overallHealthScore: 48,
      trends: { connection: null, mood: null, satisfaction: null },
    });
    expect(await snapshotOf(couple, "2026-06-12")).toMatchObject({
      daysTogether: 11,
      averageConnectionScore: 6,
      checkinStreak: 2,
      communicationFrequencyScore: 4,
    });
    expect(await snapshotOf(couple, "2026-05-31")).toMatchObject({ daysTogether: null, checkinStreak: 0 });
  });

  it("counts this month's activities and goals, and the change of the week", async () => {
    const couple = await createCouple();
    const { a } = couple;
    for (const completedDate of ["2026-05-31", "2026-06-01", "2026-06-15"]) {
      await a.run("activities.log", { name: "Pizza", type: "date_night", completedDate });
    }
    const goal = await a.run<{ id: string }>("goals.create", { name: "Run", type: "custom" });
    await a.run("goals.add_progress", { id: goal.id, delta: 1 });
    await a.run("checkins.submit", { date: "2026-06-05", mood: 4, offline: true });
    await a.run("checkins.submit", { date: "2026-06-06", mood: 5, offline: true });
    await a.run("checkins.submit", { date: TODAY, mood: 7 });
    expect(await snapshotOf(couple, TODAY)).toMatchObject({
      activitiesCompletedThisMonth: 2,
      goalsCompletedThisMonth: 1,
      trends: { mood: 2.5, connection: null },
    });
    expect(await snapshotOf(couple, "2026-06-14")).toMatchObject({ activitiesCompletedThisMonth: 1 });
  });

  it("has no trace of what one of them wrote alone", async () => {
    const solo = await createSolo();
    await checkInDaily([solo.a], 3);
    expect(await snapshotOf(solo, TODAY)).toMatchObject({ communicationFrequencyScore: 3, checkinStreak: 3 });
    const couple = await join(solo);
    for (const date of ["2026-06-13", "2026-06-14", TODAY]) await couple.b.run("checkins.submit", { date, mood: 9 });
    expect(await snapshotOf(couple, TODAY)).toMatchObject({
      communicationFrequencyScore: 3,
      checkinStreak: 0,
      averageConnectionScore: null,
    });
  });
});

it("answers for the dashboard what the single queries answer", async () => {
  const { a, b } = await createCouple({ startDate: "2026-06-01" });
  await checkInDaily([a, b], 3, 8);
  const board = await a.run<Dashboard>("insights.dashboard");
  expect(board.streaks).toEqual(await a.run("insights.streaks"));
  expect(board.averages.both).toEqual((await a.run<Trends>("insights.trends", { days: 7 })).means);
  expect(board.profile).toEqual(await a.run("membership.get"));
  expect(board.recentCheckins).toEqual((await a.run<{ items: unknown }>("checkins.list", { limit: 10 })).items);
  expect(board.checkins).toMatchObject({ mine: { date: TODAY }, partner: { date: TODAY }, partnerDate: TODAY });
  expect([board.today, board.daysTogether]).toEqual([TODAY, 14]);
  expect(board.points).toBe((await a.run<{ balance: number }>("achievements.points")).balance);
  expect(board.unread).toBe((await a.run<{ unread: number }>("inbox.unread_count")).unread);
});
