import fc from "fast-check";
import { expect, it } from "vitest";
import {
  firstDateToRead,
  longestPerfectRun,
  type DailyChallenge,
  type PerfectDaysInput,
} from "../../src/domain/achievements/perfect-days.ts";
import { addDays } from "../../src/domain/calendar.ts";

const day = (k: number): string => addDays("2026-02-20", k);
const SPAN = 14;
const MEMBERS = ["a", "b"];

/** Slow and obvious: judges every day by itself, then tries every run. */
function oracle(input: PerfectDaysInput): number {
  const perfect = Array.from({ length: SPAN }, (_, k) => {
    const date = day(k);
    const asked = input.challenges.filter((each) => {
      const paused = each.pauses.some(([from, to]) => from <= date && (to === null || date < to));
      return each.startDate <= date && (each.lastDate === null || date <= each.lastDate) && !paused;
    });
    const did = (rows: readonly { userId: string; date: string }[], userId: string) =>
      rows.some((row) => row.userId === userId && row.date === date);
    return (
      asked.length > 0 &&
      input.memberIds.every((userId) => did(input.checkins, userId)) &&
      asked.every(({ id }) =>
        input.memberIds.every((userId) =>
          did(
            input.entries.filter((row) => row.challengeId === id),
            userId,
          ),
        ),
      )
    );
  });
  let longest = 0;
  for (let from = 0; from < SPAN; from++) {
    for (let to = from; to < SPAN; to++) {
      if (perfect.slice(from, to + 1).every(Boolean)) longest = Math.max(longest, to - from + 1);
    }
  }
  return longest;
}

const offset = fc.integer({ min: 0, max: SPAN - 1 });
const challenge = (id: string) =>
  fc.record<DailyChallenge>({
    id: fc.constant(id),
    startDate: offset.map(day),
    lastDate: fc.option(offset.map(day), { nil: null }),
    pauses: fc.array(fc.tuple(offset.map(day), fc.option(offset.map(day), { nil: null })), { maxLength: 1 }),
  });
// Mostly done, so that long runs happen.
const done = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: SPAN * 6, maxLength: SPAN * 6 });

it("finds the run that an oracle finds by judging every day and trying every run", () => {
  let longestSeen = 0;
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("x", "y"), { maxLength: 2 }),
      challenge("x"),
      challenge("y"),
      done,
      (ids, x, y, luck) => {
        const challenges = [x, y].filter(({ id }) => ids.some((each) => each === id));
        const happened = (kind: number, k: number) => (luck[kind * SPAN + k] ?? 0) > 0;
        const days = Array.from({ length: SPAN }, (_, k) => k);
        const checkins = MEMBERS.flatMap((userId, m) =>
          days.filter((k) => happened(m, k)).map((k) => ({ userId, date: day(k) })),
        );
        const entries = challenges.flatMap(({ id }, c) =>
          MEMBERS.flatMap((userId, m) =>
            days.filter((k) => happened(2 + c * 2 + m, k)).map((k) => ({ challengeId: id, userId, date: day(k) })),
          ),
        );
        const input = { memberIds: MEMBERS, challenges, checkins, entries };
        const expected = oracle(input);
        longestSeen = Math.max(longestSeen, expected);
        expect(longestPerfectRun(input, SPAN)).toBe(expected);
        expect(longestPerfectRun(input, 3)).toBe(Math.min(3, expected));
      },
    ),
    { numRuns: 2_000 },
  );
  expect(longestSeen).toBeGreaterThan(6);
});

const running: DailyChallenge = { id: "x", startDate: day(0), lastDate: null, pauses: [] };
const all = (challengeId: string, from: number, to: number) =>
  MEMBERS.flatMap((userId) =>
    Array.from({ length: to - from + 1 }, (_, k) => ({ challengeId, userId, date: day(from + k) })),
  );

it.each([
  ["every day of a week", [running], all("x", 0, 6), 7],
  ["a second challenge without entries", [running, { ...running, id: "y", startDate: day(3) }], all("x", 0, 6), 3],
  [
    "a second challenge given up after two days",
    [running, { ...running, id: "y", startDate: day(3), lastDate: day(4) }],
    all("x", 0, 6),
    3,
  ],
  [
    "a second challenge that is paused",
    [running, { ...running, id: "y", pauses: [[day(0), null]] as const }],
    all("x", 0, 6),
    7,
  ],
  [
    "two challenges that take turns",
    [
      { ...running, lastDate: day(2) },
      { ...running, id: "y", startDate: day(3) },
    ],
    [...all("x", 0, 2), ...all("y", 3, 6)],
    7,
  ],
  ["one day left out", [running], [...all("x", 0, 2), ...all("x", 4, 6)], 3],
  ["no challenge", [], all("x", 0, 6), 0],
])("%s", (_, challenges, entries, expected) => {
  const checkins = all("", 0, 6).map(({ userId, date }) => ({ userId, date }));
  expect(longestPerfectRun({ memberIds: MEMBERS, challenges, checkins, entries }, 7)).toBe(expected);
});

it("reads back far enough for a run through the oldest day that can change", () => {
  expect(firstDateToRead("2026-02-20", 36, 7)).toBe("2026-01-08");
});
