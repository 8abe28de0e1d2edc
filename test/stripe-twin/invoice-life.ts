import { attachCard } from "./cards.ts";
import { invalid, StripeRefusal } from "./errors.ts";
import { newId } from "./ids.ts";
import { dueOf } from "./invoice-draft.ts";
import { addIntent, cancelIntent, confirmIntent, DECLINES } from "./payments.ts";
import type { InvoicePaymentRow, InvoiceRow, PaymentIntentRow } from "./rows.ts";
import { change, clockOf, emit, now, requireRow, type World } from "./world.ts";

/** Keeps a composed invoice as a draft. */
export function keepInvoice(world: World, invoice: InvoiceRow): InvoiceRow {
  world.store.invoices.add(invoice);
  const subscription = world.store.subscriptions.find(invoice.parent?.subscription_details.subscription);
  if (subscription !== null) subscription.latest_invoice = invoice.id;
  for (const line of invoice.lines.data) {
    const pending = world.store.invoiceItems.find(
      line.parent?.subscription_item_details?.invoice_item ?? line.parent?.invoice_item_details?.invoice_item,
    );
    if (pending !== null) pending.invoice = invoice.id;
  }
  world.store.draftEvents.set(invoice.id, emit(world, "invoice.created", invoice).id);
  return invoice;
}

/** The draft gets its number and is to be paid; an invoice of nothing is paid by that. */
export function finalizeInvoice(world: World, invoice: InvoiceRow): void {
  if (invoice.status !== "draft") {
    throw invalid("This invoice is already finalized, you can't re-finalize a non-draft invoice.", {
      code: "invoice_not_editable",
    });
  }
  const customer = requireRow(world.store.customers, invoice.customer ?? "", "customer");
  const at = now(world, invoice.test_clock);
  const due = dueOf(invoice.total, customer.balance);
  invoice.starting_balance = customer.balance;
  invoice.ending_balance = due.balance;
  invoice.amount_due = due.amount;
  invoice.amount_remaining = due.amount;
  if (customer.balance !== due.balance) {
    change(world, "customer.updated", customer, (row) => {
      row.balance = due.balance;
    });
  }
  invoice.number = `${customer.invoice_prefix ?? "TWIN"}-${String(customer.next_invoice_sequence ?? 1).padStart(4, "0")}`;
  customer.next_invoice_sequence = (customer.next_invoice_sequence ?? 1) + 1;
  invoice.status = "open";
  invoice.effective_at = at;
  invoice.automatically_finalizes_at = null;
  invoice.status_transitions.finalized_at = at;
  invoice.hosted_invoice_url = `${world.origin}/i/${invoice.id}`;
  invoice.invoice_pdf = `${world.origin}/i/${invoice.id}/pdf`;
  if (due.amount > 0) addPayment(world, invoice);
  emit(world, "invoice.finalized", invoice);
  if (due.amount === 0) settle(world, invoice);
}

function addPayment(world: World, invoice: InvoiceRow): void {
  const intent = addIntent(world, {
    amount: invoice.amount_due,
    currency: invoice.currency,
    customer: invoice.customer,
    description: invoice.billing_reason === "subscription_create" ? "Subscription creation" : "Subscription update",
    receiptEmail: invoice.customer_email,
  });
  world.store.invoicePayments.add({
    id: newId("inpay"),
    object: "invoice_payment",
    amount_paid: null,
    amount_requested: invoice.amount_due,
    created: now(world, invoice.test_clock),
    currency: invoice.currency,
    invoice: invoice.id,
    is_default: true,
    livemode: false,
    payment: { type: "payment_intent", payment_intent: intent.id },
    status: "open",
    status_transitions: { canceled_at: null, paid_at: null },
  });
}

export function paymentOf(world: World, invoice: InvoiceRow): InvoicePaymentRow | null {
  return world.store.invoicePayments.group(invoice.id)[0] ?? null;
}

// What was written off can still be paid.
function isOwed(invoice: InvoiceRow): boolean {
  return invoice.status === "open" || invoice.status === "uncollectible";
}

/** The card that pays: the given one, the subscription's, else the customer's. */
export function cardFor(world: World, invoice: InvoiceRow): string | null {
  const subscription = world.store.subscriptions.find(invoice.parent?.subscription_details.subscription);
  const customer = world.store.customers.find(invoice.customer);
  return (
    invoice.default_payment_method ??
    subscription?.default_payment_method ??
    customer?.invoice_settings.default_payment_method ??
    null
  );
}

/**
 * One attempt to collect an open invoice.
 * @returns whether it is paid now
 */
export function attemptPayment(world: World, invoice: InvoiceRow, card = cardFor(world, invoice)): boolean {
  const intent = world.store.paymentIntents.find(paymentOf(world, invoice)?.payment.payment_intent);
  if (!isOwed(invoice) || intent === null) return invoice.status === "paid";
  invoice.attempted = true;
  invoice.attempt_count += 1;
  intent.payment_method = card;
  confirmIntent(world, intent);
  return world.store.invoices.find(invoice.id)?.status === "paid";
}

/** The person pays an invoice by asking for it. @throws StripeRefusal with the bank's words when it fails */
export function payInvoice(world: World, invoice: InvoiceRow, card: string | undefined): void {
  if (invoice.status === "paid") throw invalid("Invoice is already paid");
  if (invoice.status === "draft") finalizeInvoice(world, invoice);
  if (world.store.invoices.find(invoice.id)?.status === "paid") return;
  if (!isOwed(invoice)) {
    throw invalid("This invoice can no longer be paid.", { code: "invoice_not_editable" });
  }
  const customer = requireRow(world.store.customers, invoice.customer ?? "", "customer");
  const chosen = card === undefined ? cardFor(world, invoice) : attachCard(world, card, customer).id;
  if (chosen === null) {
    throw new StripeRefusal(
      400,
      "invalid_request_error",
      "There is no `default_payment_method` set on this Customer or Invoice. Please set one, or pass `payment_method`.",
      { code: "invoice_payment_intent_requires_action" },
    );
  }
  if (!attemptPayment(world, invoice, chosen)) throw cardError(world, invoice);
}

/** How Stripe says that an invoice could not be collected. */
export function cardError(world: World, invoice: InvoiceRow): StripeRefusal {
  const intent = world.store.paymentIntents.find(paymentOf(world, invoice)?.payment.payment_intent);
  const error = intent?.last_payment_error;
  const action = DECLINES.authentication;
  return new StripeRefusal(402, "card_error", error?.message ?? action?.message ?? "Declined.", {
    code: error?.code ?? "invoice_payment_intent_requires_action",
    ...(error?.decline_code === undefined ? {} : { decline_code: error.decline_code }),
    ...(error?.charge === undefined ? {} : { charge: error.charge }),
    ...(intent === null ? {} : { payment_intent: structuredClone(intent) }),
  });
}

/** What became of an intent, for the invoice that waits for it. */
export function afterIntent(world: World, intent: PaymentIntentRow): void {
  const payment = world.store.invoicePayments.group(intent.id)[0];
  const invoice = world.store.invoices.find(payment?.invoice);
  if (payment === undefined || invoice === null || !isOwed(invoice)) return;
  if (intent.status === "succeeded") {
    const at = now(world, invoice.test_clock);
    payment.status = "paid";
    payment.amount_paid = intent.amount;
    payment.status_transitions.paid_at = at;
    settle(world, invoice);
    emit(world, "invoice_payment.paid", payment);
  } else {
    if (intent.status === "requires_action") emit(world, "invoice.payment_action_required", invoice);
    world.hooks.invoiceFailed(invoice);
    emit(world, "invoice.payment_failed", invoice);
  }
}

function settle(world: World, invoice: InvoiceRow): void {
  invoice.status = "paid";
  invoice.attempted = true;
  invoice.amount_paid = invoice.amount_due;
  invoice.amount_remaining = 0;
  invoice.next_payment_attempt = null;
  invoice.auto_advance = false;
  invoice.status_transitions.paid_at = now(world, invoice.test_clock);
  emit(world, "invoice.paid", invoice);
  emit(world, "invoice.payment_succeeded", invoice);
  world.hooks.invoicePaid(invoice);
}

/** Nobody has to pay it any more. */
export function voidInvoice(world: World, invoice: InvoiceRow): void {
  if (invoice.status !== "open" && invoice.status !== "uncollectible" && invoice.status !== "draft") {
    throw invalid("You can only void open or uncollectible invoices.", { code: "invoice_not_editable" });
  }
  closePayment(world, invoice);
  invoice.status = "void";
  invoice.auto_advance = false;
  invoice.next_payment_attempt = null;
  invoice.status_transitions.voided_at = now(world, invoice.test_clock);
  emit(world, "invoice.voided", invoice);
  world.hooks.invoiceAbandoned(invoice);
}

/** Written off: it could still be paid, but nobody expects it. */
export function markUncollectible(world: World, invoice: InvoiceRow): void {
  if (invoice.status !== "open") {
    throw invalid("You can only mark open invoices as uncollectible.", { code: "invoice_not_editable" });
  }
  invoice.status = "uncollectible";
  invoice.auto_advance = false;
  invoice.next_payment_attempt = null;
  invoice.status_transitions.marked_uncollectible_at = now(world, invoice.test_clock);
  emit(world, "invoice.marked_uncollectible", invoice);
  world.hooks.invoiceAbandoned(invoice);
}

function closePayment(world: World, invoice: InvoiceRow): void {
  const payment = paymentOf(world, invoice);
  if (payment === null || payment.status !== "open") return;
  payment.status = "canceled";
  payment.status_transitions.canceled_at = now(world, clockOf(world, invoice.customer));
  const intent = world.store.paymentIntents.find(payment.payment.payment_intent);
  if (intent !== null) cancelIntent(world, intent, "void_invoice");
}
