import fc from "fast-check";
import { expect, it } from "vitest";
import { addDays, dateOfDay, localDate } from "../../src/domain/calendar.ts";
import { dateExisted, firstDayOf, monthNumber, skippedDays } from "../../src/domain/checkins/months.ts";
import { requireLateDays } from "../../src/domain/checkins/rules.ts";
import { foldStreak, longestStreak, type Pause } from "../../src/domain/checkins/streaks.ts";
import { HOUR_MS } from "../../src/protocol/limits.ts";
import { member } from "./streaks-member.ts";
import { next, oracleStreak, shownDates, type OracleMember } from "./streaks-oracle.ts";

const ZONES = Intl.supportedValuesOf("timeZone");
const SEED = 20_260_615;

/** Spans that hold a left-out date (Kiritimati and Apia) or clock changes of both hemispheres. */
const STARTS = ["1994-11-20", "2011-11-25", "2026-02-10", "2026-09-01"];
const SPAN_DAYS = 110;

/** First month and number of months in which to look for left-out dates. */
const SPANS: readonly [string, number][] = [
  ["1993-08-01", 1],
  ["1994-12-01", 2],
  ["2011-12-01", 1],
  ["2026-03-01", 1],
];

const shown = new Map<string, ReadonlySet<string>>();
function shownIn(zone: string, start: string): ReadonlySet<string> {
  const key = `${zone} ${start}`;
  const known = shown.get(key) ?? shownDates(zone, next(start, -40), next(start, SPAN_DAYS + 5));
  shown.set(key, known);
  return known;
}

/** Where the days that were left out can be seen; other zones are drawn at random beside them. */
const zone = fc.oneof(
  fc.constantFrom("Pacific/Apia", "Pacific/Kiritimati", "America/New_York"),
  fc.constantFrom(...ZONES),
);

interface Step {
  /** Hours until the next time the app is opened. */
  hours: number;
  /** Where the member is by then; null: where they were. */
  flyTo: string | null;
  /** How many days back they enter; null: they enter nothing. */
  back: number | null;
}

const step: fc.Arbitrary<Step> = fc.record({
  hours: fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 18, max: 26 }) }, fc.integer({ min: 1, max: 70 })),
  flyTo: fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, zone),
  back: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, fc.constantFrom(1, 2, 3, 12), fc.constant(null)),
});

interface Life {
  home: string;
  steps: Step[];
}
const life: fc.Arbitrary<Life> = fc.record({ home: zone, steps: fc.array(step, { maxLength: 100, size: "max" }) });

const pauses: fc.Arbitrary<{ after: number; days: number | null }[]> = fc.array(
  fc.record({
    after: fc.integer({ min: 0, max: SPAN_DAYS }),
    days: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constant(null)),
  }),
  { maxLength: 2, size: "max" },
);

/** What the entries of `life` count, and where and when the member ends at `end`. */
function live({ home, steps }: Life, start: string, end: number): OracleMember {
  const counted = new Set<string>();
  let at = Date.parse(`${start}T12:00:00Z`);
  let place = home;
  for (const { hours, flyTo, back } of steps) {
    at += hours * HOUR_MS;
    if (at > end) break;
    place = flyTo ?? place;
    if (back === null) continue;
    const today = localDate(at, place);
    const date = addDays(today, -back);
    if (requireLateDays(date, today, true) <= 2 && shownIn(place, start).has(date)) counted.add(date);
  }
  return { today: localDate(end, place), zone: place, counted };
}

it("equals the word-by-word oracle on 10,000 histories over all zones, with travel, pauses and late entries", () => {
  const history = fc.record({
    start: fc.constantFrom(...STARTS),
    days: fc.integer({ min: 0, max: SPAN_DAYS }),
    lives: fc.array(life, { minLength: 1, maxLength: 2 }),
    pauses,
  });
  let running = 0;
  let bridged = 0;
  fc.assert(
    fc.property(history, ({ start, days, lives, pauses: drawn }) => {
      const end = Date.parse(`${next(start, days)}T12:00:00Z`);
      const members = lives.map((one) => live(one, start, end));
      const from = next(start, -20);
      const until = next(start, days + 3);
      const paused = drawn.map((pause): Pause => ({
        from: next(start, pause.after),
        to: pause.days === null ? null : next(start, pause.after + pause.days),
      }));
      const expected = oracleStreak(members, from, until, paused, (where) => shownIn(where, start));
      const real = members.map(({ today, zone: where, counted }) => member(today, counted, where));
      const { current, atRisk, lastDate, gracesLeft } = foldStreak(real, until, paused);
      const longest = longestStreak(real, from, until, paused);
      expect({ current, atRisk, lastDate, gracesLeft, longest }).toEqual(expected);
      expect(foldStreak(real, until, paused, 7).current).toBe(Math.min(7, current));
      if (current > 7) running++;
      if (gracesLeft < 2) bridged++;
    }),
    { numRuns: 10_000, seed: SEED },
  );
  // The histories are worth something: many end in a streak, and many in one that needed a grace.
  expect(running).toBeGreaterThan(500);
  expect(bridged).toBeGreaterThan(500);
}, 60_000);

it("never counts a day twice, and counts every day of an unbroken run", () => {
  fc.assert(
    fc.property(fc.constantFrom(...STARTS), life, (start, one) => {
      const end = Date.parse(`${next(start, SPAN_DAYS)}T12:00:00Z`);
      const { today, zone: where, counted } = live(one, start, end);
      const streak = foldStreak([member(today, counted, where)], addDays(today, 2));
      expect(streak.current).toBeLessThanOrEqual(counted.size);
      let unbroken = 0;
      for (let date = today; counted.has(date); date = next(date, -1)) unbroken++;
      expect(streak.current).toBeGreaterThanOrEqual(unbroken);
    }),
    { numRuns: 1_000, seed: SEED },
  );
});

it("one entry more never makes a streak of the same day shorter", () => {
  fc.assert(
    fc.property(fc.constantFrom(...STARTS), life, fc.integer({ min: 0, max: 2 }), (start, one, back) => {
      const end = Date.parse(`${next(start, SPAN_DAYS)}T12:00:00Z`);
      const { today, zone: where, counted } = live(one, start, end);
      const before = foldStreak([member(today, counted, where)], addDays(today, 2)).current;
      const after = foldStreak(
        [member(today, [...new Set([...counted, addDays(today, -back)])], where)],
        addDays(today, 2),
      );
      expect(after.current).toBeGreaterThanOrEqual(before);
    }),
    { numRuns: 1_000, seed: SEED },
  );
});

it("someone who checks in on every date they see keeps the streak, wherever they fly", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(zone, fc.integer({ min: 3, max: 9 })), { maxLength: 8, size: "max" }), (stays) => {
      let at = Date.UTC(2026, 1, 10, 12);
      let place = "UTC";
      const entered = new Set<string>();
      for (const [nextPlace, hours] of [["UTC", 3] as const, ...stays]) {
        place = nextPlace;
        // A stay of two weeks, with the app opened every few hours; yesterday is entered too where a flight ate it.
        for (const end = at + 14 * 24 * HOUR_MS; at < end; at += hours * HOUR_MS) {
          entered.add(localDate(at, place));
          if (entered.size > 1) entered.add(addDays(localDate(at, place), -1));
        }
      }
      const today = localDate(at, place);
      const first = [...entered].toSorted()[0] ?? today;
      const streak = foldStreak([member(today, entered, place)], addDays(today, 2));
      expect(streak.current).toBe(entered.size);
      expect(streak.lastDate === null || streak.lastDate >= first).toBe(true);
    }),
    { numRuns: 300, seed: SEED },
  );
});

it("knows the dates that a zone's calendar left out", () => {
  const leftOut: string[] = [];
  const wrong: string[] = [];
  for (const where of ZONES) {
    for (const [from, months] of SPANS) {
      const truth = shownDates(where, from, next(from, 31 * months));
      const last = firstDayOf(monthNumber(from) + months);
      for (let day = firstDayOf(monthNumber(from)); day < last; day++) {
        const date = dateOfDay(day);
        const month = monthNumber(date);
        const isSkipped = (skippedDays(month, where) & (1 << (day - firstDayOf(month)))) !== 0;
        if (isSkipped) leftOut.push(`${where} ${date}`);
        if (isSkipped === truth.has(date) || dateExisted(date, where) === isSkipped) wrong.push(`${where} ${date}`);
      }
    }
  }
  expect(wrong).toEqual([]);
  for (const known of ["Apia 2011-12-30", "Fakaofo 2011-12-30", "Kiritimati 1994-12-31", "Kwajalein 1993-08-21"]) {
    expect(leftOut).toContain(`Pacific/${known}`);
  }
}, 30_000);
