import { DAY_SECONDS, periodEndAfter } from "./clock.ts";
import { composeInvoice, type InvoiceDraft } from "./invoice-draft.ts";
import { attemptPayment, finalizeInvoice, keepInvoice, markUncollectible, voidInvoice } from "./invoice-life.ts";
import type { LineDraft } from "./invoice-math.ts";
import type { InvoiceItemRow, InvoiceRow, ItemRow, SubscriptionRow } from "./rows.ts";
import { periodLines, rhythmOf } from "./subscription-change.ts";
import { cardOf, endSubscription, noteBilled, openInvoices, useUpDiscounts } from "./subscription-life.ts";
import { change, emit, now, type World } from "./world.ts";

/** Invoice items that wait for the next invoice of a subscription. */
export function pendingItems(world: World, row: SubscriptionRow): InvoiceItemRow[] {
  return world.store.invoiceItems.group(row.customer).filter((item) => {
    const details = item.parent?.subscription_details;
    return item.invoice === null && (details?.subscription ?? row.id) === row.id;
  });
}

export function linesOfPending(world: World, items: readonly InvoiceItemRow[]): LineDraft[] {
  return items.map((item) => ({
    amount: item.amount,
    currency: item.currency,
    description: item.description ?? "",
    period: { ...item.period },
    price: world.store.prices.find(item.pricing?.price_details.price),
    quantity: item.quantity,
    subscription: item.parent?.subscription_details?.subscription ?? null,
    subscriptionItem: item.parent?.subscription_details?.subscription_item ?? null,
    invoiceItem: item.id,
    proration: item.proration,
    discountable: item.discountable,
  }));
}

/** The items after the periods that end at `at` have rolled on. */
export function rolledItems(items: readonly ItemRow[], anchor: number, at: number): { all: ItemRow[]; due: ItemRow[] } {
  const due: ItemRow[] = [];
  const all = items.map((item) => {
    if (item.current_period_end > at) return item;
    const start = item.current_period_end;
    const next = {
      ...item,
      current_period_start: start,
      current_period_end: periodEndAfter(start, anchor, rhythmOf(item.price)),
    };
    due.push(next);
    return next;
  });
  return { all, due };
}

/** The invoice of the next period, as renewals make it and previews show it. */
export function renewalDraft(
  world: World,
  row: SubscriptionRow,
  { due, at, pending }: { due: ItemRow[]; at: number; pending: LineDraft[] },
): InvoiceDraft {
  const before = Math.min(...row.items.data.map((item) => item.current_period_start));
  return {
    customer: row.customer,
    currency: row.currency,
    reason: "subscription_cycle",
    lines: [...pending, ...periodLines(world, row, due)],
    discounts: row.discounts,
    subscription: row,
    automaticTax: row.automatic_tax.enabled,
    period: { start: before, end: at },
    at,
  };
}

/** A period ends: the next one begins, and its invoice is drafted. */
export function renew(world: World, row: SubscriptionRow): void {
  const at = now(world, row.test_clock);
  const trialEnds = row.status === "trialing";
  if (trialEnds && cardOf(world, row) === null && endsWithoutCard(world, row)) return;
  const { all, due } = rolledItems(row.items.data, row.billing_cycle_anchor, at);
  const pending = linesOfPending(world, pendingItems(world, row));
  const invoice = composeInvoice(world, renewalDraft(world, row, { due, at, pending }));
  change(world, "customer.subscription.updated", row, () => {
    row.items.data = all;
    if (trialEnds) row.status = "active";
    row.latest_invoice = invoice.id;
  });
  invoice.automatically_finalizes_at = at + world.settings.finalizeAfterSeconds;
  keepInvoice(world, invoice);
  noteBilled(world, invoice);
  useUpDiscounts(world, row, invoice);
  holdBack(world, row, invoice);
}

// Without a card, a trial ends as the subscription says.
function endsWithoutCard(world: World, row: SubscriptionRow): boolean {
  const end = row.trial_settings?.end_behavior.missing_payment_method;
  if (end === "cancel") {
    endSubscription(world, row, "cancellation_requested");
    return true;
  }
  if (end !== "pause") return false;
  change(world, "customer.subscription.updated", row, () => {
    row.status = "paused";
  });
  emit(world, "customer.subscription.paused", row);
  return true;
}

// Collection is paused, or was given up: the invoice exists, but nobody is charged.
function holdBack(world: World, row: SubscriptionRow, invoice: InvoiceRow): void {
  const behavior = row.pause_collection?.behavior;
  if (behavior === undefined && row.status !== "unpaid") return;
  invoice.automatically_finalizes_at = null;
  if (behavior === undefined || behavior === "keep_as_draft") {
    invoice.auto_advance = false;
    return;
  }
  finalizeInvoice(world, invoice);
  if (invoice.status !== "open") return;
  if (behavior === "void") voidInvoice(world, invoice);
  else markUncollectible(world, invoice);
}

/** The draft has waited long enough: it is finalised, and the first attempt to collect it is made. */
export function collect(world: World, invoice: InvoiceRow): void {
  // Its subscription may have ended a moment ago.
  if (invoice.status !== "draft" || invoice.auto_advance !== true) return;
  finalizeInvoice(world, invoice);
  if (invoice.status === "open") attemptPayment(world, invoice);
}

/** A subscription's invoice was paid: whatever waited for that goes on. */
export function onInvoicePaid(world: World, invoice: InvoiceRow): void {
  const row = world.store.subscriptions.find(invoice.parent?.subscription_details.subscription);
  if (row === null) return;
  const owes = openInvoices(world, row).some((open) => open.id !== invoice.id && open.status === "open");
  const first = row.status === "incomplete" && invoice.billing_reason === "subscription_create";
  const recovered =
    (row.status === "past_due" || row.status === "unpaid") && (row.latest_invoice === invoice.id || !owes);
  if (!first && !recovered) return;
  change(world, "customer.subscription.updated", row, () => {
    row.status = "active";
  });
}

/** An invoice that is written off keeps nobody past due. */
export function onInvoiceAbandoned(world: World, invoice: InvoiceRow): void {
  const row = world.store.subscriptions.find(invoice.parent?.subscription_details.subscription);
  if (row === null || row.status !== "past_due" || row.latest_invoice !== invoice.id) return;
  change(world, "customer.subscription.updated", row, () => {
    row.status = "active";
  });
}

/** An attempt failed: the next one is planned, or the dunning ends as the settings say. */
export function onInvoiceFailed(world: World, invoice: InvoiceRow): void {
  const row = world.store.subscriptions.find(invoice.parent?.subscription_details.subscription);
  if (row === null || row.status === "incomplete" || row.status === "canceled") return;
  const at = now(world, invoice.test_clock);
  const since = invoice.status_transitions.finalized_at ?? at;
  const next = world.settings.retryDays.map((days) => since + days * DAY_SECONDS).find((moment) => moment > at);
  invoice.next_payment_attempt = next ?? null;
  if (row.status === "active" || row.status === "trialing") {
    change(world, "customer.subscription.updated", row, () => {
      row.status = "past_due";
    });
  }
  if (next !== undefined || row.status !== "past_due") return;
  invoice.auto_advance = false;
  if (world.settings.afterRetries === "cancel") endSubscription(world, row, "payment_failed");
  if (world.settings.afterRetries !== "unpaid") return;
  change(world, "customer.subscription.updated", row, () => {
    row.status = "unpaid";
  });
}
