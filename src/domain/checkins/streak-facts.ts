import * as z from "zod";
import { dateSchema, monthOf, dateOfDay } from "../calendar.ts";
import type { StreakBasis } from "./couple-streaks.ts";
import { firstDayOf, monthNumber } from "./months.ts";
import { foldStreak, type MemberDays, type Pause } from "./streaks.ts";

/** All that a streak follows from: nothing of it has to be looked up again. */
export const streakFactsSchema = z.strictObject({
  until: dateSchema.describe("The day from which the fold goes backwards"),
  members: z.array(
    z.strictObject({
      userId: z.string(),
      today: dateSchema,
      zone: z.string().describe("The IANA zone, for the dates that its calendar left out"),
      months: z
        .array(
          z.strictObject({
            month: z.string().describe("YYYY-MM"),
            days: z.int().nonnegative().describe("The days that count, as bits; bit 0 is the first of the month"),
          }),
        )
        .describe("Every month that the fold had to look at, the newest first"),
    }),
  ),
  pauses: z.array(z.strictObject({ from: dateSchema, to: dateSchema.nullable() })),
});

export type StreakFacts = z.output<typeof streakFactsSchema>;

/** The facts of one streak, counted up to `atMost`. */
export function streakFacts(basis: StreakBasis, pauses: readonly Pause[], atMost?: number): StreakFacts {
  const seen = basis.members.map(() => new Map<number, number>());
  const watched = basis.members.map(({ days }, index): MemberDays => ({
    ...days,
    countedIn(month) {
      const bits = days.countedIn(month);
      seen[index]?.set(month, bits);
      return bits;
    },
  }));
  foldStreak(watched, basis.until, pauses, atMost);
  return {
    until: basis.until,
    members: basis.members.map(({ userId, days }, index) => ({
      userId,
      today: days.today,
      zone: days.zone,
      months: [...(seen[index] ?? [])]
        .toSorted(([a], [b]) => b - a)
        .map(([month, bits]) => ({ month: monthOf(dateOfDay(firstDayOf(month))), days: bits })),
    })),
    pauses: pauses.map(({ from, to }) => ({ from, to })),
  };
}

/** The streak that follows from `facts`, counted up to `atMost`. */
export function replayStreak(facts: StreakFacts, atMost?: number): number {
  const members = facts.members.map(({ today, zone, months }): MemberDays => {
    const bits = new Map(months.map(({ month, days }) => [monthNumber(month), days]));
    return { today, zone, countedIn: (month) => bits.get(month) ?? 0 };
  });
  return foldStreak(members, facts.until, facts.pauses, atMost).current;
}
