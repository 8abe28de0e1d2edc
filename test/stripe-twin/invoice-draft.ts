import { liveDiscounts } from "./discounts.ts";
import { fullList } from "./endpoint.ts";
import { newId } from "./ids.ts";
import { pricedLines, totalsOf, type LineDraft } from "./invoice-math.ts";
import type { InvoiceRow, Metadata, SubscriptionRow } from "./rows.ts";
import { requireRow, type World } from "./world.ts";

export interface InvoiceDraft {
  customer: string;
  currency: string;
  reason: NonNullable<InvoiceRow["billing_reason"]>;
  lines: LineDraft[];
  /** Ids of discounts; those that ended are left out. */
  discounts: readonly string[];
  subscription: SubscriptionRow | null;
  automaticTax: boolean;
  period: { start: number; end: number };
  prorationDate?: number;
  metadata?: Metadata;
  description?: string | null;
  /** UTC epoch seconds. */
  at: number;
}

/** The invoice as it would be; nothing is kept and nobody is told. Previews end here. */
export function composeInvoice(world: World, draft: InvoiceDraft): InvoiceRow {
  const id = newId("in");
  const customer = requireRow(world.store.customers, draft.customer, "customer");
  const discounts = liveDiscounts(world, draft.discounts, draft.at);
  const lines = pricedLines(draft.lines, discounts, draft.automaticTax ? world.settings.taxBasisPoints : 0);
  for (const line of lines) line.invoice = id;
  const totals = totalsOf(lines);
  const due = dueOf(totals.total, customer.balance);
  return {
    id,
    object: "invoice",
    account_country: "US",
    account_name: "Twin",
    account_tax_ids: null,
    amount_due: due.amount,
    amount_overpaid: 0,
    amount_paid: 0,
    amount_remaining: due.amount,
    amount_shipping: 0,
    application: null,
    attempt_count: 0,
    attempted: false,
    auto_advance: true,
    automatic_tax: {
      disabled_reason: null,
      enabled: draft.automaticTax,
      liability: draft.automaticTax ? { type: "self" } : null,
      provider: draft.automaticTax ? "stripe" : null,
      status: draft.automaticTax ? "complete" : null,
    },
    automatically_finalizes_at: null,
    billing_reason: draft.reason,
    collection_method: "charge_automatically",
    created: draft.at,
    currency: draft.currency,
    custom_fields: null,
    customer: customer.id,
    customer_account: null,
    customer_address: customer.address ?? null,
    customer_email: customer.email,
    customer_name: customer.name ?? null,
    customer_phone: customer.phone ?? null,
    customer_shipping: null,
    customer_tax_exempt: "none",
    customer_tax_ids: [],
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: draft.description ?? null,
    discounts: discounts.map((entry) => entry.id),
    due_date: null,
    effective_at: null,
    ending_balance: null,
    footer: null,
    from_invoice: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    issuer: { type: "self" },
    last_finalization_error: null,
    latest_revision: null,
    lines: fullList(lines, `/v1/invoices/${id}/lines`),
    livemode: false,
    metadata: draft.metadata ?? {},
    next_payment_attempt: null,
    number: null,
    on_behalf_of: null,
    parent: parentOf(draft),
    payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
    period_end: draft.period.end,
    period_start: draft.period.start,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: customer.balance,
    statement_descriptor: null,
    status: "draft",
    status_transitions: { finalized_at: null, marked_uncollectible_at: null, paid_at: null, voided_at: null },
    subtotal: totals.subtotal,
    subtotal_excluding_tax: totals.subtotal,
    test_clock: customer.test_clock ?? null,
    total: totals.total,
    total_discount_amounts: totals.discounts,
    total_excluding_tax: totals.total - totals.tax,
    total_pretax_credit_amounts: [],
    total_taxes: totals.taxes,
    webhooks_delivered_at: null,
  };
}

function parentOf({ subscription, prorationDate }: InvoiceDraft): InvoiceRow["parent"] {
  if (subscription === null) return null;
  return {
    type: "subscription_details",
    quote_details: null,
    subscription_details: {
      metadata: { ...subscription.metadata },
      subscription: subscription.id,
      ...(prorationDate === undefined ? {} : { subscription_proration_date: prorationDate }),
    },
  };
}

/** What the customer's balance leaves to pay. Credit is a negative balance, and so is an invoice below zero. */
export function dueOf(total: number, balance: number): { amount: number; balance: number } {
  const sum = total + balance;
  return sum >= 0 ? { amount: sum, balance: 0 } : { amount: 0, balance: sum };
}
