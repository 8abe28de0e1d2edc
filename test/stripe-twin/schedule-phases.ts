import * as z from "zod";
import { addIntervals } from "./clock.ts";
import { invalid } from "./errors.ts";
import { int, list, mergeMetadata, metadata, natural, oneOf, text } from "./params.ts";
import { priceOf } from "./prices.ts";
import type { SchedulePhaseRow, ScheduleRow, SubscriptionRow } from "./rows.ts";
import { rhythmOf, type ItemChange } from "./subscription-change.ts";
import { proration } from "./subscription-params.ts";
import { now, requireRow, type World } from "./world.ts";

export const phase = z.strictObject({
  duration: z
    .strictObject({ interval: oneOf("day", "week", "month", "year"), interval_count: int().optional() })
    .optional(),
  end_date: int().optional(),
  items: list(z.strictObject({ price: text(), quantity: natural().optional(), metadata: metadata().optional() })),
  metadata: metadata().optional(),
  proration_behavior: proration().optional(),
  start_date: z.union([z.literal("now"), int()]).optional(),
});
type PhaseParam = z.output<typeof phase>;

export function phaseRow(
  currency: string,
  items: { price: string; quantity: number }[],
  start: number,
  end: number,
  behavior: SchedulePhaseRow["proration_behavior"],
  words: Record<string, string>,
): SchedulePhaseRow {
  return {
    add_invoice_items: [],
    application_fee_percent: null,
    billing_cycle_anchor: null,
    billing_thresholds: null,
    collection_method: null,
    currency,
    default_payment_method: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    end_date: end,
    invoice_settings: null,
    items: items.map(({ price, quantity }) => ({
      billing_thresholds: null,
      discounts: [],
      metadata: {},
      plan: price,
      price,
      quantity,
      tax_rates: [],
    })),
    metadata: words,
    on_behalf_of: null,
    proration_behavior: behavior,
    start_date: start,
    transfer_data: null,
    trial_end: null,
  };
}

/** The phases of a parameter, each of which starts where the one before it ends. */
export function phasesOf(world: World, schedule: ScheduleRow, given: readonly PhaseParam[]): SchedulePhaseRow[] {
  if (given.length === 0) throw invalid("A schedule needs at least one phase.", { param: "phases" });
  const at = now(world, schedule.test_clock);
  let cursor = schedule.current_phase?.start_date ?? at;
  return given.map((entry, index) => {
    const items = entry.items.map((item, position) => ({
      price: priceOf(world, item, `phases[${index}][items][${position}]`),
      quantity: item.quantity ?? 1,
    }));
    const [first] = items;
    if (first === undefined) throw invalid("A phase needs items.", { param: `phases[${index}][items]` });
    const start = entry.start_date === "now" ? at : (entry.start_date ?? cursor);
    if (index > 0 && start !== cursor) {
      throw invalid("A phase must start where the one before it ends.", { param: `phases[${index}][start_date]` });
    }
    const span = { ...rhythmOf(first.price), ...withCount(entry.duration) };
    const end = entry.end_date ?? addIntervals(start, span, 1);
    if (end <= start) throw invalid("A phase must end after it starts.", { param: `phases[${index}][end_date]` });
    cursor = end;
    const plain = items.map(({ price, quantity }) => ({ price: price.id, quantity }));
    const behavior = entry.proration_behavior ?? "create_prorations";
    return phaseRow(first.price.currency, plain, start, end, behavior, mergeMetadata(null, entry.metadata));
  });
}

function withCount(duration: PhaseParam["duration"]): object {
  return duration === undefined ? {} : { interval: duration.interval, interval_count: duration.interval_count ?? 1 };
}

/** What makes the items of a subscription those of a phase. */
export function itemChanges(world: World, row: SubscriptionRow, current: SchedulePhaseRow): ItemChange[] {
  const free = [...row.items.data];
  const changes: ItemChange[] = [];
  const unmatched = current.items.filter((wanted) => {
    const at = free.findIndex((item) => item.price.id === wanted.price);
    const [item] = at === -1 ? [] : free.splice(at, 1);
    if (item === undefined) return true;
    if (item.quantity !== (wanted.quantity ?? 1)) changes.push({ id: item.id, quantity: wanted.quantity ?? 1 });
    return false;
  });
  for (const wanted of unmatched) {
    const item = free.shift();
    const price = requireRow(world.store.prices, wanted.price, "price");
    changes.push({ ...(item === undefined ? {} : { id: item.id }), price, quantity: wanted.quantity ?? 1 });
  }
  return [...changes, ...free.map((item) => ({ id: item.id, deleted: true }))];
}
