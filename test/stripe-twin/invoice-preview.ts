import type Stripe from "stripe";
import * as z from "zod";
import { endpoint, type Endpoint } from "./endpoint.ts";
import { liveDiscounts, redeem, requireOffer, discountParam } from "./discounts.ts";
import { invalid } from "./errors.ts";
import { newId } from "./ids.ts";
import { composeInvoice } from "./invoice-draft.ts";
import { bool, clearable, int, list, oneOf, params, text } from "./params.ts";
import type { InvoiceRow, SubscriptionRow } from "./rows.ts";
import { planChange, type ChangePlan } from "./subscription-change.ts";
import { unusedTime } from "./subscription-pause.ts";
import { changedItem, proration, trialEnd } from "./subscription-params.ts";
import { changeDraft, upcomingDraft } from "./subscription-update.ts";
import { changeOf } from "./subscriptions.ts";
import { now, requireRow, type World } from "./world.ts";

const previewParams = params<Stripe.InvoiceCreatePreviewParams>()({
  customer: text().optional(),
  discounts: clearable(list(discountParam)).optional(),
  preview_mode: oneOf("next", "recurring").optional(),
  subscription: text(),
  subscription_details: z
    .strictObject({
      billing_cycle_anchor: oneOf("now", "unchanged").optional(),
      cancel_at: clearable(int()).optional(),
      cancel_at_period_end: bool().optional(),
      cancel_now: bool().optional(),
      items: list(changedItem).optional(),
      proration_behavior: proration().optional(),
      proration_date: int().optional(),
      trial_end: trialEnd().optional(),
    })
    .optional(),
});
type Preview = z.output<typeof previewParams>;

export const previewEndpoints: Endpoint[] = [
  endpoint("POST", "/v1/invoices/create_preview", previewParams, (world, input) => {
    const row = requireRow(world.store.subscriptions, input.subscription, "subscription");
    if (row.status === "canceled" || row.status === "incomplete_expired") {
      throw invalid("No upcoming invoices for subscription", { code: "invoice_upcoming_none" });
    }
    if (input.customer !== undefined && input.customer !== row.customer) {
      throw invalid("The subscription does not belong to this customer.", { param: "customer" });
    }
    return asPreview(preview(world, row, input));
  }),
];

function preview(world: World, row: SubscriptionRow, input: Preview): InvoiceRow {
  const details = input.subscription_details ?? {};
  const at = now(world, row.test_clock);
  const anchor = details.billing_cycle_anchor;
  const wanted = changeOf(world, row, {
    items: details.items,
    billing_cycle_anchor: anchor === undefined ? undefined : { type: anchor },
    proration_behavior: details.proration_behavior,
    proration_date: details.proration_date,
    trial_end: details.trial_end,
  });
  const plan: ChangePlan =
    wanted === null
      ? {
          items: row.items.data,
          anchor: row.billing_cycle_anchor,
          trialEnd: row.trial_end,
          trialStart: row.trial_start,
          lines: [],
          invoiceNow: false,
          billed: new Map(),
        }
      : planChange(world, row, wanted);
  const shown = withDiscounts(world, row, input.discounts);
  if (details.cancel_now === true) {
    const cancel = { ...plan, lines: unusedTime(world, row, at) };
    return composeInvoice(world, changeDraft(world, shown, cancel, { at, prorationDate: at }));
  }
  const recurring = input.preview_mode === "recurring";
  if (plan.invoiceNow && wanted !== null && !recurring) {
    return composeInvoice(world, changeDraft(world, shown, plan, { at, prorationDate: wanted.at }));
  }
  const stops = details.cancel_at_period_end ?? row.cancel_at_period_end;
  const until = details.cancel_at === undefined ? row.cancel_at : details.cancel_at;
  const next = Math.min(...plan.items.map((item) => item.current_period_end));
  const ends = stops || (until !== null && until <= next);
  if (ends && plan.lines.length === 0) {
    throw invalid("No upcoming invoices for subscription", { code: "invoice_upcoming_none" });
  }
  return composeInvoice(world, upcomingDraft(world, shown, plan, { ends, recurring }));
}

// Discounts that are only tried on leave nothing behind.
function withDiscounts(world: World, row: SubscriptionRow, given: Preview["discounts"]): SubscriptionRow {
  if (given === undefined) return row;
  const at = now(world, row.test_clock);
  const { customer } = row;
  const ids = (given ?? []).map((entry) => {
    if (entry.discount !== undefined) return liveDiscounts(world, [entry.discount], at)[0]?.id ?? entry.discount;
    const offer = requireOffer(world, entry, customer, 0);
    const trial = { coupon: { ...offer.coupon }, promotionCode: null };
    const silent = { ...world, publish: () => {} };
    return redeem(silent, trial, { customer, subscription: null, session: null, at }).id;
  });
  return { ...row, discounts: ids };
}

function asPreview(invoice: InvoiceRow): InvoiceRow {
  const id = newId("upcoming_in");
  for (const line of invoice.lines.data) line.invoice = id;
  invoice.lines.url = `/v1/invoices/${id}/lines`;
  return { ...invoice, id, billing_reason: "upcoming" };
}
