import type { Contestant, Pair } from "./contestants.ts";
import { median, percentile } from "./statistics.ts";

/** What one contestant did in one round. */
export interface Measurement {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  cpuMicrosPerOp: number;
}

/**
 * Lets every first member of `pairs` send `framesOf()` with at most `depth` unanswered, until each result is with its
 * sender and each piece of news with the partner.
 * @param opsPerFrame commands in one frame
 */
export async function load(
  contestant: Contestant,
  pairs: readonly Pair[],
  depth: number,
  framesOf: () => string[],
  opsPerFrame = 1,
): Promise<Measurement> {
  const work = pairs.map(([sender, partner]) => ({ sender, partner, frames: framesOf(), newsBefore: partner.news }));
  const cpuBefore = contestant.host.cpuMs();
  const startedAt = performance.now();
  const latencies = await Promise.all(
    work.map(async ({ sender, partner, frames, newsBefore }) => {
      const measured = await sender.pump(frames, depth);
      await partner.untilNews(newsBefore + frames.length);
      return measured;
    }),
  );
  const elapsedMs = performance.now() - startedAt;
  const cpu = contestant.host.cpuMs() - cpuBefore;
  const ops = work.reduce((total, { frames }) => total + frames.length * opsPerFrame, 0);
  const all = latencies.flat();
  return {
    perSecond: (ops / elapsedMs) * 1_000,
    p50Ms: percentile(all, 0.5),
    p99Ms: percentile(all, 0.99),
    cpuMicrosPerOp: (cpu / ops) * 1_000,
  };
}

/**
 * Runs `measure` for each contestant in turn, `rounds` times with the order reversed each time, so that a machine that
 * grows slower or faster meanwhile treats all alike. A round before the first warms up and is not counted.
 */
export async function interleave<C, M>(
  contestants: readonly C[],
  rounds: number,
  measure: (contestant: C) => Promise<M>,
): Promise<Map<C, M[]>> {
  const results = new Map(contestants.map((contestant): [C, M[]] => [contestant, []]));
  for (let round = 0; round <= rounds; round++) {
    const order = round % 2 === 0 ? contestants : contestants.toReversed();
    for (const contestant of order) {
      const measured = await measure(contestant);
      if (round > 0) results.get(contestant)?.push(measured);
    }
  }
  return results;
}

/** Median over the rounds of one number of a measurement. */
export function medianOf<M>(rounds: readonly M[] | undefined, value: (measured: M) => number): number {
  return median((rounds ?? []).map(value));
}

/** Median over the rounds of `value` of one contestant divided by that of another in the same round. */
export function ratioOf<M>(
  rounds: readonly M[] | undefined,
  against: readonly M[] | undefined,
  value: (measured: M) => number,
): number {
  const ratios = (rounds ?? []).flatMap((measured, index) => {
    const other = against?.[index];
    return other === undefined ? [] : [value(measured) / value(other)];
  });
  return median(ratios);
}
