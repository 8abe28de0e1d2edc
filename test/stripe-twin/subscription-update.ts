import { composeInvoice, type InvoiceDraft } from "./invoice-draft.ts";
import { addInvoiceItem } from "./invoice-items.ts";
import { attemptPayment, finalizeInvoice, keepInvoice } from "./invoice-life.ts";
import type { LineDraft } from "./invoice-math.ts";
import { linesOfPending, pendingItems, renewalDraft, rolledItems } from "./renewals.ts";
import type { InvoiceRow, SubscriptionRow } from "./rows.ts";
import type { ChangePlan } from "./subscription-change.ts";
import { noteBilled, useUpDiscounts } from "./subscription-life.ts";
import { now, type World } from "./world.ts";

export type PaymentBehavior =
  | "allow_incomplete"
  | "default_incomplete"
  | "error_if_incomplete"
  | "pending_if_incomplete";

/** Puts the planned items, cycle and trial on the subscription. Money is the next step. */
export function adoptPlan(world: World, row: SubscriptionRow, plan: ChangePlan): void {
  row.items.data = plan.items;
  row.billing_cycle_anchor = plan.anchor;
  row.trial_start = plan.trialStart;
  row.trial_end = plan.trialEnd;
  const at = now(world, row.test_clock);
  const onTrial = plan.trialEnd !== null && plan.trialEnd > at;
  if (onTrial && row.status === "active") row.status = "trialing";
  if (!onTrial && row.status === "trialing") row.status = "active";
  for (const [item, billed] of plan.billed) world.store.billed.set(item, billed);
}

/** The invoice of a change that is billed at once; it takes along what was waiting. */
export function changeDraft(
  world: World,
  row: SubscriptionRow,
  plan: ChangePlan,
  { at, prorationDate }: { at: number; prorationDate: number },
): InvoiceDraft {
  return {
    customer: row.customer,
    currency: row.currency,
    reason: "subscription_update",
    lines: [...linesOfPending(world, pendingItems(world, row)), ...plan.lines],
    discounts: row.discounts,
    subscription: row,
    automaticTax: row.automatic_tax.enabled,
    period: { start: at, end: at },
    prorationDate,
    at,
  };
}

/** The invoice after this one, as it would be with the plan: nothing is kept. */
export function upcomingDraft(
  world: World,
  row: SubscriptionRow,
  plan: ChangePlan,
  { ends, recurring }: { ends: boolean; recurring: boolean },
): InvoiceDraft {
  const at = Math.min(...plan.items.map((item) => item.current_period_end));
  const pending: LineDraft[] = recurring
    ? []
    : [...linesOfPending(world, pendingItems(world, row)), ...(plan.invoiceNow ? [] : plan.lines)];
  const { due } = rolledItems(plan.items, plan.anchor, at);
  return renewalDraft(world, row, { due: ends ? [] : due, at, pending });
}

interface Billing {
  prorationDate: number;
  behavior: PaymentBehavior;
  /** Set for a change that waits for its payment: gets the invoice before the first attempt to collect it. */
  later?: (invoice: InvoiceRow) => void;
}

/**
 * Bills a change: at once, or as items that wait for the next invoice.
 * @returns the invoice, when there is one now
 */
export function billPlan(
  world: World,
  row: SubscriptionRow,
  plan: ChangePlan,
  { prorationDate, behavior, later }: Billing,
): InvoiceRow | null {
  if (!plan.invoiceNow) {
    for (const line of plan.lines) addInvoiceItem(world, row.customer, line, {});
    return null;
  }
  const at = now(world, row.test_clock);
  const invoice = composeInvoice(world, changeDraft(world, row, plan, { at, prorationDate }));
  keepInvoice(world, invoice);
  // Of a change that waits for its payment, nothing has been billed yet.
  if (later === undefined) noteBilled(world, invoice);
  useUpDiscounts(world, row, invoice);
  finalizeInvoice(world, invoice);
  later?.(invoice);
  if (behavior !== "default_incomplete") attemptPayment(world, invoice);
  return invoice;
}
