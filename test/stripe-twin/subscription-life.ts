import { DAY_SECONDS, periodEndAfter } from "./clock.ts";
import { redeem, type Offer } from "./discounts.ts";
import { fullList } from "./endpoint.ts";
import { invalid } from "./errors.ts";
import { newId } from "./ids.ts";
import { composeInvoice } from "./invoice-draft.ts";
import { attemptPayment, finalizeInvoice, keepInvoice, voidInvoice } from "./invoice-life.ts";
import { netOf, share, type LineDraft } from "./invoice-math.ts";
import { refusalByCard } from "./payments.ts";
import type { InvoiceRow, ItemRow, Metadata, PriceRow, SubscriptionRow } from "./rows.ts";
import { newItem, periodLines, rhythmOf } from "./subscription-change.ts";
import { change, emit, now, requireRow, type World } from "./world.ts";

export interface NewSubscription {
  customer: string;
  items: { price: PriceRow; quantity: number; metadata: Metadata }[];
  /** Sold once, on the first invoice. */
  extras: { price: PriceRow; quantity: number }[];
  metadata: Metadata;
  trialEnd: number | null;
  missingCard: "cancel" | "create_invoice" | "pause";
  offers: Offer[];
  session: string | null;
  card: string | null;
  automaticTax: boolean;
  description: string | null;
  anchor: number | null;
  cancelAt: number | null;
  cancelAtPeriodEnd: boolean;
  /** Who collects the first invoice: an attempt now, or the payer later. */
  behavior: "allow_incomplete" | "default_incomplete" | "error_if_incomplete";
}

/** A subscription with its first invoice. @throws StripeRefusal when it must be paid at once and cannot */
export function createSubscription(world: World, input: NewSubscription): SubscriptionRow {
  const customer = requireRow(world.store.customers, input.customer, "customer");
  const at = now(world, customer.test_clock);
  const id = newId("sub");
  if (input.items.length === 0) {
    throw invalid("Missing required param: items.", { code: "parameter_missing", param: "items" });
  }
  const currencies = new Set(input.items.map((item) => item.price.currency));
  if (currencies.size > 1) throw invalid("All prices on a subscription must have the same `currency`.");
  if (input.trialEnd !== null && input.trialEnd <= at) {
    throw invalid("`trial_end` must be in the future.", { param: "trial_end" });
  }
  const anchor = input.trialEnd ?? input.anchor ?? at;
  const items = input.items.map(({ price, quantity, metadata }) => {
    const item = newItem(world, id, price, quantity, metadata, at);
    item.current_period_end = input.trialEnd ?? periodEndAfter(at, anchor, rhythmOf(price));
    return item;
  });
  const row = blank({ ...input, id, at, anchor, items, testClock: customer.test_clock ?? null });
  // Nothing may be left of a subscription that had to be paid and was not.
  if (input.behavior === "error_if_incomplete" && input.trialEnd === null) requirePayingCard(world, row);
  if (input.behavior !== "default_incomplete" && input.trialEnd === null) requireAnyCard(world, row);
  world.store.subscriptions.add(row);
  row.discounts = input.offers.map(
    (offer) => redeem(world, offer, { customer: customer.id, subscription: id, session: input.session, at }).id,
  );
  customer.currency = items[0]?.price.currency ?? null;
  emit(world, "customer.subscription.created", row);
  const invoice = firstInvoice(world, row, input.extras, at);
  if (input.behavior !== "default_incomplete") attemptPayment(world, invoice);
  return row;
}

function firstInvoice(world: World, row: SubscriptionRow, extras: NewSubscription["extras"], at: number): InvoiceRow {
  const items = row.items.data;
  const onTrial = row.status === "trialing";
  const lines = periodLines(world, row, items).map((line, index) => {
    const item = items[index];
    if (item === undefined) return line;
    return onTrial
      ? { ...line, amount: 0, description: `Trial period for ${line.description}` }
      : stump(line, item, at);
  });
  const invoice = composeInvoice(world, {
    customer: row.customer,
    currency: row.currency,
    reason: "subscription_create",
    lines: [...lines, ...extras.map(({ price, quantity }) => onceLine(world, price, quantity, at))],
    discounts: row.discounts,
    subscription: row,
    automaticTax: row.automatic_tax.enabled,
    period: { start: at, end: at },
    at,
  });
  keepInvoice(world, invoice);
  noteBilled(world, invoice);
  useUpDiscounts(world, row, invoice);
  finalizeInvoice(world, invoice);
  return invoice;
}

/** What is sold once. */
export function onceLine(world: World, price: PriceRow, quantity: number, at: number): LineDraft {
  return {
    amount: (price.unit_amount ?? 0) * quantity,
    currency: price.currency,
    description: world.store.products.find(price.product)?.name ?? price.product,
    period: { start: at, end: at },
    price,
    quantity,
    subscription: null,
    subscriptionItem: null,
    invoiceItem: null,
    proration: false,
    discountable: true,
  };
}

// With an anchor ahead, the first period is shorter and costs its share.
function stump(line: LineDraft, item: ItemRow, at: number): LineDraft {
  const end = item.current_period_end;
  const whole = periodEndAfter(end, end, rhythmOf(item.price)) - end;
  return end - at >= whole - 4 * DAY_SECONDS ? line : { ...line, amount: share(line.amount, end - at, whole) };
}

/** Remembers what each item was billed for, so that a later change can credit it. */
export function noteBilled(world: World, invoice: InvoiceRow): void {
  for (const line of invoice.lines.data) {
    const details = line.parent?.subscription_item_details;
    if (details === null || details === undefined || details.proration) continue;
    world.store.billed.set(details.subscription_item, { amount: netOf(line), ...line.period });
  }
}

/** A coupon for one invoice is gone with the first that it made cheaper; one whose time is over goes too. */
export function useUpDiscounts(world: World, row: SubscriptionRow, invoice: InvoiceRow): void {
  const used = new Set(invoice.total_discount_amounts.map((entry) => entry.discount));
  const gone = row.discounts.filter((id) => {
    const discount = world.store.discounts.find(id);
    const once = world.store.coupons.find(discount?.source.coupon)?.duration === "once";
    return (once && used.has(id)) || (discount?.end ?? Infinity) <= invoice.created;
  });
  if (gone.length === 0) return;
  row.discounts = row.discounts.filter((id) => !gone.includes(id));
  for (const id of gone) {
    const discount = world.store.discounts.find(id);
    if (discount !== null) emit(world, "customer.discount.deleted", discount);
  }
}

function requireAnyCard(world: World, row: SubscriptionRow): void {
  const free = row.items.data.every((item) => (item.price.unit_amount ?? 0) * item.quantity === 0);
  if (free || cardOf(world, row) !== null) return;
  throw invalid(
    "This customer has no attached payment source or default payment method. Please consider adding a default payment method.",
    { code: "resource_missing" },
  );
}

/** @throws StripeRefusal when the card that would be charged is missing or refuses */
export function requirePayingCard(world: World, row: SubscriptionRow): void {
  const refusal = refusalByCard(world, cardOf(world, row));
  if (refusal !== null) throw refusal;
}

/** The card that invoices of this subscription are charged to. */
export function cardOf(world: World, row: SubscriptionRow): string | null {
  const customer = world.store.customers.find(row.customer);
  return row.default_payment_method ?? customer?.invoice_settings.default_payment_method ?? null;
}

interface Blank extends NewSubscription {
  id: string;
  at: number;
  testClock: string | null;
}

function blank(input: Omit<Blank, "items" | "anchor"> & { items: ItemRow[]; anchor: number }): SubscriptionRow {
  const { id, at, trialEnd, items } = input;
  const end = Math.min(...items.map((item) => item.current_period_end));
  return {
    id,
    object: "subscription",
    application: null,
    application_fee_percent: null,
    automatic_tax: {
      disabled_reason: null,
      enabled: input.automaticTax,
      liability: input.automaticTax ? { type: "self" } : null,
    },
    billing_cycle_anchor: input.anchor,
    billing_cycle_anchor_config: null,
    billing_mode: { type: "flexible", flexible: { proration_discounts: "included" }, updated_at: at },
    billing_schedules: [],
    billing_thresholds: null,
    cancel_at: input.cancelAtPeriodEnd ? end : input.cancelAt,
    cancel_at_period_end: input.cancelAtPeriodEnd,
    canceled_at: input.cancelAtPeriodEnd || input.cancelAt !== null ? at : null,
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
    collection_method: "charge_automatically",
    created: at,
    currency: items[0]?.price.currency ?? "usd",
    customer: input.customer,
    customer_account: null,
    days_until_due: null,
    default_payment_method: input.card,
    default_source: null,
    default_tax_rates: [],
    description: input.description,
    discounts: [],
    ended_at: null,
    invoice_settings: {
      account_tax_ids: null,
      custom_fields: null,
      description: null,
      footer: null,
      issuer: { type: "self" },
    },
    items: fullList(items, `/v1/subscription_items?subscription=${id}`),
    latest_invoice: null,
    livemode: false,
    managed_payments: null,
    metadata: input.metadata,
    next_pending_invoice_item_invoice: null,
    on_behalf_of: null,
    pause_collection: null,
    payment_settings: {
      payment_method_options: null,
      payment_method_types: null,
      save_default_payment_method: "off",
    },
    pending_invoice_item_interval: null,
    pending_setup_intent: null,
    pending_update: null,
    schedule: null,
    start_date: at,
    status: trialEnd === null ? "incomplete" : "trialing",
    test_clock: input.testClock,
    transfer_data: null,
    trial_end: trialEnd,
    trial_settings: { end_behavior: { billing_cycle_anchor: "now", missing_payment_method: input.missingCard } },
    trial_start: trialEnd === null ? null : at,
  };
}

/** The end. Nothing more is billed, and what is owed is no longer collected by itself. */
export function endSubscription(
  world: World,
  row: SubscriptionRow,
  reason: "cancellation_requested" | "payment_failed" | "payment_disputed",
): void {
  const at = now(world, row.test_clock);
  row.status = "canceled";
  row.ended_at = at;
  row.canceled_at ??= at;
  row.pending_update = null;
  row.pause_collection = null;
  row.cancellation_details = { ...noDetails(row), reason };
  for (const invoice of openInvoices(world, row)) {
    invoice.auto_advance = false;
    invoice.next_payment_attempt = null;
    invoice.automatically_finalizes_at = null;
  }
  cancelSchedule(world, row);
  emit(world, "customer.subscription.deleted", row);
}

function noDetails(row: SubscriptionRow): NonNullable<SubscriptionRow["cancellation_details"]> {
  return row.cancellation_details ?? { comment: null, feedback: null, feedback_option: null, reason: null };
}

export function openInvoices(world: World, row: SubscriptionRow): InvoiceRow[] {
  return world.store.invoices
    .group(row.id)
    .filter((invoice) => invoice.status === "open" || invoice.status === "draft");
}

function cancelSchedule(world: World, row: SubscriptionRow): void {
  const schedule = world.store.schedules.find(row.schedule);
  if (schedule === null || schedule.status !== "active") return;
  schedule.status = "canceled";
  schedule.canceled_at = now(world, row.test_clock);
  schedule.current_phase = null;
  emit(world, "subscription_schedule.canceled", schedule);
}

/** A first invoice that nobody paid for 23 hours ends the attempt. */
export function expireIncomplete(world: World, row: SubscriptionRow): void {
  if (row.status !== "incomplete") return;
  change(world, "customer.subscription.updated", row, () => {
    row.status = "incomplete_expired";
    row.ended_at = now(world, row.test_clock);
  });
  cancelSchedule(world, row);
  for (const invoice of openInvoices(world, row)) voidInvoice(world, invoice);
}
