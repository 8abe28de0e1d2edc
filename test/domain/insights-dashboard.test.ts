import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { addDays } from "../../src/domain/calendar.ts";
import type { Dashboard, Snapshot } from "../../src/domain/insights/schema.ts";
import { DAY_MS, SNAPSHOT_MAX_BYTES } from "../../src/protocol/limits.ts";
import { createCouple, createSolo, join, NOON, type TestCouple } from "../support/couple.ts";

const TODAY = "2026-06-15";

describe("the dashboard", () => {
  it("is short: five goals, five plans, three challenges, ten check-ins, the newest or soonest first", async () => {
    const { a, b } = await createCouple();
    for (let index = 0; index < 7; index++) {
      await a.run("goals.create", { name: `Goal ${index}`, type: "custom", targetDate: addDays(TODAY, 20 - index) });
      await b.run("activities.plan", { name: `Plan ${index}`, type: "social", plannedDate: addDays(TODAY, 9 - index) });
      await a.run("checkins.submit", { date: addDays(TODAY, -index), mood: 5, offline: true });
      await b.run("checkins.submit", { date: addDays(TODAY, -index), mood: 5, offline: true });
    }
    const starts = [
      ["daily_gratitude_7", "2026-06-13"],
      ["quality_time_30", "2026-06-14"],
      ["date_night_weekly", "2026-06-15"],
      ["acts_of_service", "2026-06-16"],
    ];
    for (const [challengeId, startDate] of starts) await a.run("challenges.start", { challengeId, startDate });
    const board = await b.run<Dashboard>("insights.dashboard");
    expect(board.goals.map((goal) => goal.name)).toEqual(["Goal 6", "Goal 5", "Goal 4", "Goal 3", "Goal 2"]);
    expect(board.activities.map((plan) => plan.name)).toEqual(["Plan 6", "Plan 5", "Plan 4", "Plan 3", "Plan 2"]);
    expect(board.challenges.map((challenge) => challenge.participation.challengeId)).toEqual([
      "acts_of_service",
      "date_night_weekly",
      "quality_time_30",
    ]);
    expect(board.recentCheckins.map((checkin) => checkin.date)).toEqual(
      [0, 0, 1, 1, 2, 2, 3, 3, 4, 4].map((back) => addDays(TODAY, -back)),
    );
    expect(board.achievements.map((award) => award.id)).toContain("first_checkin");
  });

  it("shows each one's part of today in a challenge, on each one's own day", async () => {
    const { a, b } = await createCouple({ zones: ["Pacific/Auckland", "UTC"] });
    const startDate = TODAY;
    const { id } = await a.run<{ id: string }>("challenges.start", { challengeId: "daily_gratitude_7", startDate });
    const entry = { participationId: id, date: "2026-06-15" };
    await a.run("challenges.log_entry", { ...entry, completed: true });
    await b.run("challenges.log_entry", { ...entry, completed: false });
    const [challenge] = (await a.run<Dashboard>("insights.dashboard")).challenges;
    // It is the 16th in Auckland, for which nothing is entered yet.
    expect(challenge?.today).toEqual([
      { userId: a.userId, date: "2026-06-16", completed: null },
      { userId: b.userId, date: "2026-06-15", completed: false },
    ]);
    expect(challenge?.progress.members.map((member) => member.done)).toEqual([1, 0]);
  });

  it("shows the dates of the next 30 days, and 29 February on the 28th", async () => {
    const { a } = await createCouple();
    await a.run("dates.add", { name: "Leap day", type: "birthday", date: "2004-02-29" });
    await a.run("dates.add", { name: "Once", type: "custom", date: "2027-03-01" });
    await a.run("dates.add", { name: "Over", type: "custom", date: "2026-01-01" });
    const now = Date.UTC(2027, 1, 1, 12);
    const soon = (await a.run<Dashboard>("insights.dashboard", {}, { now })).dates;
    expect(soon.map((date) => [date.name, date.nextDate])).toEqual([
      ["Leap day", "2027-02-28"],
      ["Once", "2027-03-01"],
    ]);
    const before = await a.run<Dashboard>("insights.dashboard", {}, { now: now - 10 * DAY_MS });
    expect(before.dates).toEqual([]);
  });

  it("is never older than the last write or the day", async () => {
    const { a, b } = await createCouple({ zones: ["UTC", "Asia/Tokyo"] });
    const first = await a.run<Dashboard>("insights.dashboard");
    expect(first.checkins.partner).toBeNull();
    await b.run("checkins.submit", { date: TODAY, mood: 9 });
    const second = await a.run<Dashboard>("insights.dashboard");
    expect(second.checkins.partner).toMatchObject({ mood: 9 });
    expect([first.unread, second.unread]).toEqual([0, 2]);
    await a.run("inbox.mark_all_read");
    expect((await a.run<Dashboard>("insights.dashboard")).unread).toBe(0);
    // Three hours later it is the 16th in Tokyo only.
    const third = await a.run<Dashboard>("insights.dashboard", {}, { now: NOON + 3 * 3_600_000 + 60_000 });
    expect(third).toMatchObject({ today: TODAY, checkins: { partner: null, partnerDate: "2026-06-16" } });
    expect(third.streaks.partner).toMatchObject({ current: 1, atRisk: true });
  });

  it("has no trace of what the partner wrote alone", async () => {
    const solo = await createSolo();
    await solo.a.run("checkins.submit", { date: TODAY, mood: 3 });
    await solo.a.run("goals.create", { name: "Secret goal", type: "custom" });
    await solo.a.run("activities.plan", { name: "Secret plan", type: "social", plannedDate: TODAY });
    await solo.a.run("dates.add", { name: "Secret date", type: "custom", date: TODAY });
    await solo.a.run("challenges.start", { challengeId: "daily_gratitude_7" });
    const alone = await solo.a.run<Dashboard>("insights.dashboard");
    expect([alone.goals.length, alone.activities.length, alone.dates.length, alone.challenges.length]).toEqual([
      1, 1, 1, 1,
    ]);
    const { b } = await join(solo);
    const board = await b.run<Dashboard>("insights.dashboard");
    expect(board).toMatchObject({ recentCheckins: [], goals: [], activities: [], dates: [], challenges: [] });
    expect(board).toMatchObject({ achievements: [], points: 0, unread: 0, averages: { both: { checkins: 0 } } });
    expect(JSON.stringify(await b.run<Snapshot>("insights.snapshot"))).not.toContain("Secret");
  });
});

/** 90 days of check-ins of both, with notes of `note`. */
async function fillCheckins({ relationshipId, a, b }: TestCouple, note: string): Promise<void> {
  await runInDurableObject(env.RELATIONSHIP.getByName(relationshipId), (_object, state) => {
    for (const { userId } of [a, b]) {
      state.storage.sql.exec(
        `WITH RECURSIVE day (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM day WHERE n < 99)
         INSERT INTO daily_checkins (id, user_id, checkin_date, mood_score, gratitude_note, support_needed,
           highlight_of_day, visibility, notes_visibility, created_at, updated_at)
         SELECT ?1 || n, ?1, date('2026-06-15', '-' || n || ' days'), 5, ?2, ?2, ?2, 'shared', 'shared', 1, 1 FROM day`,
        userId,
        note,
      );
    }
  });
}

describe("the snapshot", () => {
  it("holds what is open, what is unread, and the check-ins of 90 days", async () => {
    const couple = await createCouple();
    const { a, b } = couple;
    await fillCheckins(couple, "fine");
    await b.run("goals.create", { name: "Run", type: "custom" });
    await b.run("activities.plan", { name: "Picnic", type: "social" });
    const { id } = await b.run<{ id: string }>("challenges.start", { challengeId: "daily_gratitude_7" });
    const entry = { participationId: id, date: TODAY, completed: true, content: "thanks" };
    await b.run("challenges.log_entry", entry);
    const snapshot = await a.run<Snapshot>("insights.snapshot");
    expect(snapshot.checkinsFrom).toBe(addDays(TODAY, -89));
    expect(snapshot.checkins).toHaveLength(180);
    expect(snapshot).toMatchObject({ goals: [{ name: "Run" }], activities: [{ name: "Picnic" }], today: TODAY });
    expect(snapshot.challenges).toMatchObject([{ entries: [{ userId: b.userId, content: "thanks" }] }]);
    expect(snapshot.notifications).toHaveLength(snapshot.unread);
    expect(snapshot.notifications.length).toBeGreaterThan(0);
    expect(snapshot.profile.members).toHaveLength(2);
  });

  it("reaches less far rather than being too large", async () => {
    const couple = await createCouple();
    const { a } = couple;
    // In JSON each of these takes six bytes.
    const worst = (length: number) => "\u0001".repeat(length);
    await fillCheckins(couple, worst(500));
    for (let index = 0; index < 10; index++) {
      await a.run("goals.create", { name: worst(200), description: worst(1000), type: "custom" });
      const about = { description: worst(1000), location: worst(300) };
      await a.run("activities.plan", { name: worst(200), type: "social", ...about });
      await a.run("dates.add", { name: worst(200), type: "custom", date: TODAY, description: worst(500) });
    }
    for (const challengeId of ["daily_gratitude_7", "quality_time_30", "date_night_weekly"]) {
      const { id } = await a.run<{ id: string }>("challenges.start", { challengeId });
      const entry = { participationId: id, date: TODAY, completed: true };
      await a.run("challenges.log_entry", { ...entry, content: worst(5000), reflection: worst(5000) });
    }
    const snapshot = await a.run<Snapshot>("insights.snapshot");
    expect(new TextEncoder().encode(JSON.stringify(snapshot)).byteLength).toBeLessThan(SNAPSHOT_MAX_BYTES - 1024);
    expect(snapshot.checkins.map((checkin) => checkin.date)).toContain(TODAY);
    expect(snapshot.goals.length).toBe(snapshot.itemsMax);
    expect(snapshot.challenges.length).toBeGreaterThan(0);
  });
});
