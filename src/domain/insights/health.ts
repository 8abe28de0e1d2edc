import { addDays, daysBetween } from "../calendar.ts";
import type { Pause } from "../checkins/streaks.ts";

/** The version that is answered, flushed and shown when nobody asks for another. */
export const HEALTH_VERSION = 1;
export const HEALTH_WINDOW_DAYS = 30;
/** With fewer days than this the number would say nothing. */
export const HEALTH_MIN_CHECKIN_DAYS = 3;
/** Weights of version 1; of a part without data the others take over the weight in proportion. */
export const HEALTH_WEIGHTS = { connection: 30, satisfaction: 30, consistency: 20, followThrough: 20 } as const;

export type HealthPartName = keyof typeof HEALTH_WEIGHTS;
export const HEALTH_PARTS = ["connection", "satisfaction", "consistency", "followThrough"] as const;

/** The rows behind the score of one date, as both members may see them. */
export interface HealthSources {
  date: string;
  alone: boolean;
  /** The day on which the two became a couple here; null while there is one. */
  pairedDate: string | null;
  pauses: readonly Pause[];
  checkins: readonly { userId: string; date: string; connection: number | null; satisfaction: number | null }[];
  /** Activities and goals that were not cancelled and fell due in the window. */
  due: readonly { kind: "activity" | "goal"; id: string; dueDate: string; completed: boolean }[];
}

/** What the formula counts. Sums and counts instead of means, so that nothing is rounded on the way. */
export interface HealthInputs {
  alone: boolean;
  /** Days of the window with a check-in of either. */
  checkinDays: number;
  connectionSum: number;
  connectionCount: number;
  satisfactionSum: number;
  satisfactionCount: number;
  /** Days of the window on which both checked in. */
  bothDays: number;
  /** Days since pairing, that day included, without the paused ones; at least 1 and at most the window. */
  possibleDays: number;
  dueCount: number;
  completedCount: number;
}

export interface HealthPart {
  name: HealthPartName;
  weight: number;
  /** 0 to 100; null without data. */
  value: number | null;
}

export interface HealthScore {
  version: number;
  score: number | null;
  /** Why there is no number. */
  reason: "alone" | "too_few_days" | null;
  parts: HealthPart[];
}

/** Counts the inputs of domain rule 12 from its rows. */
export function healthInputs(sources: HealthSources): HealthInputs {
  const byDate = Map.groupBy(sources.checkins, ({ date }) => date);
  const scores = (of: "connection" | "satisfaction") => sources.checkins.flatMap((row) => row[of] ?? []);
  const [connection, satisfaction] = [scores("connection"), scores("satisfaction")];
  return {
    alone: sources.alone,
    checkinDays: byDate.size,
    connectionSum: sum(connection),
    connectionCount: connection.length,
    satisfactionSum: sum(satisfaction),
    satisfactionCount: satisfaction.length,
    bothDays: [...byDate.values()].filter((rows) => rows.length > 1).length,
    possibleDays: possibleDays(sources),
    dueCount: sources.due.length,
    completedCount: sources.due.filter(({ completed }) => completed).length,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function possibleDays({ date, pairedDate, pauses }: HealthSources): number {
  const days = pairedDate === null ? 0 : daysBetween(pairedDate, date) + 1;
  let paused = 0;
  for (const pause of pauses) {
    const from = pairedDate !== null && pause.from < pairedDate ? pairedDate : pause.from;
    const to = pause.to === null || pause.to > date ? date : pause.to;
    paused += Math.max(0, daysBetween(from, addDays(to, 1)));
  }
  return Math.max(1, Math.min(HEALTH_WINDOW_DAYS, days - paused));
}

/** A share of the whole as a fraction, 0 to 1; null without data. */
type Fraction = readonly [part: number, whole: number] | null;

/** Domain rule 12. */
function healthV1(inputs: HealthInputs): HealthScore {
  const fractions: Record<HealthPartName, Fraction> = {
    connection: scoreFraction(inputs.connectionSum, inputs.connectionCount),
    satisfaction: scoreFraction(inputs.satisfactionSum, inputs.satisfactionCount),
    consistency: [Math.min(inputs.bothDays, inputs.possibleDays), inputs.possibleDays],
    followThrough: inputs.dueCount === 0 ? null : [inputs.completedCount, inputs.dueCount],
  };
  const parts = HEALTH_PARTS.map((name): HealthPart => {
    const fraction = fractions[name];
    const value = fraction === null ? null : (fraction[0] / fraction[1]) * 100;
    return { name, weight: HEALTH_WEIGHTS[name], value };
  });
  const reason = inputs.alone ? "alone" : inputs.checkinDays < HEALTH_MIN_CHECKIN_DAYS ? "too_few_days" : null;
  const weighed = HEALTH_PARTS.flatMap((name) => {
    const fraction = fractions[name];
    return fraction === null ? [] : [{ weight: HEALTH_WEIGHTS[name], fraction }];
  });
  return { version: 1, score: reason === null ? weighedMean(weighed) : null, reason, parts };
}

/** The mean of scores from 1 to 10 as a share of the way from 1 to 10. */
function scoreFraction(total: number, count: number): Fraction {
  return count === 0 ? null : [total - count, 9 * count];
}

/** 100 × the weighed mean, rounded half up once. In whole numbers, since a half must be a half on every machine. */
function weighedMean(parts: readonly { weight: number; fraction: readonly [number, number] }[]): number {
  let [numerator, denominator] = [0n, 1n];
  for (const { weight, fraction } of parts) {
    const [part, whole] = [BigInt(weight * fraction[0]), BigInt(fraction[1])];
    numerator = numerator * whole + part * denominator;
    denominator *= whole;
  }
  numerator *= 100n;
  denominator *= BigInt(sum(parts.map(({ weight }) => weight)));
  return Number((2n * numerator + denominator) / (2n * denominator));
}

/** Version -> formula. One that was ever answered stays, so that every number can be had again. */
export const HEALTH_FORMULAS: Readonly<Record<number, (inputs: HealthInputs) => HealthScore>> = { 1: healthV1 };
