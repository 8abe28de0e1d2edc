/** The one source of time, in epoch milliseconds. Rules and stores never read it: they are given `now`. */
export function now(): number {
  return Date.now();
}
