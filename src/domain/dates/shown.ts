import type { MemberContext } from "../context.ts";
import { latestOccurrences } from "./recurrence.ts";
import type { ImportantDate } from "./schema.ts";
import { listDoneDays, toImportantDate, type ImportantDateRow } from "./store.ts";

/** How many of a date's last occurrences are asked whether they were celebrated. */
const OCCURRENCES_BACK = 12;

/** `rows` as I see them. However many dates there are, what was done on them is looked up once. */
export function shownDates(ctx: MemberContext, rows: readonly ImportantDateRow[]): ImportantDate[] {
  const past = new Map(rows.map((row) => [row.id, latestOccurrences(row, ctx.today, OCCURRENCES_BACK)]));
  const days = [...new Set([...past.values()].flat())];
  const done = new Set(days.length === 0 ? [] : listDoneDays(ctx.sql, ctx.me.userId, days));
  return rows.map((row) => {
    const lastCelebrated = past.get(row.id)?.find((day) => done.has(day)) ?? null;
    return toImportantDate(row, { today: ctx.today, members: ctx.members, lastCelebrated });
  });
}

export function shownDate(ctx: MemberContext, row: ImportantDateRow): ImportantDate {
  const [shown] = shownDates(ctx, [row]);
  if (shown === undefined) throw new Error("One row is shown as one date");
  return shown;
}
