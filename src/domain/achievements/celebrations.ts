import type { Context } from "../context.ts";
import { monthDays, occursOn, stepDays, type Recurrence } from "../dates/recurrence.ts";
import { listCountedDates, listDoneDatesInSteps, listDoneDatesOn } from "./metric-store.ts";

/** An important date that was celebrated: something was done on the day of one of its occurrences. */
export interface Celebration {
  /** The day of an activity that was completed. */
  doneDate: string;
  rule: Recurrence;
}

/** Celebrations that the couple may count, at most `atMost`. */
export function listCelebrations(ctx: Context, atMost: number): Celebration[] {
  const rules = listCountedDates(ctx.sql, ctx.solo);
  if (rules.length === 0) return [];
  const days = new Set(rules.flatMap((rule) => monthDays(rule) ?? []));
  const found = celebrated(rules, listDoneDatesOn(ctx.sql, [...days], ctx.solo));
  if (found.length >= atMost) return found.slice(0, atMost);
  const stepped = rules.flatMap((rule) => {
    const step = stepDays(rule);
    return step === null ? [] : [{ date: rule.date, stepDays: step }];
  });
  if (stepped.length === 0) return found;
  const known = new Set(found.map(({ doneDate }) => doneDate));
  const more = listDoneDatesInSteps(ctx.sql, stepped, ctx.solo, atMost).filter((date) => !known.has(date));
  return [...found, ...celebrated(rules, more)].slice(0, atMost);
}

function celebrated(rules: readonly Recurrence[], doneDates: readonly string[]): Celebration[] {
  return doneDates.flatMap((doneDate) => {
    const rule = rules.find((each) => occursOn(each, doneDate));
    return rule === undefined ? [] : [{ doneDate, rule }];
  });
}
