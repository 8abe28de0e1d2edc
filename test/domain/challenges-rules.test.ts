import fc from "fast-check";
import { expect, it } from "vitest";
import { addDays, endOfDay, localDate } from "../../src/domain/calendar.ts";
import { CHALLENGES } from "../../src/domain/challenges/catalogue.ts";
import {
  expectedUnits,
  PARTICIPATION_MOVES,
  progressOf,
  requireStartDate,
  shiftedTarget,
  unitsDone,
} from "../../src/domain/challenges/rules.ts";

const START = "2026-02-20";
const GOLDEN = [
  ["daily_gratitude_7", "daily", 7, 7],
  ["quality_time_30", "daily", 30, 30],
  ["date_night_weekly", "weekly", 28, 4],
  ["deep_conversations", "weekly", 14, 2],
  ["acts_of_service", "daily", 7, 7],
  ["adventure_month", "weekly", 28, 4],
  ["communication_boost", "daily", 14, 14],
  ["intimacy_builder", "daily", 21, 21],
] as const;

it("has exactly the eight challenges of the catalogue", () => {
  expect(CHALLENGES.map(({ id }) => id)).toEqual(GOLDEN.map(([id]) => id));
});

it.each(GOLDEN)("%s: %s for %i days expects %i of each member", (id, cadence, days, expected) => {
  const challenge = CHALLENGES.find((each) => each.id === id);
  expect(challenge).toMatchObject({ cadence, days });
  if (challenge === undefined) return;
  expect(expectedUnits(challenge)).toBe(expected);
  const every = (step: number) => Array.from({ length: expected }, (_, k) => addDays(START, k * step));
  const length = cadence === "daily" ? 1 : 7;
  const all = unitsDone(challenge, START, every(length));
  expect(all).toBe(expected);
  const one = unitsDone(challenge, START, [START]);
  const alone = progressOf(challenge, [
    { userId: "a", done: all },
    { userId: "b", done: 0 },
  ]);
  expect(alone).toMatchObject({ couple: 50, isComplete: false });
  const begun = progressOf(challenge, [
    { userId: "a", done: one },
    { userId: "b", done: one },
  ]);
  expect(begun.couple).toBe(Math.round(100 / expected));
  const both = progressOf(challenge, [
    { userId: "a", done: all },
    { userId: "b", done: all },
  ]);
  expect(both).toMatchObject({ couple: 100, isComplete: true });
});

it.each([
  [["2026-02-20", "2026-02-26"], 1],
  [["2026-02-26", "2026-02-27"], 2],
  [["2026-02-20", "2026-02-27", "2026-03-05"], 2],
  [["2026-02-19"], 0],
  // The target date only reminds: a fifth week stands in for a missed one.
  [["2026-02-20", "2026-02-27", "2026-03-06", "2026-03-20"], 4],
  [["2026-02-20", "2026-02-27", "2026-03-06", "2026-03-13", "2026-03-20"], 4],
])("counts weeks from the start: %j are %i", (dates, weeks) => {
  expect(unitsDone({ cadence: "weekly", days: 28 }, START, dates)).toBe(weeks);
});

it("is 100 percent only when everything is done, however it rounds", () => {
  const challenge = { cadence: "daily", days: 1000 } as const;
  const members = [
    { userId: "a", done: 1000 },
    { userId: "b", done: 999 },
  ];
  expect(progressOf(challenge, members)).toMatchObject({
    couple: 99,
    isComplete: false,
    members: [{}, { percent: 99 }],
  });
});

/** Slow and obvious: asks every day of every unit whether one of the entries lies there. */
function slowUnits(length: number, expected: number, dates: readonly string[]): number {
  let done = 0;
  for (let unit = 0; unit < 400; unit++) {
    const days = Array.from({ length }, (_, k) => addDays(START, unit * length + k));
    if (days.some((each) => dates.includes(each))) done++;
  }
  return Math.min(done, expected);
}

it("agrees with an oracle that looks at every day, also when it reads no more dates than the challenge has days", () => {
  const dates = fc.uniqueArray(fc.integer({ min: -10, max: 120 }), { maxLength: 60 });
  fc.assert(
    fc.property(fc.constantFrom(...CHALLENGES), dates, dates, (challenge, first, second) => {
      const length = challenge.cadence === "daily" ? 1 : 7;
      const expected = challenge.days / length;
      const members = [first, second].map((offsets, index) => {
        const days = offsets.map((offset) => addDays(START, offset)).filter((date) => date >= START);
        const slow = slowUnits(length, expected, days);
        expect(unitsDone(challenge, START, days)).toBe(slow);
        expect(unitsDone(challenge, START, days.toSorted().slice(0, challenge.days))).toBe(slow);
        return { userId: String(index), done: slow };
      });
      const progress = progressOf(challenge, members);
      const mean = members.reduce((sum, { done }) => sum + (done / expected) * 100, 0) / 2;
      expect(Math.abs(progress.couple - mean)).toBeLessThanOrEqual(0.500001);
      expect(progress.isComplete).toBe(members.every(({ done }) => done === expected));
      expect(progress.couple === 100).toBe(progress.isComplete);
    }),
    { numRuns: 200 },
  );
});

it.each(["2026-02-18", "2026-02-20", "2026-02-27"])("may start on %s", (date) => {
  expect(requireStartDate(date, "2026-02-20")).toBe(date);
});

it.each(["2026-02-17", "2026-02-28"])("may not start on %s", (date) => {
  expect(() => requireStartDate(date, "2026-02-20")).toThrow("cannot start then");
});

it("moves the target by the days of the pause, and never back", () => {
  expect(shiftedTarget("2026-03-01", "2026-02-20", "2026-02-25")).toBe("2026-03-06");
  expect(shiftedTarget("2026-03-01", "2026-02-20", "2026-02-20")).toBe("2026-03-01");
  expect(shiftedTarget("2026-03-01", "2026-02-21", "2026-02-20")).toBe("2026-03-01");
});

it("lets nothing out of completed and abandoned", () => {
  expect([PARTICIPATION_MOVES.completed, PARTICIPATION_MOVES.abandoned]).toEqual([[], []]);
});

it("ends every day of every zone at the first minute of a later date", () => {
  const zones = [...Intl.supportedValuesOf("timeZone"), "Etc/GMT+12", "Etc/GMT-14"];
  const days = fc.integer({ min: 15_000, max: 22_000 }).map((day) => addDays("1970-01-01", day));
  fc.assert(
    fc.property(fc.constantFrom(...zones), days, (zone, date) => {
      const end = endOfDay(date, zone);
      expect(localDate(end, zone) > date).toBe(true);
      expect(localDate(end - 1, zone) <= date).toBe(true);
    }),
    { numRuns: 1_500 },
  );
});

it.each([
  ["2011-12-29", "Pacific/Apia", "2011-12-30T10:00:00Z"],
  ["2011-12-30", "Pacific/Apia", "2011-12-30T10:00:00Z"],
  ["2026-03-29", "Europe/Lisbon", "2026-03-29T23:00:00Z"],
  ["2026-10-25", "Europe/Lisbon", "2026-10-26T00:00:00Z"],
])("%s in %s ends at %s", (date, zone, end) => {
  expect(endOfDay(date, zone)).toBe(Date.parse(end));
});
