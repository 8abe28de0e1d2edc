import { addDays, daysBetween } from "../calendar.ts";

/** What one daily challenge asks of everybody who takes part. */
export interface DailyChallenge {
  id: string;
  startDate: string;
  /** The last date for which it asks something; null while it runs. */
  lastDate: string | null;
  /** [first day, day of resuming) each. */
  pauses: readonly (readonly [string, string | null])[];
}

export interface PerfectDaysInput {
  memberIds: readonly string[];
  challenges: readonly DailyChallenge[];
  checkins: readonly { userId: string; date: string }[];
  /** Completed ones only. */
  entries: readonly { challengeId: string; userId: string; date: string }[];
}

function asksOn(challenge: DailyChallenge, date: string): boolean {
  if (date < challenge.startDate || (challenge.lastDate !== null && date > challenge.lastDate)) return false;
  return !challenge.pauses.some(([from, to]) => date >= from && (to === null || date < to));
}

/** What the longest run of perfect days needs of `input`, cut at `atMost` days: the same run follows from it alone. */
export function evidenceOf(input: PerfectDaysInput, atMost: number): PerfectDaysInput {
  const days = new Set(longestRun(input, atMost));
  const entries = input.entries.filter(({ date }) => days.has(date));
  const ids = new Set(entries.map(({ challengeId }) => challengeId));
  return {
    memberIds: input.memberIds,
    challenges: input.challenges.filter(({ id }) => ids.has(id)),
    checkins: input.checkins.filter(({ date }) => days.has(date)),
    entries,
  };
}

/**
 * The longest run of perfect days, cut at `atMost`. A day is perfect when everybody checked in for it, at least one
 * daily challenge asked something, and everybody has a completed entry in every one that did. Domain rule 10.
 */
export function longestPerfectRun(input: PerfectDaysInput, atMost: number): number {
  return longestRun(input, atMost).length;
}

function longestRun(input: PerfectDaysInput, atMost: number): string[] {
  const checkins = new Set(input.checkins.map(({ userId, date }) => `${userId} ${date}`));
  const entries = new Set(input.entries.map(({ challengeId, userId, date }) => `${challengeId} ${userId} ${date}`));
  const isPerfect = (date: string): boolean => {
    const asked = input.challenges.filter((challenge) => asksOn(challenge, date));
    return (
      asked.length > 0 &&
      input.memberIds.every((userId) => {
        return checkins.has(`${userId} ${date}`) && asked.every(({ id }) => entries.has(`${id} ${userId} ${date}`));
      })
    );
  };
  // A perfect day has an entry, so no other days need a look.
  const dates = [...new Set(input.entries.map(({ date }) => date))].filter(isPerfect).toSorted();
  let longest: string[] = [];
  let run: string[] = [];
  for (const date of dates) {
    const previous = run.at(-1);
    run = previous !== undefined && daysBetween(previous, date) === 1 ? [...run, date] : [date];
    if (run.length > longest.length) longest = run;
    if (longest.length >= atMost) return longest;
  }
  return longest;
}

/**
 * The first date that matters after a write: nothing older than `reachDays` can have changed, and a run through a
 * changed day begins at most `runDays` earlier.
 */
export function firstDateToRead(today: string, reachDays: number, runDays: number): string {
  return addDays(today, -(reachDays + runDays));
}
