/**
 * Longer than any of the guarded answers takes on its own: a password hash and half a dozen D1 statements. What an
 * address's owner knows, and nobody else may, is which of the two it would have been.
 */
export const ANSWER_FLOOR_MS = 400;

/** Gives the result, or the failure, of `work` not before `floorMs` have passed. */
export async function notBefore<Result>(floorMs: number, work: Promise<Result>): Promise<Result> {
  const floor = new Promise<void>((resolve) => setTimeout(resolve, floorMs));
  const [outcome] = await Promise.allSettled([work, floor]);
  if (outcome.status === "rejected") throw outcome.reason;
  return outcome.value;
}
