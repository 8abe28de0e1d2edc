const DAY_MS = 86_400_000;

/** `days` after `date` (`YYYY-MM-DD`); negative is before. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);
}

/** The dates from `first`, `count` of them. */
export function datesFrom(first: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => addDays(first, index));
}

const DAY = new Intl.DateTimeFormat("en", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });

/** `Mon, Jun 15`, without a look at anybody's clock. */
export function shownDay(date: string): string {
  return DAY.format(Date.parse(date));
}

/** The wall clock of `timezone` at `now`, such as `21:04`. */
export function shownTime(now: number, timezone: string): string {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: timezone }).format(now);
}

/** `Europe/Lisbon` as people say it. */
export function placeOf(timezone: string): string {
  return (timezone.split("/").at(-1) ?? timezone).replaceAll("_", " ");
}
