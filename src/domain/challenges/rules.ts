import { AppError } from "../../protocol/errors.ts";
import { addDays, daysBetween } from "../calendar.ts";
import type { Moves } from "../transitions.ts";
import type { ChallengeTemplate } from "./catalogue.ts";
import type { ParticipationStatus, Progress } from "./schema.ts";

/** Completed and abandoned are final; to try again is a new participation. */
export const PARTICIPATION_MOVES: Moves<ParticipationStatus> = {
  active: ["paused", "completed", "abandoned"],
  paused: ["active", "completed", "abandoned"],
  completed: [],
  abandoned: [],
};

const START_BACK_DAYS = 2;
const START_AHEAD_DAYS = 7;

type Measure = Pick<ChallengeTemplate, "cadence" | "days">;

/** How many days one unit of a challenge has; within a unit one completed entry is enough. */
export function unitDays({ cadence, days }: Measure): number {
  switch (cadence) {
    case "daily":
      return 1;
    case "weekly":
      return 7;
    case "monthly":
      return 30;
    case "milestone":
      return days;
  }
}

/** How many units each member is to complete. Domain rule 9. */
export function expectedUnits(challenge: Measure): number {
  return Math.ceil(challenge.days / unitDays(challenge));
}

/** In how many units, from the start on, `dates` lie; unit k is days k·n to k·n+n−1 from the start. */
export function unitsDone(challenge: Measure, startDate: string, dates: readonly string[]): number {
  const length = unitDays(challenge);
  const units = new Set<number>();
  for (const date of dates) {
    if (date >= startDate) units.add(Math.floor(daysBetween(startDate, date) / length));
  }
  return Math.min(units.size, expectedUnits(challenge));
}

/**
 * Percentages of what `members` did, rounded half up; 100 only where everything is done.
 * @param members each with `done` units, 0 to expected
 */
export function progressOf(challenge: Measure, members: readonly { userId: string; done: number }[]): Progress {
  const expected = expectedUnits(challenge);
  const share = members.reduce((sum, { done }) => sum + done / expected, 0) / Math.max(1, members.length);
  const isComplete = members.length > 0 && members.every(({ done }) => done >= expected);
  return {
    couple: isComplete ? 100 : percent(share),
    isComplete,
    members: members.map(({ userId, done }) => {
      return { userId, done, expected, percent: done >= expected ? 100 : percent(done / expected) };
    }),
  };
}

function percent(share: number): number {
  return Math.min(99, Math.round(share * 100));
}

/** @throws AppError `invalid_input` for a start outside of the days around the member's own today */
export function requireStartDate(date: string | undefined, today: string): string {
  const startDate = date ?? today;
  const ahead = daysBetween(today, startDate);
  if (ahead >= -START_BACK_DAYS && ahead <= START_AHEAD_DAYS) return startDate;
  const message = `Must be at most ${START_BACK_DAYS} days ago and ${START_AHEAD_DAYS} days ahead`;
  throw new AppError("invalid_input", "The challenge cannot start then", { issues: [{ path: "startDate", message }] });
}

/** @throws AppError `invalid_input` for an entry of a day before the challenge began */
export function requireNotBeforeStart(date: string, startDate: string): void {
  if (date >= startDate) return;
  const message = "Must not be before the challenge's start";
  throw new AppError("invalid_input", "The challenge had not begun", { issues: [{ path: "date", message }] });
}

/** The target date after a pause from `pausedDate` to `resumedDate`; a clock further west cannot pull it in. */
export function shiftedTarget(targetDate: string, pausedDate: string, resumedDate: string): string {
  return addDays(targetDate, Math.max(0, daysBetween(pausedDate, resumedDate)));
}
