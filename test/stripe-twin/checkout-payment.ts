import type { CheckoutPlan } from "./checkout-plan.ts";
import { addCustomer } from "./customers.ts";
import { DAY_SECONDS } from "./clock.ts";
import { redeem, requireOffer } from "./discounts.ts";
import { invalid } from "./errors.ts";
import { composeInvoice } from "./invoice-draft.ts";
import { attemptPayment, finalizeInvoice, keepInvoice, paymentOf } from "./invoice-life.ts";
import { addIntent, cardOnPage, confirmIntent } from "./payments.ts";
import type { InvoiceRow, PaymentIntentRow, SessionRow } from "./rows.ts";
import type { CardBehaviour } from "./store.ts";
import { createSubscription, onceLine } from "./subscription-life.ts";
import { change, clockOf, emit, now, requireRow, type World } from "./world.ts";

/** How far an attempt on the page came. */
export type CheckoutOutcome = { state: "complete" | "declined" } | { state: "authentication"; intent: string };

/**
 * Someone presses the button on the checkout page with a card that behaves so.
 * @throws StripeRefusal when the session is no longer open
 */
export function submitCheckout(
  world: World,
  session: SessionRow,
  behaviour: CardBehaviour,
  email: string | null = null,
): CheckoutOutcome {
  const plan = world.store.checkoutPlans.get(session.id);
  if (session.status !== "open" || plan === undefined) {
    throw invalid(`This Checkout Session has a status of ${String(session.status)}.`);
  }
  const customer = customerFor(world, session, plan, email);
  // Such a session asks for a card only when there is something to pay.
  const cardless = session.payment_method_collection === "if_required" && session.amount_total === 0;
  const card = cardless ? null : cardOnPage(world, behaviour, customer);
  const refuses = behaviour === "declined" || behaviour === "insufficient_funds";
  // With nothing to pay today, the card itself is still checked.
  if (refuses && card !== null && session.amount_total === 0) return { state: "declined" };
  const intent =
    session.mode === "subscription" ? subscribe(world, session, plan, card) : pay(world, session, plan, card);
  if (intent === null) {
    complete(world, session);
    return { state: "complete" };
  }
  return outcomeOf(intent);
}

/** What became of an intent, for the session that waits for it. */
export function afterSessionIntent(world: World, intent: PaymentIntentRow): void {
  const session = world.store.sessions.find(world.store.sessionOfIntent.get(intent.id));
  if (session !== null && session.status === "open" && intent.status === "succeeded") complete(world, session);
}

function outcomeOf(intent: PaymentIntentRow): CheckoutOutcome {
  if (intent.status === "requires_action") return { state: "authentication", intent: intent.id };
  return { state: intent.status === "succeeded" ? "complete" : "declined" };
}

function customerFor(world: World, session: SessionRow, plan: CheckoutPlan, email: string | null): string | null {
  if (session.customer !== null || !plan.createsCustomer) return session.customer;
  const customer = addCustomer(world, { testClock: null });
  customer.email = session.customer_email ?? email ?? "guest@example.com";
  emit(world, "customer.created", customer);
  session.customer = customer.id;
  return customer.id;
}

function subscribe(
  world: World,
  session: SessionRow,
  plan: CheckoutPlan,
  card: string | null,
): PaymentIntentRow | null {
  const known = world.store.subscriptions.find(plan.subscription);
  if (known !== null) known.default_payment_method = card;
  const row = known ?? begin(world, session, plan, card);
  plan.subscription = row.id;
  session.subscription = row.id;
  session.invoice = row.latest_invoice;
  const invoice = world.store.invoices.find(row.latest_invoice);
  return invoice === null ? null : collect(world, session, invoice, card);
}

function begin(world: World, session: SessionRow, plan: CheckoutPlan, card: string | null) {
  const customer = session.customer ?? "";
  const at = now(world, requireRow(world.store.customers, customer, "customer").test_clock);
  const recurring = plan.lines.filter((line) => line.price.type === "recurring");
  return createSubscription(world, {
    customer,
    items: recurring,
    extras: plan.lines.filter((line) => line.price.type !== "recurring"),
    metadata: plan.metadata,
    trialEnd: plan.trialEnd ?? (plan.trialDays === null ? null : at + plan.trialDays * DAY_SECONDS),
    missingCard: plan.missingCard,
    offers: plan.discounts.map((given) => requireOffer(world, given, customer, session.amount_subtotal ?? 0)),
    session: session.id,
    card,
    automaticTax: session.automatic_tax.enabled,
    description: plan.description,
    anchor: null,
    cancelAt: null,
    cancelAtPeriodEnd: false,
    behavior: "default_incomplete",
  });
}

function pay(world: World, session: SessionRow, plan: CheckoutPlan, card: string | null): PaymentIntentRow | null {
  if (plan.createsInvoice) return payByInvoice(world, session, plan, card);
  if ((session.amount_total ?? 0) === 0) return null;
  const known = world.store.paymentIntents.find(session.payment_intent);
  const intent =
    known ??
    addIntent(world, {
      amount: session.amount_total ?? 0,
      currency: session.currency ?? "usd",
      customer: session.customer,
      description: plan.description,
      metadata: plan.metadata,
      paymentMethod: card,
      setupFutureUsage: plan.keepsCard ? "off_session" : null,
    });
  remember(world, session, intent);
  intent.payment_method = card;
  confirmIntent(world, intent);
  return intent;
}

function payByInvoice(
  world: World,
  session: SessionRow,
  plan: CheckoutPlan,
  card: string | null,
): PaymentIntentRow | null {
  const known = world.store.invoices.find(plan.invoice);
  const invoice = known ?? oneInvoice(world, session, plan);
  plan.invoice = invoice.id;
  session.invoice = invoice.id;
  const intent = collect(world, session, invoice, card);
  if (intent !== null) intent.metadata = { ...plan.metadata };
  return intent;
}

function oneInvoice(world: World, session: SessionRow, plan: CheckoutPlan): InvoiceRow {
  const customer = session.customer ?? "";
  const at = now(world, requireRow(world.store.customers, customer, "customer").test_clock);
  const discounts = redeemAll(world, session, plan);
  const invoice = composeInvoice(world, {
    customer,
    currency: session.currency ?? "usd",
    reason: "manual",
    lines: plan.lines.map((line) => onceLine(world, line.price, line.quantity, at)),
    discounts,
    subscription: null,
    automaticTax: session.automatic_tax.enabled,
    period: { start: at, end: at },
    metadata: plan.invoiceMetadata,
    at,
  });
  keepInvoice(world, invoice);
  finalizeInvoice(world, invoice);
  return invoice;
}

function redeemAll(world: World, session: SessionRow, plan: CheckoutPlan): string[] {
  const { customer } = session;
  return plan.discounts.map((given) => {
    const offer = requireOffer(world, given, customer, session.amount_subtotal ?? 0);
    const at = now(world, clockOf(world, customer));
    return redeem(world, offer, { customer, subscription: null, session: session.id, at }).id;
  });
}

function collect(world: World, session: SessionRow, invoice: InvoiceRow, card: string | null): PaymentIntentRow | null {
  const intent = world.store.paymentIntents.find(paymentOf(world, invoice)?.payment.payment_intent);
  if (intent === null) return null;
  remember(world, session, intent);
  attemptPayment(world, invoice, card);
  return intent;
}

function remember(world: World, session: SessionRow, intent: PaymentIntentRow): void {
  world.store.sessionOfIntent.set(intent.id, session.id);
  // In subscription mode the intent is the invoice's, and the session does not show it.
  if (session.mode === "payment") session.payment_intent = intent.id;
}

function complete(world: World, session: SessionRow): void {
  const plan = world.store.checkoutPlans.get(session.id);
  const customer = world.store.customers.find(session.customer);
  if (plan !== undefined && session.mode === "payment" && !plan.createsInvoice) redeemAll(world, session, plan);
  session.status = "complete";
  session.url = null;
  session.payment_status = (session.amount_total ?? 0) === 0 ? "no_payment_required" : "paid";
  session.customer_details = {
    address: null,
    business_name: null,
    email: customer?.email ?? session.customer_email ?? "guest@example.com",
    individual_name: null,
    name: customer?.name ?? null,
    phone: null,
    tax_exempt: "none",
    tax_ids: [],
  };
  const intent = world.store.paymentIntents.find(session.payment_intent);
  if (customer !== null && plan?.keepsCard === true && intent !== null) {
    change(world, "customer.updated", customer, (row) => {
      row.invoice_settings.default_payment_method ??= intent.payment_method;
    });
  }
  emit(world, "checkout.session.completed", session);
}
