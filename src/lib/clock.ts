// Zero but on a development server that plays a year in a minute.
let aheadMs = 0;

/** The one source of time, in epoch milliseconds. Rules and stores never read it: they are given `now`. */
export function now(): number {
  return Date.now() + aheadMs;
}

/** Development only: from now on everything here lives `ms` later than it is. Only forwards makes sense. */
export function liveAhead(ms: number): void {
  aheadMs = ms;
}

/** `time` as the platform's alarms count it; they follow no clock of ours. */
export function toPlatformTime(time: number): number {
  return time - aheadMs;
}

/** A time of the platform's alarms as our clock shows it. */
export function fromPlatformTime(time: number): number {
  return time + aheadMs;
}
