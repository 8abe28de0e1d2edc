import fc from "fast-check";
import { expect, it } from "vitest";
import { addDays } from "../../src/domain/calendar.ts";
import type { QuietHours } from "../../src/domain/inbox/preferences.ts";
import { localTime } from "../../src/domain/local-time.ts";
import { DAY_MS } from "../../src/protocol/limits.ts";
import { createCouple } from "../support/couple.ts";
import { inside, type Clockwork } from "./reminders-steps.ts";

const DAYS = 5;
const STEP_MS = 15 * 60_000;

const zone = fc.constantFrom(
  "UTC",
  "America/New_York",
  "Europe/Berlin",
  // Half an hour of summer time.
  "Australia/Lord_Howe",
  "America/St_Johns",
  "Asia/Kathmandu",
  "Pacific/Chatham",
  // Its clock changes at midnight.
  "America/Havana",
  "Pacific/Kiritimati",
);

// Around the days on which these zones change their clocks, and quiet ones.
const start = fc
  .constantFrom("2026-03-06", "2026-03-27", "2026-04-03", "2026-10-02", "2026-10-23", "2026-10-30", "2026-07-01")
  .map((date) => Date.parse(`${date}T00:00:00Z`));

const clock = fc.integer({ min: 0, max: 95 }).map((quarter) => {
  const [hours, minutes] = [Math.floor(quarter / 4), (quarter % 4) * 15];
  return `${String(hours).padStart(2, "0")}:${String(minutes).padStart(2, "0")}`;
});
const quietHours = fc.option(
  fc.record({ from: clock, to: clock }).filter(({ from, to }) => from !== to),
  { nil: null },
);

function isQuiet(at: number, quiet: QuietHours | null, timezone: string): boolean {
  if (quiet === null) return false;
  const { minute } = localTime(at, timezone);
  const shown = `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
  return quiet.from < quiet.to ? shown >= quiet.from && shown < quiet.to : shown >= quiet.from || shown < quiet.to;
}

/** Slow and obvious: walks from quarter to quarter of an hour and looks at the clock on the wall. */
function expected(
  from: number,
  end: number,
  rule: { timezone: string; hour: number; quiet: QuietHours | null; done: ReadonlySet<string> },
): number[] {
  const times: number[] = [];
  const seen = new Set<string>();
  for (let at = from + STEP_MS; at <= end; at += STEP_MS) {
    const { date, minute } = localTime(at, rule.timezone);
    if (minute < rule.hour * 60 || seen.has(date)) continue;
    seen.add(date);
    // The hour of the first day may have been over at the start.
    const before = localTime(from, rule.timezone);
    if (date === before.date && before.minute >= rule.hour * 60) continue;
    let sent = at;
    while (isQuiet(sent, rule.quiet, rule.timezone)) sent += STEP_MS;
    if (sent <= end && !rule.done.has(date)) times.push(sent);
  }
  return times;
}

function prepare(clockwork: Clockwork, userId: string, timezone: string, preferences: object): void {
  clockwork.reset(userId);
  const only = { inbox: true, email: false };
  const off = { inbox: false, email: false };
  const channels = { checkin: only, dates: off, goals: off, challenges: off, follow_ups: off, question: off };
  clockwork.change(userId, { timezone, preferences: { channels, ...preferences } });
}

it("reminds of each undone check-in exactly once, at the member's hour or after their quiet hours, in every zone", async () => {
  const couple = await createCouple();
  const { userId } = couple.a;
  await inside(couple, 0, (clockwork) => {
    const run = fc.record({
      timezone: zone,
      from: start,
      hour: fc.integer({ min: 0, max: 23 }),
      quiet: quietHours,
      doneDays: fc.array(fc.boolean(), { minLength: DAYS + 2, maxLength: DAYS + 2 }),
      repeats: fc.integer({ min: 0, max: 2 }),
    });
    fc.assert(
      fc.property(run, ({ timezone, from, hour, quiet, doneDays, repeats }) => {
        clockwork.now = from;
        prepare(clockwork, userId, timezone, { hours: { checkin: hour }, quietHours: quiet });
        const first = localTime(from, timezone).date;
        const done = new Set(doneDays.flatMap((isDone, day) => (isDone ? [addDays(first, day)] : [])));
        for (const date of done) clockwork.checkIn(userId, date);
        // Not made up for what was over before: the plan of a new member begins with their next hour.
        clockwork.sql.run("DELETE FROM schedule");
        clockwork.plan(userId);
        const end = from + DAYS * DAY_MS;
        clockwork.runUntil(end, { repeats });
        const sent = clockwork.reminders(userId).map(({ at }) => at);
        expect(sent).toEqual(expected(from, end, { timezone, hour, quiet, done }));
      }),
      { numRuns: 80 },
    );
  });
}, 30_000);

it("never sends two on one day, nor one in quiet hours, whatever is changed, wherever one travels and however late the alarm is", async () => {
  const couple = await createCouple();
  const { userId } = couple.a;
  const change = fc.record({
    afterMs: fc.integer({ min: 1, max: 30 * 3_600_000 }),
    timezone: zone,
    hour: fc.integer({ min: 0, max: 23 }),
    quiet: quietHours,
    lateMs: fc.constantFrom(0, 0, 1_000, 7_200_000),
  });
  await inside(couple, 0, (clockwork) => {
    fc.assert(
      fc.property(start, fc.array(change, { minLength: 1, maxLength: 6 }), (from, changes) => {
        clockwork.now = from;
        prepare(clockwork, userId, "UTC", {});
        let told = 0;
        for (const { afterMs, timezone, hour, quiet, lateMs } of changes) {
          clockwork.change(userId, { timezone, preferences: { hours: { checkin: hour }, quietHours: quiet } });
          clockwork.runUntil(clockwork.now + afterMs, { lateMs });
          const sent = clockwork.reminders(userId).filter(({ message }) => message.includes("check"));
          for (const [index, { at }] of [...sent.entries()].slice(told)) {
            expect(isQuiet(at, quiet, timezone)).toBe(false);
            // A day is the one on the wall where the member is when the reminder comes.
            const before = sent[index - 1];
            if (before === undefined) continue;
            expect(localTime(before.at, timezone).date).not.toBe(localTime(at, timezone).date);
          }
          told = sent.length;
        }
      }),
      { numRuns: 80 },
    );
  });
}, 30_000);
