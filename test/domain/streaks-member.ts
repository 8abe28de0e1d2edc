import type { MemberDays } from "../../src/domain/checkins/streaks.ts";

/** A member with exactly `dates` counted, as the fold reads them. */
export function member(today: string, dates: Iterable<string>, zone = "UTC"): MemberDays {
  const months = new Map<number, number>();
  for (const date of dates) {
    const month = Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1;
    months.set(month, (months.get(month) ?? 0) | (1 << (Number(date.slice(8)) - 1)));
  }
  return { today, zone, countedIn: (month) => months.get(month) ?? 0 };
}
