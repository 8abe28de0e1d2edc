import type Stripe from "stripe";
import * as z from "zod";
import { addIntervals } from "./clock.ts";
import { endpoint, page, type Endpoint } from "./endpoint.ts";
import { invalid } from "./errors.ts";
import { newId } from "./ids.ts";
import { bool, int, list, mergeMetadata, metadata, natural, oneOf, paging, params, text } from "./params.ts";
import { priceOf } from "./prices.ts";
import type { SchedulePhaseRow, ScheduleRow, SubscriptionRow } from "./rows.ts";
import { planChange, rhythmOf, type ItemChange } from "./subscription-change.ts";
import { endSubscription } from "./subscription-life.ts";
import { proration } from "./subscription-params.ts";
import { adoptPlan, billPlan } from "./subscription-update.ts";
import { change, emit, now, requireRow, type World } from "./world.ts";

const phase = z.strictObject({
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

export const scheduleEndpoints: Endpoint[] = [
  endpoint(
    "POST",
    "/v1/subscription_schedules",
    // A schedule here always takes over a subscription that runs.
    params<Stripe.SubscriptionScheduleCreateParams>()({ from_subscription: text(), metadata: metadata().optional() }),
    (world, input) => {
      const row = requireRow(world.store.subscriptions, input.from_subscription, "from_subscription");
      if (row.schedule !== null) {
        throw invalid("You cannot migrate a subscription that is already attached to a schedule.", {
          param: "from_subscription",
        });
      }
      return take(world, row, mergeMetadata(null, input.metadata));
    },
  ),
  endpoint(
    "GET",
    "/v1/subscription_schedules",
    params<Stripe.SubscriptionScheduleListParams>()({ ...paging, customer: text().optional() }),
    (world, input) => {
      const found = world.store.schedules
        .newest()
        .filter((row) => input.customer === undefined || row.customer === input.customer);
      return page(found, input, "/v1/subscription_schedules");
    },
  ),
  endpoint("GET", "/v1/subscription_schedules/:id", z.strictObject({}), (world, _input, id) =>
    requireRow(world.store.schedules, id),
  ),
  endpoint(
    "POST",
    "/v1/subscription_schedules/:id",
    params<Stripe.SubscriptionScheduleUpdateParams>()({
      end_behavior: oneOf("cancel", "release").optional(),
      metadata: metadata().optional(),
      phases: list(phase).optional(),
      proration_behavior: proration().optional(),
    }),
    (world, input, id) => {
      const schedule = requireRow(world.store.schedules, id);
      requireActive(schedule, "update");
      const phases = input.phases === undefined ? null : phasesOf(world, schedule, input.phases);
      change(world, "subscription_schedule.updated", schedule, () => {
        if (input.end_behavior !== undefined) schedule.end_behavior = input.end_behavior;
        schedule.metadata = mergeMetadata(schedule.metadata, input.metadata);
        if (phases === null) return;
        schedule.phases = phases;
        const at = now(world, schedule.test_clock);
        const current = phases.find((entry) => entry.start_date <= at && at < entry.end_date);
        schedule.current_phase =
          current === undefined ? null : { start_date: current.start_date, end_date: current.end_date };
      });
      enter(world, schedule);
      return schedule;
    },
  ),
  endpoint(
    "POST",
    "/v1/subscription_schedules/:id/release",
    params<Stripe.SubscriptionScheduleReleaseParams>()({ preserve_cancel_date: bool().optional() }),
    (world, _input, id) => {
      const schedule = requireRow(world.store.schedules, id);
      requireActive(schedule, "release");
      release(world, schedule);
      return schedule;
    },
  ),
  endpoint(
    "POST",
    "/v1/subscription_schedules/:id/cancel",
    params<Stripe.SubscriptionScheduleCancelParams>()({ invoice_now: bool().optional(), prorate: bool().optional() }),
    (world, _input, id) => {
      const schedule = requireRow(world.store.schedules, id);
      requireActive(schedule, "cancel");
      const row = world.store.subscriptions.find(schedule.subscription);
      if (row !== null) endSubscription(world, row, "cancellation_requested");
      return schedule;
    },
  ),
];

function requireActive(schedule: ScheduleRow, verb: string): void {
  if (schedule.status === "active") return;
  throw invalid(`You cannot ${verb} a subscription schedule that is currently in the \`${schedule.status}\` status.`);
}

function take(world: World, row: SubscriptionRow, words: Record<string, string>): ScheduleRow {
  const start = Math.min(...row.items.data.map((item) => item.current_period_start));
  const end = Math.min(...row.items.data.map((item) => item.current_period_end));
  const items = row.items.data.map((item) => ({ price: item.price.id, quantity: item.quantity }));
  const schedule = world.store.schedules.add({
    id: newId("sub_sched"),
    object: "subscription_schedule",
    application: null,
    billing_mode: { flexible: { proration_discounts: "included" }, type: "flexible" },
    canceled_at: null,
    completed_at: null,
    created: now(world, row.test_clock),
    current_phase: { start_date: start, end_date: end },
    customer: row.customer,
    customer_account: null,
    default_settings: {
      application_fee_percent: null,
      billing_cycle_anchor: "automatic",
      billing_thresholds: null,
      collection_method: "charge_automatically",
      default_payment_method: null,
      description: null,
      invoice_settings: {
        account_tax_ids: null,
        custom_fields: null,
        days_until_due: null,
        description: null,
        footer: null,
        issuer: { type: "self" },
      },
      on_behalf_of: null,
      transfer_data: null,
    },
    end_behavior: "release",
    livemode: false,
    metadata: words,
    pause_schedules: [],
    phases: [phaseRow(row.currency, items, start, end, "create_prorations", {})],
    released_at: null,
    released_subscription: null,
    status: "active",
    subscription: row.id,
    test_clock: row.test_clock,
  });
  emit(world, "subscription_schedule.created", schedule);
  change(world, "customer.subscription.updated", row, () => {
    row.schedule = schedule.id;
  });
  return schedule;
}

function phaseRow(
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

function phasesOf(world: World, schedule: ScheduleRow, given: readonly PhaseParam[]): SchedulePhaseRow[] {
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

/** The end of a phase: the next one, or what comes after the last. */
export function advanceSchedule(world: World, schedule: ScheduleRow): void {
  const at = now(world, schedule.test_clock);
  const next = schedule.phases.find((entry) => entry.start_date <= at && at < entry.end_date);
  if (next !== undefined) {
    change(world, "subscription_schedule.updated", schedule, () => {
      schedule.current_phase = { start_date: next.start_date, end_date: next.end_date };
    });
    enter(world, schedule);
    return;
  }
  const row = world.store.subscriptions.find(schedule.subscription);
  if (schedule.end_behavior === "cancel" && row !== null) {
    schedule.status = "completed";
    schedule.completed_at = at;
    endSubscription(world, row, "cancellation_requested");
    emit(world, "subscription_schedule.completed", schedule);
  } else {
    release(world, schedule);
  }
}

function release(world: World, schedule: ScheduleRow): void {
  schedule.status = "released";
  schedule.released_at = now(world, schedule.test_clock);
  schedule.released_subscription = schedule.subscription;
  const row = world.store.subscriptions.find(schedule.subscription);
  schedule.subscription = null;
  schedule.current_phase = null;
  if (row !== null) {
    change(world, "customer.subscription.updated", row, () => {
      row.schedule = null;
    });
  }
  emit(world, "subscription_schedule.released", schedule);
}

/** Makes the subscription what its current phase says. */
function enter(world: World, schedule: ScheduleRow): void {
  const row = world.store.subscriptions.find(schedule.subscription);
  const current = schedule.phases.find((entry) => entry.start_date === schedule.current_phase?.start_date);
  if (row === null || current === undefined) return;
  const items = itemChanges(world, row, current);
  if (items.length === 0) return;
  const at = now(world, row.test_clock);
  // Where a period ends anyway, the renewal that follows bills the new prices: there is nothing to prorate.
  const atEnd = row.items.data.every((item) => item.current_period_end === at);
  if (atEnd) {
    const quiet = planChange(
      world,
      { ...row, status: "trialing" },
      { items, proration: "none", at, anchorNow: false, trialEnd: null },
    );
    change(world, "customer.subscription.updated", row, () => {
      row.items.data = quiet.items.map((item) => {
        const start = row.items.data.find((old) => old.id === item.id)?.current_period_start ?? at;
        return { ...item, current_period_start: start, current_period_end: at };
      });
    });
    return;
  }
  const plan = planChange(world, row, {
    items,
    proration: current.proration_behavior as "always_invoice" | "create_prorations" | "none",
    at,
    anchorNow: false,
    trialEnd: null,
  });
  change(world, "customer.subscription.updated", row, () => adoptPlan(world, row, plan));
  billPlan(world, row, plan, { prorationDate: at, behavior: "allow_incomplete" });
}

function itemChanges(world: World, row: SubscriptionRow, current: SchedulePhaseRow): ItemChange[] {
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
