import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { Checkin } from "../../src/domain/checkins/schema.ts";
import { DAY_MS, HOUR_MS } from "../../src/protocol/limits.ts";
import { createCouple, createSolo, join, NOON, type TestCouple, type TestMember } from "../support/couple.ts";

interface Submitted {
  id: string;
  date: string;
  isNew: boolean;
  lateDays: number;
  completesDay: boolean;
  version: number;
}
interface CheckinPage {
  items: Checkin[];
  nextCursor: string | null;
}
interface BothOfDate {
  date: string;
  mine: Checkin | null;
  partner: Checkin | null;
}

const TODAY = "2026-06-15";
const FULL = {
  date: TODAY,
  connection: 8,
  mood: 6,
  satisfaction: 9,
  gratitudeNote: "for the soup",
  supportNeeded: "an hour alone",
  highlight: "the walk",
};

/** Check-in events by whom they reach, and how many of them analytics count. */
async function streamsOf({ a, relationshipId }: TestCouple): Promise<{ couple: number; own: number; counted: number }> {
  return runInDurableObject(env.RELATIONSHIP.getByName(relationshipId), (_object, { storage }) => {
    const row = storage.sql.exec<{ couple: number; own: number; counted: number }>(
      `SELECT COUNT(*) FILTER (WHERE stream = 'couple') AS couple, COUNT(*) FILTER (WHERE stream = ?) AS own,
         (SELECT COUNT(*) FROM relationship_events WHERE name = 'checkin.submitted' AND counted = 1) AS counted
       FROM relationship_events WHERE name = 'checkin.submitted'`,
      a.userId,
    );
    return row.one();
  });
}

async function unread(member: TestMember): Promise<number> {
  return (await member.run<{ unread: number }>("inbox.unread_count")).unread;
}

describe("submitting", () => {
  it("keeps all six fields and shows them to both", async () => {
    const { a, b } = await createCouple();
    const done = await a.run<Submitted>("checkins.submit", FULL);
    expect(done).toMatchObject({ date: TODAY, isNew: true, lateDays: 0, completesDay: false, version: 1 });
    const { date: _date, ...six } = FULL;
    expect((await a.run<BothOfDate>("checkins.get", { date: TODAY })).mine).toMatchObject({ ...six, id: done.id });
    const seen = await b.run<BothOfDate>("checkins.get", { date: TODAY });
    expect(seen.partner).toMatchObject({ ...six, userId: a.userId });
    expect(seen.mine).toBeNull();
  });

  it("edits the one row of a date: absent keeps, null clears", async () => {
    const { a } = await createCouple();
    const first = await a.run<Submitted>("checkins.submit", FULL);
    const edit = { date: TODAY, version: 1, mood: 3, highlight: null };
    const second = await a.run<Submitted>("checkins.submit", edit, { now: NOON + HOUR_MS });
    expect(second).toMatchObject({ id: first.id, isNew: false, version: 2 });
    const { mine } = await a.run<BothOfDate>("checkins.get", { date: TODAY });
    expect(mine).toMatchObject({ ...FULL, mood: 3, highlight: null, createdAt: NOON, updatedAt: NOON + HOUR_MS });
    expect((await a.run<CheckinPage>("checkins.list")).items).toHaveLength(1);
  });

  it("refuses to leave nothing behind, and changes nothing then", async () => {
    const { a } = await createCouple();
    await a.run("checkins.submit", { date: TODAY, mood: 5 });
    const refused = await a.refused("checkins.submit", { date: TODAY, mood: null });
    expect(refused.code).toBe("invalid_input");
    expect((await a.refused("checkins.submit", { date: "2026-06-14", gratitudeNote: "  " })).code).toBe(
      "invalid_input",
    );
    const { items } = await a.run<CheckinPage>("checkins.list");
    expect(items).toMatchObject([{ date: TODAY, mood: 5, version: 1 }]);
  });

  it("takes each member's own day at the date line", async () => {
    const { a, b } = await createCouple({ zones: ["Pacific/Auckland", "Pacific/Honolulu"] });
    // 12:00 UTC: the 16th has begun in Auckland, and in Honolulu the 15th is two hours old.
    await a.run("checkins.submit", { date: "2026-06-16", mood: 5 });
    await b.run("checkins.submit", { date: "2026-06-15", mood: 5 });
    const early = await b.refused("checkins.submit", { date: "2026-06-16", mood: 5 });
    expect(early).toMatchObject({ code: "invalid_input", details: { issues: [{ path: "date" }] } });
    expect((await a.refused("checkins.submit", { date: "2026-06-13", mood: 5 })).code).toBe("invalid_input");
    expect(await b.run("checkins.submit", { date: "2026-06-13", mood: 5 })).toMatchObject({ lateDays: 2 });
  });

  it("takes 35 days from a device that was offline, and keeps how late the first entry was", async () => {
    const { a } = await createCouple();
    const late = { date: "2026-05-11", mood: 4, offline: true };
    expect((await a.refused("checkins.submit", { ...late, offline: false })).code).toBe("invalid_input");
    expect(await a.run("checkins.submit", late)).toMatchObject({ isNew: true, lateDays: 35 });
    const { items } = await a.run<CheckinPage>("checkins.list");
    expect(items).toMatchObject([{ date: "2026-05-11", lateDays: 35 }]);
    await a.run("checkins.submit", { date: TODAY, mood: 4 });
    const edited = await a.run("checkins.submit", { date: TODAY, mood: 9 }, { now: NOON + 2 * DAY_MS });
    expect(edited).toMatchObject({ isNew: false, lateDays: 0 });
  });

  it("tells the partner once for each date, in words that nobody wrote", async () => {
    const { a, b } = await createCouple();
    const toldOf = async (member: TestMember) => {
      const { items } = await member.run<{ items: { type: string }[] }>("inbox.list");
      return items.filter((item) => item.type === "checkin");
    };
    await a.run("checkins.submit", FULL);
    expect(await toldOf(a)).toEqual([]);
    expect(await toldOf(b)).toHaveLength(1);
    await a.run("checkins.submit", { ...FULL, mood: 1 });
    expect(await toldOf(b)).toHaveLength(1);
    const inbox = JSON.stringify(await b.run("inbox.list"));
    for (const words of [FULL.gratitudeNote, FULL.supportNeeded, FULL.highlight]) expect(inbox).not.toContain(words);
  });

  it("does not flood the partner with what a device collected offline", async () => {
    const { a, b } = await createCouple();
    await a.run("checkins.submit", { date: TODAY, mood: 4 });
    const before = await unread(b);
    for (const date of ["2026-06-01", "2026-06-02", "2026-06-03"]) {
      await a.run("checkins.submit", { date, mood: 4, offline: true });
    }
    expect(await unread(b)).toBe(before);
  });

  it("completes a date exactly once when both check in at the same moment", async () => {
    const { a, b } = await createCouple();
    const input = { date: TODAY, mood: 5 };
    const both = await Promise.all([
      a.run<Submitted>("checkins.submit", input),
      b.run<Submitted>("checkins.submit", input),
      a.run<Submitted>("checkins.submit", input),
      b.run<Submitted>("checkins.submit", input),
    ]);
    expect(both.filter((done) => done.isNew)).toHaveLength(2);
    expect(both.filter((done) => done.completesDay)).toHaveLength(1);
    expect((await a.run<CheckinPage>("checkins.list")).items).toHaveLength(2);
  });

  it.each([
    ["unknown fields", { ...FULL, partnerId: "x" }, "partnerId"],
    ["a score out of range", { ...FULL, mood: 11 }, "mood"],
    ["text with NUL", { ...FULL, highlight: "a\u0000" }, "highlight"],
  ])("refuses %s by the field's name and writes nothing", async (_what, input, path) => {
    const { a, b } = await createCouple();
    const refused = await a.refused("checkins.submit", input);
    expect(refused).toMatchObject({ code: "invalid_input", details: { issues: [{ path }] } });
    expect((await b.run<CheckinPage>("checkins.list")).items).toEqual([]);
    expect(await unread(b)).toBe(0);
  });
});

describe("what the partner sees", () => {
  it("shows private notes to their author only, and no trace of edits of them", async () => {
    const { a, b } = await createCouple();
    await a.run("checkins.submit", { ...FULL, notesPrivate: true });
    const hidden = await b.run<BothOfDate>("checkins.get", { date: TODAY });
    expect(hidden.partner).toMatchObject({ mood: 6, gratitudeNote: null, supportNeeded: null, highlight: null });
    await a.run("checkins.submit", { date: TODAY, version: 1, highlight: "a secret" }, { now: NOON + HOUR_MS });
    expect(await b.run<BothOfDate>("checkins.get", { date: TODAY })).toEqual(hidden);
    expect((await a.run<BothOfDate>("checkins.get", { date: TODAY })).mine).toMatchObject({
      highlight: "a secret",
      notesPrivate: true,
    });
    await a.run("checkins.submit", { date: TODAY, notesPrivate: false });
    const shown = await b.run<BothOfDate>("checkins.get", { date: TODAY });
    expect(shown.partner).toMatchObject({ highlight: "a secret", notesPrivate: null });
  });

  it("hears of what they may see, and of nothing else", async () => {
    const solo = await createSolo();
    await solo.a.run("checkins.submit", { date: "2026-06-14", mood: 5 });
    const couple = await join(solo);
    const { a, b } = couple;
    const count = async (edit: object) => {
      const before = await streamsOf(couple);
      await a.run("checkins.submit", edit);
      const after = await streamsOf(couple);
      return {
        couple: after.couple - before.couple,
        own: after.own - before.own,
        counted: after.counted - before.counted,
      };
    };
    const seen = { couple: 1, own: 0, counted: 1 };
    const hidden = { couple: 0, own: 1, counted: 0 };
    expect(await count({ date: "2026-06-14", mood: 6 })).toEqual(hidden);
    expect(await count({ ...FULL, notesPrivate: true })).toEqual(seen);
    expect(await count({ date: TODAY, version: 1, highlight: "mine" })).toEqual(hidden);
    expect(await count({ date: TODAY, highlight: "mine", mood: 3 })).toEqual(seen);
    expect(await count({ date: TODAY, notesPrivate: false })).toEqual(seen);
    expect(await count({ date: TODAY, version: 4, highlight: "ours" })).toEqual(seen);
    expect((await b.run<BothOfDate>("checkins.get", { date: "2026-06-14" })).partner).toBeNull();
  });

  it("keeps for ever to its author what was written alone, and what edits it later", async () => {
    const solo = await createSolo();
    await solo.a.run("checkins.submit", FULL);
    const { a, b } = await join(solo);
    const edited = await a.run<Submitted>("checkins.submit", { date: TODAY, mood: 2 });
    expect(edited).toMatchObject({ isNew: false, completesDay: false });
    expect((await a.run<BothOfDate>("checkins.get", { date: TODAY })).mine).toMatchObject({ mood: 2, connection: 8 });
    expect(await b.run<BothOfDate>("checkins.get", { date: TODAY })).toMatchObject({ mine: null, partner: null });
    expect((await b.run<CheckinPage>("checkins.list")).items).toEqual([]);
    expect((await b.run<CheckinPage>("checkins.list", { member: "partner" })).items).toEqual([]);
    expect(await unread(b)).toBe(0);
    const own = await b.run<Submitted>("checkins.submit", { date: TODAY, mood: 5 });
    expect(own.completesDay).toBe(false);
  });
});

describe("listing", () => {
  it("pages newest first, each row once, however many arrive meanwhile", async () => {
    const { a, b } = await createCouple();
    const dates = ["2026-06-09", "2026-06-10", "2026-06-11", "2026-06-12", "2026-06-13"];
    for (const date of dates) {
      await a.run("checkins.submit", { date, mood: 5, offline: true });
      await b.run("checkins.submit", { date, mood: 6, offline: true });
    }
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: CheckinPage = await a.run("checkins.list", { limit: 3, ...(cursor === null ? {} : { cursor }) });
      seen.push(...page.items.map((item) => `${item.date} ${item.userId}`));
      if (cursor === null) await a.run("checkins.submit", { date: TODAY, mood: 5 });
      cursor = page.nextCursor;
    } while (cursor !== null);
    const expected = dates.flatMap((date) => [`${date} ${a.userId}`, `${date} ${b.userId}`]);
    expect(seen).toEqual(expected.toSorted().toReversed());
  });

  it("filters by date and member", async () => {
    const { a, b } = await createCouple();
    for (const date of ["2026-06-10", "2026-06-11", "2026-06-12"]) {
      await a.run("checkins.submit", { date, mood: 5, offline: true });
      await b.run("checkins.submit", { date, mood: 6, offline: true });
    }
    const datesOf = async (input: object) =>
      (await a.run<CheckinPage>("checkins.list", input)).items.map((item) => [item.date, item.userId]);
    expect(await datesOf({ member: "partner", from: "2026-06-11" })).toEqual([
      ["2026-06-12", b.userId],
      ["2026-06-11", b.userId],
    ]);
    expect(await datesOf({ member: "me", to: "2026-06-10" })).toEqual([["2026-06-10", a.userId]]);
    expect(await datesOf({ from: "2026-06-11", to: "2026-06-11" })).toHaveLength(2);
    expect(await datesOf({ from: "2026-06-13" })).toEqual([]);
    expect((await a.refused("checkins.list", { cursor: "bm90IG91cnM" })).details).toMatchObject({
      issues: [{ path: "cursor" }],
    });
  });

  it("has no partner to list while alone", async () => {
    const { a } = await createSolo();
    await a.run("checkins.submit", FULL);
    expect((await a.run<CheckinPage>("checkins.list", { member: "partner" })).items).toEqual([]);
    expect((await a.run<CheckinPage>("checkins.list")).items).toMatchObject([{ notesPrivate: false }]);
  });
});
