import type Stripe from "stripe";
import * as z from "zod";
import { endpoint, page, type Endpoint } from "./endpoint.ts";
import { invalid } from "./errors.ts";
import { newId } from "./ids.ts";
import { bool, list, mergeMetadata, metadata, oneOf, paging, params, text } from "./params.ts";
import type { ScheduleRow, SubscriptionRow } from "./rows.ts";
import { itemChanges, phase, phaseRow, phasesOf } from "./schedule-phases.ts";
import { planChange } from "./subscription-change.ts";
import { endSubscription } from "./subscription-life.ts";
import { proration } from "./subscription-params.ts";
import { adoptPlan, billPlan } from "./subscription-update.ts";
import { change, emit, now, requireRow, type World } from "./world.ts";

export const scheduleEndpoints: Endpoint[] = [
  endpoint(
    "POST",
    "/v1/subscription_schedules",
    // A schedule here always takes over a subscription that runs.
    params<Stripe.SubscriptionScheduleCreateParams>()({ from_subscription: text(), metadata: metadata().optional() }),
    (world, input) => {
      const row = requireRow(world.store.subscriptions, input.from_subscription, "from_subscription");
      if (row.status === "canceled" || row.status.startsWith("incomplete")) {
        throw invalid(`You cannot migrate a subscription that is ${row.status}.`, { param: "from_subscription" });
      }
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
