import fc from "fast-check";
import { expect, it } from "vitest";
import { addDays, dayNumber } from "../../src/domain/calendar.ts";
import {
  latestOccurrences,
  monthDays,
  nextOccurrence,
  occurrenceWithin,
  occursOn,
  type Recurrence,
} from "../../src/domain/dates/recurrence.ts";

const rule = (date: string, repeats: Recurrence["repeats"], more: Partial<Recurrence> = {}): Recurrence => ({
  date,
  repeats,
  every: 1,
  leapDay: "feb_28",
  ...more,
});

it.each([
  [rule("2026-06-15", "none"), "2026-06-15", "2026-06-15"],
  [rule("2026-06-15", "none"), "2026-06-16", null],
  [rule("2026-06-15", "yearly"), "2026-01-01", "2026-06-15"],
  [rule("2020-06-15", "yearly"), "2026-06-15", "2026-06-15"],
  [rule("2020-06-15", "yearly"), "2026-06-16", "2027-06-15"],
  [rule("2024-02-29", "yearly"), "2025-01-01", "2025-02-28"],
  [rule("2024-02-29", "yearly"), "2025-03-01", "2026-02-28"],
  [rule("2024-02-29", "yearly"), "2028-02-28", "2028-02-29"],
  [rule("2024-02-29", "yearly", { leapDay: "mar_1" }), "2025-01-01", "2025-03-01"],
  [rule("2024-02-29", "yearly", { leapDay: "mar_1" }), "2028-01-01", "2028-02-29"],
  [rule("2096-02-29", "yearly", { leapDay: "mar_1" }), "2100-01-01", "2100-03-01"],
  [rule("2026-01-31", "monthly"), "2026-02-01", "2026-02-28"],
  [rule("2026-01-31", "monthly"), "2028-02-10", "2028-02-29"],
  [rule("2024-02-29", "monthly", { leapDay: "mar_1" }), "2025-02-01", "2025-02-28"],
  [rule("2026-01-31", "monthly"), "2026-04-30", "2026-04-30"],
  [rule("2026-01-31", "monthly"), "2026-12-31", "2026-12-31"],
  [rule("2026-01-30", "monthly"), "2026-12-31", "2027-01-30"],
  [rule("2030-05-05", "monthly"), "2026-06-01", "2030-05-05"],
  [rule("2026-06-15", "days", { every: 10 }), "2026-06-16", "2026-06-25"],
  [rule("2026-06-15", "weeks", { every: 2 }), "2026-06-29", "2026-06-29"],
  [rule("1900-01-01", "days", { every: 1_000 }), "2200-12-31", "2201-03-04"],
])("%j comes after %s on %s", (recurrence, from, next) => {
  expect(nextOccurrence(recurrence, from)).toBe(next);
});

const FIRST = dayNumber("1900-01-01");
const day = fc.integer({ min: FIRST, max: dayNumber("2195-12-31") }).map((offset) => addDays("1970-01-01", offset));
const leapDays = fc
  .integer({ min: 1904, max: 2192 })
  .map((year) => year - (year % 4))
  .filter((year) => year % 100 !== 0 || year === 2000)
  .map((year) => `${year}-02-29`);
const start = fc.oneof({ weight: 4, arbitrary: day }, { weight: 1, arbitrary: leapDays });
const recurrence: fc.Arbitrary<Recurrence> = fc
  .record({
    date: start,
    repeats: fc.constantFrom("none", "yearly", "monthly", "days", "weeks"),
    every: fc.integer({ min: 1, max: 150 }),
    leapDay: fc.constantFrom("feb_28", "mar_1"),
  })
  .map((drawn) => (drawn.repeats === "days" || drawn.repeats === "weeks" ? drawn : { ...drawn, every: 1 }));

/** Slow and obvious: whether a date's own day of the month, or the last day of a shorter month, is `candidate`. */
function oracle({ date, repeats, every, leapDay }: Recurrence, candidate: string): boolean {
  if (candidate === date) return true;
  if (candidate < date || repeats === "none") return false;
  const apart = dayNumber(candidate) - dayNumber(date);
  if (repeats === "days") return apart % every === 0;
  if (repeats === "weeks") return apart % (7 * every) === 0;
  const isLastOfMonth = addDays(candidate, 1).slice(8) === "01";
  if (repeats === "yearly") {
    if (candidate.slice(5) === date.slice(5)) return true;
    if (date.slice(5) !== "02-29") return false;
    if (leapDay === "feb_28") return isLastOfMonth && candidate.slice(5) === "02-28";
    return candidate.slice(5) === "03-01" && addDays(candidate, -1).slice(5) === "02-28";
  }
  const wanted = Number(date.slice(8));
  return Number(candidate.slice(8)) === wanted || (isLastOfMonth && wanted > Number(candidate.slice(8)));
}

it("finds the next and the last occurrences that trying day after day finds, 1900 to 2200", () => {
  fc.assert(
    fc.property(recurrence, day, (drawn, from) => {
      const days = Array.from({ length: 1_500 }, (_, offset) => addDays(from, offset));
      const found = days.find((each) => oracle(drawn, each)) ?? null;
      // A first occurrence may lie beyond the days that the oracle tries.
      expect(nextOccurrence(drawn, from)).toBe(from <= drawn.date ? drawn.date : found);
      const back = Array.from({ length: 1_500 }, (_, offset) => addDays(from, -offset));
      const seen = back.filter((each) => oracle(drawn, each)).slice(0, 3);
      expect(latestOccurrences(drawn, from, 3).filter((each) => each >= addDays(from, -1_499))).toEqual(seen);
    }),
    { numRuns: 80 },
  );
});

it("counts a day as an occurrence exactly when the oracle does, and knows where to look for it", () => {
  fc.assert(
    fc.property(recurrence, day, (drawn, candidate) => {
      expect(occursOn(drawn, candidate)).toBe(oracle(drawn, candidate));
      const next = nextOccurrence(drawn, candidate);
      const places = monthDays(drawn);
      expect(next === null || places === null || places.includes(next.slice(5))).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

it("looks a number of days ahead, that day included", () => {
  expect(occurrenceWithin(rule("2020-07-15", "yearly"), "2026-06-15", 30)).toBe("2026-07-15");
  expect(occurrenceWithin(rule("2020-07-15", "yearly"), "2026-06-15", 29)).toBeNull();
});
