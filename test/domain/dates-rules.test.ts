import fc from "fast-check";
import { expect, it } from "vitest";
import { addDays, dayNumber } from "../../src/domain/calendar.ts";
import {
  monthDays,
  nextOccurrence,
  occurrenceWithin,
  occursOn,
  type Recurrence,
} from "../../src/domain/dates/recurrence.ts";

it.each([
  ["2026-06-15", "none", "2026-06-15", "2026-06-15"],
  ["2026-06-15", "none", "2026-06-16", null],
  ["2026-06-15", "yearly", "2026-01-01", "2026-06-15"],
  ["2020-06-15", "yearly", "2026-06-15", "2026-06-15"],
  ["2020-06-15", "yearly", "2026-06-16", "2027-06-15"],
  ["2024-02-29", "yearly", "2025-01-01", "2025-02-28"],
  ["2024-02-29", "yearly", "2025-03-01", "2026-02-28"],
  ["2024-02-29", "yearly", "2028-02-28", "2028-02-29"],
  ["2026-01-31", "monthly", "2026-02-01", "2026-02-28"],
  ["2026-01-31", "monthly", "2028-02-10", "2028-02-29"],
  ["2026-01-31", "monthly", "2026-04-30", "2026-04-30"],
  ["2026-01-31", "monthly", "2026-12-31", "2026-12-31"],
  ["2026-01-30", "monthly", "2026-12-31", "2027-01-30"],
  ["2030-05-05", "monthly", "2026-06-01", "2030-05-05"],
] as const)("%s, repeated %s, comes after %s on %s", (date, repeats, from, next) => {
  expect(nextOccurrence({ date, repeats }, from)).toBe(next);
});

const FIRST = dayNumber("1900-01-01");
const day = fc.integer({ min: FIRST, max: dayNumber("2195-12-31") }).map((offset) => addDays("1970-01-01", offset));
const recurrence = fc.record<Recurrence>({ date: day, repeats: fc.constantFrom("none", "yearly", "monthly") });

/** Slow and obvious: whether a date's own day of the month, or the last day of a shorter month, is `candidate`. */
function oracle({ date, repeats }: Recurrence, candidate: string): boolean {
  if (candidate === date) return true;
  if (candidate < date || repeats === "none") return false;
  if (repeats === "yearly" && candidate.slice(5, 7) !== date.slice(5, 7)) return false;
  const wanted = Number(date.slice(8));
  const shown = Number(candidate.slice(8));
  const isLastOfMonth = addDays(candidate, 1).slice(8) === "01";
  return shown === wanted || (isLastOfMonth && wanted > shown);
}

it("finds the next occurrence that trying day after day finds, 1900 to 2200", () => {
  fc.assert(
    fc.property(recurrence, day, (rule, from) => {
      const days = Array.from({ length: 1_500 }, (_, offset) => addDays(from, offset));
      const found = days.find((each) => oracle(rule, each)) ?? null;
      // A first occurrence may lie beyond the days that the oracle tries.
      expect(nextOccurrence(rule, from)).toBe(from <= rule.date ? rule.date : found);
    }),
    { numRuns: 300 },
  );
});

it("counts a day as an occurrence exactly when the oracle does, and knows where to look for it", () => {
  fc.assert(
    fc.property(recurrence, day, (rule, candidate) => {
      expect(occursOn(rule, candidate)).toBe(oracle(rule, candidate));
      const next = nextOccurrence(rule, candidate);
      expect(next === null || monthDays(rule).includes(next.slice(5))).toBe(true);
    }),
    { numRuns: 3_000 },
  );
});

it("looks a number of days ahead, that day included", () => {
  const rule: Recurrence = { date: "2020-07-15", repeats: "yearly" };
  expect(occurrenceWithin(rule, "2026-06-15", 30)).toBe("2026-07-15");
  expect(occurrenceWithin(rule, "2026-06-15", 29)).toBeNull();
});
