import { HOUR_SECONDS } from "./clock.ts";
import { voidInvoice } from "./invoice-life.ts";
import type { InvoiceRow, SubscriptionRow } from "./rows.ts";
import type { ChangePlan } from "./subscription-change.ts";
import { noteBilled } from "./subscription-life.ts";
import { adoptPlan } from "./subscription-update.ts";
import { change, emit, now, type World } from "./world.ts";

const LIFE_SECONDS = 23 * HOUR_SECONDS;

/** A change that takes effect only when its invoice is paid. */
export interface PendingUpdate {
  plan: ChangePlan;
  invoice: string;
}

/** The invoice could not be collected: the subscription stays as it is, and waits. */
export function awaitPayment(world: World, row: SubscriptionRow, plan: ChangePlan, invoice: InvoiceRow): void {
  world.store.pendingUpdates.set(row.id, { plan, invoice: invoice.id });
  change(world, "customer.subscription.updated", row, () => {
    row.pending_update = {
      billing_cycle_anchor: plan.anchor === row.billing_cycle_anchor ? null : plan.anchor,
      cancel_at_period_end: null,
      discount: null,
      discounts: null,
      expires_at: now(world, row.test_clock) + LIFE_SECONDS,
      metadata: null,
      // The SDK's type of an item differs from a row only in what `expand` fills in.
      subscription_items: plan.items as never,
      trial_end: plan.trialEnd === row.trial_end ? null : plan.trialEnd,
      trial_from_plan: null,
    };
  });
}

/** @returns whether the invoice belonged to a change that waited for it, which is made now */
export function applyPending(world: World, row: SubscriptionRow, invoice: InvoiceRow): boolean {
  const pending = world.store.pendingUpdates.get(row.id);
  if (pending?.invoice !== invoice.id) return false;
  world.store.pendingUpdates.delete(row.id);
  change(world, "customer.subscription.updated", row, () => {
    adoptPlan(world, row, pending.plan);
    row.pending_update = null;
  });
  noteBilled(world, invoice);
  emit(world, "customer.subscription.pending_update_applied", row);
  return true;
}

export function isPending(world: World, row: SubscriptionRow, invoice: InvoiceRow): boolean {
  return world.store.pendingUpdates.get(row.id)?.invoice === invoice.id;
}

/** Nobody paid in time: the change is forgotten, and so is its invoice. */
export function dropPending(world: World, row: SubscriptionRow): void {
  const pending = world.store.pendingUpdates.get(row.id);
  world.store.pendingUpdates.delete(row.id);
  change(world, "customer.subscription.updated", row, () => {
    row.pending_update = null;
  });
  const invoice = world.store.invoices.find(pending?.invoice);
  if (invoice?.status === "open") voidInvoice(world, invoice);
  emit(world, "customer.subscription.pending_update_expired", row);
}
