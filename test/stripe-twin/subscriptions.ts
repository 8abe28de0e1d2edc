import type Stripe from "stripe";
import type * as z from "zod";
import { attachCard } from "./cards.ts";
import { DAY_SECONDS } from "./clock.ts";
import { redeem, requireOffer, type DiscountParam } from "./discounts.ts";
import { endpoint, page, type Endpoint } from "./endpoint.ts";
import { invalid } from "./errors.ts";
import { isWithin, mergeMetadata, params } from "./params.ts";
import { priceOf } from "./prices.ts";
import type { InvoiceRow, SubscriptionRow } from "./rows.ts";
import { planChange, type SubscriptionChange } from "./subscription-change.ts";
import {
  cardOf,
  createSubscription,
  endSubscription,
  expireIncomplete,
  requirePayingCard,
} from "./subscription-life.ts";
import * as schema from "./subscription-params.ts";
import { awaitPayment } from "./pending-updates.ts";
import { refusalByCard } from "./payments.ts";
import { pauseSubscription, resumeSubscription, settleCancellation } from "./subscription-pause.ts";
import { adoptPlan, billPlan } from "./subscription-update.ts";
import { change, now, requireRow, type World } from "./world.ts";

export const subscriptionEndpoints: Endpoint[] = [
  endpoint("POST", "/v1/subscriptions", schema.createParams, create),
  endpoint("GET", "/v1/subscriptions", schema.listParams, (world, input) => {
    const found = world.store.subscriptions.newest().filter((row) => matches(row, input));
    return page(found, input, "/v1/subscriptions");
  }),
  endpoint("GET", "/v1/subscriptions/:id", params<Stripe.SubscriptionRetrieveParams>()({}), (world, _input, id) =>
    requireRow(world.store.subscriptions, id),
  ),
  endpoint("POST", "/v1/subscriptions/:id", schema.updateParams, (world, input, id) => {
    const row = requireRow(world.store.subscriptions, id);
    update(world, row, input);
    return row;
  }),
  endpoint("DELETE", "/v1/subscriptions/:id", schema.cancelParams, (world, input, id) => {
    const row = requireRow(world.store.subscriptions, id);
    if (row.status === "incomplete") {
      expireIncomplete(world, row);
      return row;
    }
    requireLive(row, id);
    row.cancellation_details = { ...noDetails(row), ...nullsFor(input.cancellation_details) };
    settleCancellation(world, row, { prorate: input.prorate ?? false, invoiceNow: input.invoice_now ?? false });
    endSubscription(world, row, "cancellation_requested");
    return row;
  }),
  endpoint("POST", "/v1/subscriptions/:id/pause", schema.pauseParams, (world, _input, id) => {
    const row = requireRow(world.store.subscriptions, id);
    if (row.status !== "active") throw invalid("Only active subscriptions can be paused.");
    pauseSubscription(world, row);
    return row;
  }),
  endpoint("POST", "/v1/subscriptions/:id/resume", schema.resumeParams, (world, input, id) => {
    const row = requireRow(world.store.subscriptions, id);
    if (row.status !== "paused") throw invalid("Only paused subscriptions can be resumed.");
    resumeSubscription(world, row, input.billing_cycle_anchor?.type !== "unchanged");
    return row;
  }),
];

function create(world: World, input: z.output<typeof schema.createParams>): SubscriptionRow {
  const customer = requireRow(world.store.customers, input.customer, "customer");
  const at = now(world, customer.test_clock);
  const items = input.items.map((item, index) => ({
    price: priceOf(world, item, `items[${index}]`),
    quantity: item.quantity ?? 1,
    metadata: mergeMetadata(null, item.metadata),
  }));
  if (input.trial_end !== undefined && input.trial_period_days !== undefined) {
    throw invalid("You may only specify one of these parameters: trial_end, trial_period_days.");
  }
  const amount = items.reduce((sum, item) => sum + (item.price.unit_amount ?? 0) * item.quantity, 0);
  const card = input.default_payment_method;
  const behavior = input.payment_behavior ?? "allow_incomplete";
  if (behavior === "pending_if_incomplete") throw invalid("Invalid payment_behavior", { param: "payment_behavior" });
  const days = input.trial_period_days ?? 0;
  return createSubscription(world, {
    customer: customer.id,
    items,
    extras: [],
    metadata: mergeMetadata(null, input.metadata),
    trialEnd: typeof input.trial_end === "number" ? input.trial_end : days > 0 ? at + days * DAY_SECONDS : null,
    missingCard: input.trial_settings?.end_behavior.missing_payment_method ?? "create_invoice",
    offers: offersOf(world, input.discounts ?? [], customer.id, amount),
    session: null,
    card: card === undefined ? null : attachCard(world, card, customer).id,
    automaticTax: input.automatic_tax?.enabled ?? false,
    description: input.description ?? null,
    anchor: input.billing_cycle_anchor ?? null,
    cancelAt: input.cancel_at ?? null,
    cancelAtPeriodEnd: input.cancel_at_period_end ?? false,
    behavior,
  });
}

function offersOf(world: World, given: readonly DiscountParam[], customer: string, amount: number) {
  return given.map((entry) => requireOffer(world, entry, customer, amount));
}

function matches(row: SubscriptionRow, input: z.output<typeof schema.listParams>): boolean {
  const [item] = row.items.data;
  return (
    ofStatus(row, input.status) &&
    (input.customer === undefined || row.customer === input.customer) &&
    (input.price === undefined || row.items.data.some((entry) => entry.price.id === input.price)) &&
    (input.test_clock === undefined || row.test_clock === input.test_clock) &&
    isWithin(row.created, input.created) &&
    isWithin(item?.current_period_end ?? 0, input.current_period_end) &&
    isWithin(item?.current_period_start ?? 0, input.current_period_start)
  );
}

// Without a status, Stripe leaves out those that are cancelled.
function ofStatus(row: SubscriptionRow, status: string | undefined): boolean {
  if (status === "all") return true;
  if (status === undefined) return row.status !== "canceled";
  if (status === "ended") return row.status === "canceled" || row.status === "incomplete_expired";
  return row.status === status;
}

function requireLive(row: SubscriptionRow, id: string): void {
  if (row.status !== "canceled" && row.status !== "incomplete_expired") return;
  throw invalid(`No such subscription: '${id}'`, { code: "resource_missing", param: "id" });
}

type Update = z.output<typeof schema.updateParams>;

function update(world: World, row: SubscriptionRow, input: Update): void {
  if (row.status === "canceled" || row.status === "incomplete_expired") {
    const onlyWords = Object.keys(input).every((key) => key === "metadata" || key === "cancellation_details");
    if (!onlyWords) throw invalid("A canceled subscription can only update its cancellation_details and metadata.");
  }
  const wanted = changeOf(world, row, input);
  const plan = wanted === null ? null : planChange(world, row, wanted);
  const behavior = input.payment_behavior ?? "allow_incomplete";
  const pays = plan?.invoiceNow === true && plan.lines.reduce((sum, line) => sum + line.amount, 0) > 0;
  if (pays && behavior === "error_if_incomplete") requirePayingCard(world, row);
  if (pays && behavior === "pending_if_incomplete" && refusalByCard(world, cardOf(world, row)) !== null) {
    const later = (invoice: InvoiceRow) => awaitPayment(world, row, plan, invoice);
    billPlan(world, row, plan, { prorationDate: wanted?.at ?? 0, behavior, later });
    return;
  }
  change(world, "customer.subscription.updated", row, () => {
    applyWords(world, row, input);
    if (plan !== null) adoptPlan(world, row, plan);
    applyEnd(world, row, input);
  });
  if (plan !== null && wanted !== null) billPlan(world, row, plan, { prorationDate: wanted.at, behavior });
}

/** What the parameters ask of items, cycle and trial; null when they ask nothing of them. */
export function changeOf(
  world: World,
  row: SubscriptionRow,
  input: Pick<Update, "items" | "billing_cycle_anchor" | "proration_behavior" | "proration_date" | "trial_end">,
): SubscriptionChange | null {
  const anchorNow = input.billing_cycle_anchor?.type === "now";
  if (input.items === undefined && !anchorNow && input.trial_end === undefined) return null;
  const at = input.proration_date ?? now(world, row.test_clock);
  const [first] = row.items.data;
  if (first !== undefined && (at < first.current_period_start || at > first.current_period_end)) {
    throw invalid("Cannot specify proration_date outside of the current subscription period.", {
      param: "proration_date",
    });
  }
  const items = (input.items ?? []).map(({ price, price_data, metadata: words, ...rest }, index) => ({
    ...rest,
    price:
      price === undefined && price_data === undefined
        ? undefined
        : priceOf(world, { price, price_data }, `items[${index}]`),
    metadata: words === undefined ? undefined : mergeMetadata(null, words),
  }));
  return {
    items,
    at,
    anchorNow,
    proration: input.proration_behavior ?? "create_prorations",
    trialEnd: input.trial_end ?? null,
  };
}

function applyWords(world: World, row: SubscriptionRow, input: Update): void {
  row.metadata = mergeMetadata(row.metadata, input.metadata);
  if (input.description !== undefined) row.description = input.description;
  if (input.automatic_tax !== undefined) row.automatic_tax.enabled = input.automatic_tax.enabled;
  if (input.default_payment_method !== undefined) {
    const customer = requireRow(world.store.customers, row.customer, "customer");
    row.default_payment_method = attachCard(world, input.default_payment_method, customer).id;
  }
  if (input.trial_settings !== undefined) {
    row.trial_settings = {
      end_behavior: { billing_cycle_anchor: "now", ...input.trial_settings.end_behavior },
    };
  }
  if (input.pause_collection !== undefined) {
    const pause = input.pause_collection;
    row.pause_collection = pause === null ? null : { behavior: pause.behavior, resumes_at: pause.resumes_at ?? null };
  }
  if (input.discounts !== undefined) replaceDiscounts(world, row, input.discounts ?? []);
  row.cancellation_details = { ...noDetails(row), ...nullsFor(input.cancellation_details) };
}

function replaceDiscounts(world: World, row: SubscriptionRow, given: readonly DiscountParam[]): void {
  const at = now(world, row.test_clock);
  row.discounts = given.map((entry) => {
    if (entry.discount !== undefined && row.discounts.includes(entry.discount)) return entry.discount;
    const offer = requireOffer(world, entry, row.customer, 0);
    return redeem(world, offer, { customer: row.customer, subscription: row.id, session: null, at }).id;
  });
}

function applyEnd(
  world: World,
  row: SubscriptionRow,
  { cancel_at: cancelAt, cancel_at_period_end: atEnd }: Update,
): void {
  if (cancelAt !== undefined && atEnd === true) {
    throw invalid("You may only specify one of these parameters: cancel_at, cancel_at_period_end.");
  }
  const at = now(world, row.test_clock);
  const ends = row.items.data.map((item) => item.current_period_end);
  if (atEnd !== undefined) {
    row.cancel_at_period_end = atEnd;
    row.cancel_at = atEnd ? Math.min(...ends) : null;
    row.canceled_at = atEnd ? at : null;
  } else if (cancelAt !== undefined) {
    const moment =
      cancelAt === "min_period_end" ? Math.min(...ends) : cancelAt === "max_period_end" ? Math.max(...ends) : cancelAt;
    if (moment !== null && moment < at) throw invalid("`cancel_at` must be in the future.", { param: "cancel_at" });
    row.cancel_at = moment;
    row.cancel_at_period_end = false;
    row.canceled_at = moment === null ? null : at;
  } else {
    // The end of the period may have moved.
    if (row.cancel_at_period_end) row.cancel_at = Math.min(...ends);
    return;
  }
  row.cancellation_details = {
    ...noDetails(row),
    reason: row.cancel_at === null ? null : "cancellation_requested",
  };
}

function noDetails(row: SubscriptionRow): NonNullable<SubscriptionRow["cancellation_details"]> {
  return row.cancellation_details ?? { comment: null, feedback: null, feedback_option: null, reason: null };
}

function nullsFor(details: Update["cancellation_details"]): object {
  return Object.fromEntries(Object.entries(details ?? {}).filter(([, value]) => value !== undefined));
}
