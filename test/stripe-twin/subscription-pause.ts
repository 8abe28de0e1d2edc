import { addInvoiceItem } from "./invoice-items.ts";
import { composeInvoice } from "./invoice-draft.ts";
import { attemptPayment, finalizeInvoice, keepInvoice } from "./invoice-life.ts";
import { share, type LineDraft } from "./invoice-math.ts";
import { linesOfPending, pendingItems } from "./renewals.ts";
import type { SubscriptionRow } from "./rows.ts";
import { planChange } from "./subscription-change.ts";
import { adoptPlan, billPlan } from "./subscription-update.ts";
import { change, emit, now, type World } from "./world.ts";

/** The subscription itself stands still: no periods, no invoices, until it is resumed. */
export function pauseSubscription(world: World, row: SubscriptionRow): void {
  const at = now(world, row.test_clock);
  change(world, "customer.subscription.updated", row, () => {
    row.status = "paused";
    row.status_details = {
      paused: { type: "subscription", transitioned_at: at, subscription: { type: "pause_requested" } },
    };
  });
  emit(world, "customer.subscription.paused", row);
}

/** It goes on, with a new cycle from now, or in the old one. */
export function resumeSubscription(world: World, row: SubscriptionRow, anchorNow: boolean): void {
  const at = now(world, row.test_clock);
  const ended = row.items.data.some((item) => item.current_period_end <= at);
  const plan = planChange(
    world,
    { ...row, status: "active" },
    { items: [], proration: "none", at, anchorNow: anchorNow || ended, trialEnd: null },
  );
  change(world, "customer.subscription.updated", row, () => {
    adoptPlan(world, row, plan);
    row.status = "active";
    delete row.status_details;
  });
  billPlan(world, row, plan, { prorationDate: at, behavior: "allow_incomplete" });
  emit(world, "customer.subscription.resumed", row);
}

/** The last bill of a subscription that is cancelled at once: unused time comes back only if that is asked for. */
export function settleCancellation(
  world: World,
  row: SubscriptionRow,
  { prorate, invoiceNow }: { prorate: boolean; invoiceNow: boolean },
): void {
  const at = now(world, row.test_clock);
  const credits = prorate ? unusedTime(world, row, at) : [];
  if (!invoiceNow) {
    for (const line of credits) addInvoiceItem(world, row.customer, line, {});
    return;
  }
  const lines = [...linesOfPending(world, pendingItems(world, row)), ...credits];
  if (lines.length === 0) return;
  const invoice = composeInvoice(world, {
    customer: row.customer,
    currency: row.currency,
    reason: "subscription_update",
    lines,
    discounts: [],
    subscription: row,
    automaticTax: row.automatic_tax.enabled,
    period: { start: at, end: at },
    at,
  });
  keepInvoice(world, invoice);
  finalizeInvoice(world, invoice);
  if (invoice.status === "open") attemptPayment(world, invoice);
}

/** What was billed ahead for the seconds that are left. */
export function unusedTime(world: World, row: SubscriptionRow, at: number): LineDraft[] {
  return row.items.data.flatMap((item) => {
    const billed = world.store.billed.get(item.id);
    if (billed === undefined || billed.end <= at || row.status === "trialing") return [];
    return [
      {
        amount: -share(billed.amount, billed.end - at, billed.end - billed.start),
        currency: item.price.currency,
        description: "Unused time",
        period: { start: at, end: billed.end },
        price: item.price,
        quantity: item.quantity,
        subscription: row.id,
        subscriptionItem: item.id,
        invoiceItem: null,
        proration: true,
        discountable: false,
      },
    ];
  });
}
