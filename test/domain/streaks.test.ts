import { describe, expect, it } from "vitest";
import { addDays, localDate } from "../../src/domain/calendar.ts";
import { foldStreak, longestStreak, type MemberDays, type Pause } from "../../src/domain/checkins/streaks.ts";
import { HOUR_MS } from "../../src/protocol/limits.ts";
import { next } from "./streaks-oracle.ts";
import { member } from "./streaks-member.ts";

/** Dates from `from` on: x is entered, . is not. */
function drawn(from: string, days: string): string[] {
  return days.split("").flatMap((day, index) => (day === "x" ? [addDays(from, index)] : []));
}

function alone(today: string, from: string, days: string, pauses: Pause[] = []) {
  return foldStreak([member(today, drawn(from, days))], addDays(today, 2), pauses);
}

describe("one member's streak", () => {
  it.each([
    // [what, today, first date, days entered, current, at risk, graces left]
    ["counts nothing for nobody's dates", "2026-03-10", "2026-03-01", "", 0, false, 2],
    ["counts today", "2026-03-10", "2026-03-10", "x", 1, false, 2],
    ["does not fall before today's entry", "2026-03-10", "2026-03-05", "xxxxx", 5, true, 2],
    ["keeps yesterday and the day before at risk", "2026-03-10", "2026-03-05", "xxx", 3, true, 2],
    ["bridges one closed day", "2026-03-10", "2026-03-01", "xxxxx.xxxx", 9, false, 1],
    ["bridges two closed days that do not touch", "2026-03-10", "2026-03-01", "xxx.xx.xxx", 8, false, 0],
    ["ends at a third closed day in a month", "2026-03-12", "2026-03-01", "xx.xx.xx.xxx", 3, false, 0],
    ["ends at two closed days in a row", "2026-03-10", "2026-03-01", "xxxx..xxxx", 4, false, 1],
    ["has new graces in a new month", "2026-04-07", "2026-03-26", "x.x.xx.x.xxxx", 9, false, 0],
    ["ends when the second of two days lies in the next month", "2026-04-05", "2026-03-30", "x..xxxx", 4, false, 2],
    ["takes no grace for a day with no streak before it", "2026-03-10", "2026-03-07", "xxxx", 4, false, 2],
    ["is 0 once the window has closed on two days", "2026-03-10", "2026-03-01", "xxxxx", 0, false, 1],
    ["has no upper limit in a month of 31", "2026-02-01", "2025-12-31", "x".repeat(33), 33, false, 2],
  ])("%s", (_what, today, from, days, current, atRisk, gracesLeft) => {
    expect(alone(today, from, days)).toMatchObject({ current, atRisk, gracesLeft });
  });

  it("gives the grace back to a late entry", () => {
    const bridged = alone("2026-03-10", "2026-03-01", "xxxxxx.xxx");
    const late = alone("2026-03-10", "2026-03-01", "xxxxxxxxxx");
    expect([bridged.current, bridged.gracesLeft]).toEqual([9, 1]);
    expect([late.current, late.gracesLeft]).toEqual([10, 2]);
  });

  it("passes over paused days without a grace, whatever their number", () => {
    const pauses = [{ from: "2026-03-03", to: "2026-03-20" }];
    expect(alone("2026-03-22", "2026-03-01", `xx${".".repeat(18)}xx`, pauses)).toMatchObject({
      current: 4,
      gracesLeft: 2,
    });
  });

  it("does not end while a pause lasts", () => {
    const pauses = [{ from: "2026-03-03", to: null }];
    expect(alone("2026-09-01", "2026-03-01", "xx", pauses)).toMatchObject({ current: 2, atRisk: false });
  });

  it("passes over 30 December 2011 in Apia and takes a grace for it in Pago Pago", () => {
    const dates = ["2011-12-28", "2011-12-29", "2011-12-31", "2012-01-01", "2012-01-02"];
    const apia = foldStreak([member("2012-01-02", dates, "Pacific/Apia")], "2012-01-02");
    expect(apia).toMatchObject({ current: 5, gracesLeft: 2 });
    const pago = { ...member("2012-01-02", dates, "Pacific/Pago_Pago") };
    expect(foldStreak([pago], "2012-01-02").current).toBe(5);
    // The day before the left-out one was missed: the left-out day does not stand between it and the next.
    const missed = ["2011-12-28", "2011-12-31", "2012-01-01", "2012-01-02"];
    expect(foldStreak([member("2012-01-02", missed, "Pacific/Apia")], "2012-01-02").current).toBe(4);
    expect(foldStreak([member("2012-01-02", missed, "Pacific/Pago_Pago")], "2012-01-02").current).toBe(3);
  });

  it("keeps a date that was entered before flying west", () => {
    const dates = ["2026-03-09", "2026-03-10", "2026-03-11"];
    expect(foldStreak([member("2026-03-10", dates)], "2026-03-12")).toMatchObject({
      current: 3,
      lastDate: "2026-03-11",
    });
  });

  it("stops counting where it is told to", () => {
    expect(foldStreak([member("2026-03-10", drawn("2026-01-01", "x".repeat(69)))], "2026-03-10", [], 30).current).toBe(
      30,
    );
  });
});

describe("the couple's streak", () => {
  const from = "2026-03-01";
  const today = "2026-03-10";
  function both(a: string, b: string, todayB = today) {
    return foldStreak([member(today, drawn(from, a)), member(todayB, drawn(from, b))], addDays(today, 2));
  }

  it.each([
    ["counts days on which both checked in", "xxxxxxxxxx", "xxxxxxxxxx", 10, false, 2],
    ["adds nothing for a day that one of them missed", "xxxxxxxxxx", "xxxx.xxxxx", 9, false, 1],
    ["lets each use their own graces", "x.x.xxxxxx", "xxxx.x.xxx", 6, false, 0],
    ["bridges a day for one and the next for the other", "xxxx.xxxxx", "xxxxx.xxxx", 8, false, 1],
    ["ends when one of them is out of graces", "xxxxxxxxxx", "xx.x.x.xxx", 3, false, 0],
    ["is at risk while one of them is missing", "xxxxxxxxxx", "xxxxxxxxx.", 9, true, 2],
    ["is 0 when only one ever checked in", "xxxxxxxxxx", "", 0, false, 2],
  ])("%s", (_what, a, b, current, atRisk, gracesLeft) => {
    expect(both(a, b)).toMatchObject({ current, atRisk, gracesLeft });
    expect(both(b, a)).toMatchObject({ current, atRisk, gracesLeft });
  });

  it("is not at risk by a day that the partner's zone has not reached", () => {
    expect(both("xxxxxxxxxx", "xxxxxxxxx", "2026-03-09")).toMatchObject({ current: 9, atRisk: false });
  });

  it("judges each member's window by that member's own day", () => {
    // 7 March is closed for one who is at the 10th, and still open for one who is at the 9th.
    expect(both("xxxxxx..xx", "xxxxxxxxxx").gracesLeft).toBe(1);
    const west = foldStreak(
      [member(today, drawn(from, "xxxxxxxxxx")), member("2026-03-09", drawn(from, "xxxxxx..x"))],
      addDays(today, 2),
    );
    expect(west).toMatchObject({ current: 7, atRisk: true, gracesLeft: 2 });
  });

  it("of nobody is nothing", () => {
    expect(foldStreak([], today).current).toBe(0);
    expect(longestStreak([], from, today)).toBe(0);
  });
});

it("counts every local day of a year exactly once, in every zone", () => {
  for (const zone of Intl.supportedValuesOf("timeZone")) {
    let at = Date.UTC(2026, 0, 1, 3);
    const first = localDate(at, zone);
    const dates = new Set<string>();
    for (let date = first; dates.size < 366; date = next(date)) {
      while (localDate(at, zone) < date) at += 2 * HOUR_MS;
      // The hour of the entry wanders over the day, and so meets every clock change; the next day is at most 22 hours off.
      const late = at + ((dates.size * 7) % 22) * HOUR_MS;
      dates.add(localDate(late, zone) === date ? localDate(late, zone) : localDate(at, zone));
      at += 18 * HOUR_MS;
    }
    const today = next(first, 365);
    const streak = foldStreak([member(today, dates, zone)], today);
    expect([zone, dates.size, streak.current, streak.gracesLeft]).toEqual([zone, 366, 366, 2]);
  }
}, 20_000);

it("reads only the months of the running streak, and all of a ten-year one in a moment", () => {
  const asked = new Set<number>();
  const watched = (inner: MemberDays): MemberDays => ({
    ...inner,
    countedIn: (month) => {
      asked.add(month);
      return inner.countedIn(month);
    },
  });
  const short = ["2016-01-01", ...drawn("2026-03-01", "xxxxxxxxxx")];
  expect(foldStreak([watched(member("2026-03-10", short))], "2026-03-10").current).toBe(10);
  expect(asked.size).toBeLessThanOrEqual(3);
  const decade = drawn("2016-03-11", "x".repeat(3652));
  const long = [watched(member("2026-03-10", decade)), watched(member("2026-03-10", decade))];
  expect(foldStreak(long, "2026-03-10").current).toBe(3652);
  expect(asked.size).toBeLessThanOrEqual(123);
});
