/** The one clock of a twin: what it was given, plus what the control surface added. Stripe counts whole seconds. */
export class TwinClock {
  readonly #now: () => number;
  #aheadMs = 0;
  #pretended: number | null = null;

  /** @param now UTC epoch milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Milliseconds of the world outside test clocks: deliveries, idempotency keys and rate limits run by it. */
  wallMs(): number {
    return this.#now() + this.#aheadMs;
  }

  /** The given clock alone. Signatures carry it: whoever checks them does not live ahead. */
  trueSeconds(): number {
    return Math.floor(this.#now() / 1_000);
  }

  wallSeconds(): number {
    return Math.floor(this.wallMs() / 1_000);
  }

  /** Seconds, as work sees them that is caught up with: then the moment at which it was due. */
  seconds(): number {
    return this.#pretended ?? this.wallSeconds();
  }

  skip(seconds: number): void {
    this.#aheadMs += seconds * 1_000;
  }

  /** Runs `work` as if it were `seconds`. */
  pretend(seconds: number, work: () => void): void {
    this.#pretended = seconds;
    try {
      work();
    } finally {
      this.#pretended = null;
    }
  }
}

export const HOUR_SECONDS = 3_600;
export const DAY_SECONDS = 86_400;

export interface Interval {
  interval: string;
  interval_count: number;
}

/**
 * `anchor` plus `count` intervals. Months and years keep the day of the anchor, or take the last day of a shorter month.
 * @param anchor UTC epoch seconds
 */
export function addIntervals(anchor: number, { interval, interval_count }: Interval, count: number): number {
  const steps = interval_count * count;
  if (interval === "day") return anchor + steps * DAY_SECONDS;
  if (interval === "week") return anchor + steps * 7 * DAY_SECONDS;
  const months = interval === "year" ? steps * 12 : steps;
  const start = new Date(anchor * 1_000);
  const target = new Date(anchor * 1_000);
  target.setUTCDate(1);
  target.setUTCMonth(target.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(target.getUTCFullYear(), target.getUTCMonth() + 1, 0)).getUTCDate();
  target.setUTCDate(Math.min(start.getUTCDate(), lastDay));
  return Math.floor(target.getTime() / 1_000);
}

/** The interval around `at`, counted from `anchor`. An anchor ahead of `at` ends a first, shorter one that starts now. */
export function periodAround(at: number, anchor: number, interval: Interval): { start: number; end: number } {
  if (anchor > at) return { start: at, end: anchor };
  const rough = Math.floor((at - anchor) / (addIntervals(anchor, interval, 1) - anchor));
  let count = Math.max(1, rough - 1);
  while (addIntervals(anchor, interval, count) <= at) count += 1;
  return { start: addIntervals(anchor, interval, count - 1), end: addIntervals(anchor, interval, count) };
}

export function periodEndAfter(at: number, anchor: number, interval: Interval): number {
  return periodAround(at, anchor, interval).end;
}
