import { describe, expect, it } from "vitest";
import { addDays } from "../../src/domain/calendar.ts";
import type { StreaksView } from "../../src/domain/insights/schema.ts";
import { DAY_MS } from "../../src/protocol/limits.ts";
import { createCouple, createSolo, join, NOON, type TestCouple, type TestMember } from "../support/couple.ts";
import { eventsOf, rowsOf } from "../support/object.ts";

const TODAY = "2026-06-15";
const dayAt = (k: number): string => addDays(TODAY, k);
const at = (k: number): { now: number } => ({ now: NOON + k * DAY_MS });
const enter = (member: TestMember, k: number, more: object = {}, on = k) =>
  member.run<{ version: number; lateDays: number }>("checkins.submit", { date: dayAt(k), mood: 5, ...more }, at(on));
const streaksOf = (member: TestMember, k: number) => member.run<StreaksView>("insights.streaks", {}, at(k));

/** Both check in on each of the days, each on the day itself. */
async function both({ a, b }: TestCouple, days: readonly number[]): Promise<void> {
  for (const k of days) for (const member of [a, b]) await enter(member, k);
}

describe("late entries and graces", () => {
  it("show which days were forgiven, and give the grace back for a day that is entered after all", async () => {
    const couple = await createCouple();
    await both(couple, [0, 2, 3]);
    expect((await streaksOf(couple.a, 3)).mine).toMatchObject({ current: 3, atRisk: true, gracesLeft: 2, bridged: [] });
    await both(couple, [4]);
    const forgiven = { current: 4, atRisk: false, gracesLeft: 1, bridged: [dayAt(1)] };
    expect((await streaksOf(couple.a, 4)).mine).toMatchObject(forgiven);
    expect((await streaksOf(couple.b, 4)).ours).toMatchObject(forgiven);
    // It was written in time on a phone without a connection, so it is late by less than it seems.
    await rowsOf(
      couple,
      `INSERT INTO daily_checkins (id, user_id, checkin_date, mood_score, visibility, notes_visibility, late_days,
         created_at, updated_at) VALUES ('x', ?, ?, 5, 'shared', 'shared', 2, 1, 1)`,
      couple.a.userId,
      dayAt(1),
    );
    await enter(couple.a, 4, { mood: 6 });
    expect((await streaksOf(couple.a, 4)).mine).toMatchObject({ current: 5, gracesLeft: 2, bridged: [] });
    expect((await streaksOf(couple.a, 4)).ours).toMatchObject({ current: 4, gracesLeft: 1, bridged: [dayAt(1)] });
  });

  it("are marked as late, reach two days back, and never forward", async () => {
    const { a } = await createCouple();
    expect(await enter(a, -2, {}, 0)).toMatchObject({ lateDays: 2 });
    expect((await a.refused("checkins.submit", { date: dayAt(-3), mood: 5 }, at(0))).code).toBe("invalid_input");
    expect((await a.refused("checkins.submit", { date: dayAt(1), mood: 5 }, at(0))).code).toBe("invalid_input");
  });
});

it("awards ten days in a row that were written apart and shown one after the other", async () => {
  const couple = await createCouple();
  const dates = Array.from({ length: 10 }, (_, k) => dayAt(k - 40));
  await rowsOf(
    couple,
    `INSERT INTO daily_checkins (id, user_id, checkin_date, mood_score, visibility, notes_visibility, created_at, updated_at)
     SELECT 'apart-' || user_id || value, user_id, value, 5, 'private', 'private', 0, 0 FROM members, json_each(?)`,
    JSON.stringify(dates),
  );
  for (const date of dates) {
    for (const member of [couple.a, couple.b]) await member.run("checkins.share", { date, withNotes: false });
  }
  const awards = await rowsOf<{ id: string }>(couple, "SELECT achievement_id AS id FROM user_achievements ORDER BY 1");
  expect(awards.map(({ id }) => id)).toEqual(["first_checkin", "week_streak"]);
  const why = await couple.b.run("insights.why", { subject: "achievement", id: "week_streak" });
  expect(why).toMatchObject({ earnedDate: TODAY, progress: 7, value: 7, sources: { facts: { until: dates[6] } } });
});

it("passes over paused days in every streak", async () => {
  const couple = await createCouple();
  await both(couple, [0, 1]);
  await couple.a.run("membership.pause", {}, at(2));
  await couple.b.run("membership.resume", {}, at(9));
  await both(couple, [9, 10]);
  const { mine, partner, ours } = await streaksOf(couple.a, 10);
  for (const streak of [mine, partner, ours]) {
    expect(streak).toMatchObject({ current: 4, atRisk: false, gracesLeft: 2, bridged: [] });
  }
});

it("hides streaks from whoever asks for it, keeps them, and leaves the partner's view as it was", async () => {
  const couple = await createCouple();
  const { a, b } = couple;
  await both(couple, [0, 1]);
  const before = JSON.stringify(await streaksOf(b, 1));
  expect(await a.run("checkins.set_streaks_hidden", { hidden: true }, at(1))).toEqual({ hidden: true });
  const none = { hidden: true, mine: null, partner: null, ours: null };
  expect(await streaksOf(a, 1)).toMatchObject(none);
  expect(await a.run("insights.dashboard", {}, at(1))).toMatchObject({ streaks: none });
  expect((await a.refused("insights.why", { subject: "streak" }, at(1))).code).toBe("not_found");
  expect(JSON.stringify(await streaksOf(b, 1))).toBe(before);
  expect((await eventsOf(couple, "checkin.streaks_hidden")).map(({ stream }) => stream)).toEqual([a.userId]);
  await both(couple, [2]);
  await a.run("checkins.set_streaks_hidden", { hidden: false }, at(2));
  expect((await streaksOf(a, 2)).ours).toMatchObject({ current: 3 });
});

describe("a day that was written alone", () => {
  async function pairedToday(): Promise<TestCouple> {
    const solo = await createSolo();
    await enter(solo.a, -1, { gratitudeNote: "Alone" });
    await enter(solo.a, 0, { gratitudeNote: "The day we met here", connection: 9 });
    return join(solo, "UTC", NOON);
  }

  it("counts for both once its author shares it, and not before", async () => {
    const couple = await pairedToday();
    const { a, b } = couple;
    await enter(b, 0);
    expect((await streaksOf(b, 0)).ours).toMatchObject({ current: 0 });
    const shared = await a.run("checkins.share", { date: TODAY, withNotes: false }, at(0));
    expect(shared).toMatchObject({ date: TODAY, completesDay: true, version: 2 });
    expect((await streaksOf(b, 0)).ours).toMatchObject({ current: 1 });
    const { partner } = await b.run<{ partner: Record<string, unknown> }>("checkins.get", { date: TODAY }, at(0));
    expect(partner).toMatchObject({ connection: 9, gratitudeNote: null });
    const other = await b.run<{ partner: unknown }>("checkins.get", { date: dayAt(-1) }, at(0));
    expect(other.partner).toBeNull();
    expect((await eventsOf(couple, "checkin.shared")).map(({ stream }) => stream)).toEqual(["couple"]);
  });

  it("is shared once, by its author, and only with somebody there", async () => {
    const solo = await createSolo();
    await enter(solo.a, 0);
    const alone = await solo.a.refused("checkins.share", { date: TODAY, withNotes: true });
    expect(alone.code).toBe("conflict");
    const { a, b } = await join(solo);
    expect((await b.refused("checkins.share", { date: TODAY, withNotes: true })).code).toBe("not_found");
    await a.run("checkins.share", { date: TODAY, withNotes: true });
    expect((await a.refused("checkins.share", { date: TODAY, withNotes: true })).code).toBe("illegal_transition");
  });

  it("of years ago counts at once although old months are kept in memory", async () => {
    const solo = await createSolo();
    const old = "2024-06-01";
    await rowsOf(
      solo,
      `INSERT INTO daily_checkins (id, user_id, checkin_date, mood_score, visibility, notes_visibility, created_at, updated_at)
       VALUES ('x', ?, ?, 5, 'private', 'shared', 1, 1)`,
      solo.a.userId,
      old,
    );
    const { a, b } = await join(solo);
    await rowsOf(
      solo,
      `INSERT INTO daily_checkins (id, user_id, checkin_date, mood_score, visibility, notes_visibility, created_at, updated_at)
       VALUES ('y', ?, ?, 5, 'shared', 'shared', 1, 1)`,
      b.userId,
      old,
    );
    const longest = async (): Promise<number | undefined> =>
      (await b.run<StreaksView>("insights.streaks", { longest: true })).ours?.longest;
    expect(await longest()).toBe(0);
    await a.run("checkins.share", { date: old, withNotes: true });
    expect(await longest()).toBe(1);
  });
});

describe("an edit from two devices", () => {
  it("is refused with the current check-in when it began from an older one, or keeps both texts", async () => {
    const { a } = await createCouple();
    const { version } = await enter(a, 0, { gratitudeNote: "Tea", highlight: "Rain" });
    await enter(a, 0, { gratitudeNote: "Tea and soup", version });
    const stale = { date: TODAY, gratitudeNote: "The walk", mood: 8, version };
    const refusal = await a.refused("checkins.submit", stale);
    expect(refusal).toMatchObject({
      code: "edit_conflict",
      details: { row: { gratitudeNote: "Tea and soup", version: 2 } },
    });
    await a.run("checkins.submit", { ...stale, keepBoth: true });
    const { mine } = await a.run<{ mine: Record<string, unknown> }>("checkins.get", { date: TODAY });
    expect(mine).toMatchObject({ gratitudeNote: "Tea and soup\n\nThe walk", highlight: "Rain", mood: 8, version: 3 });
    // Only the gratitude note had changed meanwhile: another text of the same old edit just replaces.
    await a.run("checkins.submit", { date: TODAY, highlight: "Sun", version, keepBoth: true });
    expect((await a.run<{ mine: object }>("checkins.get", { date: TODAY })).mine).toMatchObject({ highlight: "Sun" });
    expect((await a.refused("checkins.submit", { date: dayAt(-1), mood: 5, version: 1 })).code).toBe("not_found");
  });

  it("replaces no note without a version, and sets scores and what is empty", async () => {
    const { a } = await createCouple();
    await enter(a, 0, { mood: 4, gratitudeNote: "Phone", supportNeeded: "Sleep", highlight: "Rain" });
    for (const note of ["gratitudeNote", "supportNeeded", "highlight"]) {
      for (const text of ["Tablet", null]) {
        const refusal = await a.refused("checkins.submit", { date: TODAY, mood: 8, [note]: text });
        expect(refusal).toMatchObject({ code: "edit_conflict", details: { row: { mood: 4, version: 1 } } });
      }
    }
    await a.run("checkins.submit", { date: TODAY, version: 1, highlight: null });
    await a.run("checkins.submit", { date: TODAY, mood: 8, gratitudeNote: "Phone", highlight: "Sun" });
    const { mine } = await a.run<{ mine: object }>("checkins.get", { date: TODAY });
    expect(mine).toMatchObject({ mood: 8, gratitudeNote: "Phone", supportNeeded: "Sleep", highlight: "Sun" });
  });
});
