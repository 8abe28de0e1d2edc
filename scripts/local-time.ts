const MINUTE_MS = 60_000;

/**
 * The instant, in epoch milliseconds, at which a wall clock in `zone` shows `date` (YYYY-MM-DD) and `time` (HH:MM). A
 * time that a change of clocks skips becomes the one that is an hour earlier.
 */
export function instantOf(date: string, time: string, zone: string): number {
  const asUtc = Date.parse(`${date}T${time}:00Z`);
  // The offset at the guess may be the one before or after a change of clocks; the second look settles it.
  const guess = asUtc - offsetMs(asUtc, zone);
  return asUtc - offsetMs(guess, zone);
}

function offsetMs(instant: number, zone: string): number {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, value]));
  const part = (name: Intl.DateTimeFormatPartTypes): string => parts.get(name) ?? "";
  const shown = `${part("year")}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}:00Z`;
  return Date.parse(shown) - Math.floor(instant / MINUTE_MS) * MINUTE_MS;
}
