/** A failed assertion is a bug of ours, never a caller's mistake: it ends the request as `internal`. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Assertion failed: ${message}`);
}
