import { newCard } from "./cards.ts";
import { StripeRefusal } from "./errors.ts";
import { newId } from "./ids.ts";
import type { ChargeRow, DisputeRow, Metadata, PaymentIntentRow } from "./rows.ts";
import type { CardBehaviour } from "./store.ts";
import { change, clockOf, emit, now, type World } from "./world.ts";

interface NewIntent {
  amount: number;
  currency: string;
  customer: string | null;
  description?: string | null;
  metadata?: Metadata;
  paymentMethod?: string | null;
  receiptEmail?: string | null;
  setupFutureUsage?: "off_session" | "on_session" | null;
}

export function addIntent(world: World, input: NewIntent): PaymentIntentRow {
  const id = newId("pi");
  const paymentMethod = input.paymentMethod ?? null;
  const intent = world.store.paymentIntents.add({
    id,
    object: "payment_intent",
    allowed_payment_method_types: null,
    amount: input.amount,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: "automatic",
    client_secret: `${id}_secret_${newId("s").slice(2, 14)}`,
    confirmation_method: "automatic",
    created: now(world, clockOf(world, input.customer)),
    currency: input.currency,
    customer: input.customer,
    customer_account: null,
    description: input.description ?? null,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: null,
    metadata: input.metadata ?? {},
    next_action: null,
    on_behalf_of: null,
    payment_method: paymentMethod,
    payment_method_configuration_details: null,
    payment_method_options: {},
    payment_method_types: ["card"],
    payment_record: null,
    processing: null,
    receipt_email: input.receiptEmail ?? null,
    review: null,
    setup_future_usage: input.setupFutureUsage ?? null,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: paymentMethod === null ? "requires_payment_method" : "requires_confirmation",
    transfer_data: null,
    transfer_group: null,
  });
  emit(world, "payment_intent.created", intent);
  return intent;
}

/** Why a bank says no: code, decline code and words. */
export const DECLINES: Partial<Record<CardBehaviour, { code: string; decline: string; message: string }>> = {
  declined: { code: "card_declined", decline: "generic_decline", message: "Your card was declined." },
  insufficient_funds: {
    code: "card_declined",
    decline: "insufficient_funds",
    message: "Your card has insufficient funds.",
  },
  authentication: {
    code: "authentication_required",
    decline: "authentication_required",
    message: "Your card was declined. This transaction requires authentication.",
  },
};

/** The refusal of a charge that was never made, or null when the card would pay. */
export function refusalByCard(world: World, card: string | null): StripeRefusal | null {
  const behaviour = card === null ? "declined" : (world.store.cards.get(card) ?? "pays");
  const decline = DECLINES[behaviour];
  if (decline === undefined) return null;
  const { code, decline: decline_code, message } = decline;
  return new StripeRefusal(402, "card_error", message, { code, decline_code });
}

interface Confirmation {
  /** The person has passed the bank's check. */
  authenticated?: boolean;
}

/** Tries to take the money with the intent's card, and tells what came of it. */
export function confirmIntent(
  world: World,
  intent: PaymentIntentRow,
  { authenticated = false }: Confirmation = {},
): void {
  const card = intent.payment_method;
  const behaviour = card === null ? "declined" : (world.store.cards.get(card) ?? "pays");
  if (behaviour === "authentication" && !authenticated) {
    intent.status = "requires_action";
    intent.next_action = {
      type: "redirect_to_url",
      redirect_to_url: { url: `${world.origin}/twin/3ds/${intent.id}`, return_url: null },
    };
    emit(world, "payment_intent.requires_action", intent);
  } else if (behaviour === "declined" || behaviour === "insufficient_funds") {
    fail(world, intent, behaviour);
  } else {
    succeed(world, intent, behaviour);
  }
  world.hooks.intentSettled(intent);
}

/** The person did not pass the bank's check. */
export function failAuthentication(world: World, intent: PaymentIntentRow): void {
  fail(world, intent, "authentication");
  world.hooks.intentSettled(intent);
}

export function cancelIntent(world: World, intent: PaymentIntentRow, reason: "abandoned" | "void_invoice"): void {
  intent.status = "canceled";
  intent.canceled_at = now(world, clockOf(world, intent.customer));
  intent.cancellation_reason = reason;
  intent.next_action = null;
  emit(world, "payment_intent.canceled", intent);
}

function fail(world: World, intent: PaymentIntentRow, behaviour: CardBehaviour): void {
  const decline = DECLINES[behaviour] ?? { code: "card_declined", decline: "generic_decline", message: "Declined." };
  const charge = addCharge(world, intent, decline);
  intent.status = "requires_payment_method";
  intent.latest_charge = charge.id;
  intent.next_action = null;
  intent.last_payment_error = {
    type: "card_error",
    code: decline.code as "card_declined",
    decline_code: decline.decline,
    message: decline.message,
    charge: charge.id,
  };
  // The card is not kept on the intent, as with Stripe.
  intent.payment_method = null;
  emit(world, "charge.failed", charge);
  emit(world, "payment_intent.payment_failed", intent);
}

function succeed(world: World, intent: PaymentIntentRow, behaviour: CardBehaviour): void {
  const charge = addCharge(world, intent, null);
  intent.status = "succeeded";
  intent.amount_received = intent.amount;
  intent.latest_charge = charge.id;
  intent.next_action = null;
  intent.last_payment_error = null;
  emit(world, "charge.succeeded", charge);
  emit(world, "payment_intent.succeeded", intent);
  if (behaviour === "disputed") openDispute(world, charge, { reason: "fraudulent" });
}

function addCharge(
  world: World,
  intent: PaymentIntentRow,
  decline: { code: string; decline: string; message: string } | null,
): ChargeRow {
  const paid = decline === null;
  return world.store.charges.add({
    id: newId("ch"),
    object: "charge",
    amount: intent.amount,
    amount_captured: paid ? intent.amount : 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: { address: null, email: null, name: null, phone: null, tax_id: null },
    calculated_statement_descriptor: null,
    captured: paid,
    created: now(world, clockOf(world, intent.customer)),
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: decline?.code ?? null,
    failure_message: decline?.message ?? null,
    fraud_details: {},
    livemode: false,
    metadata: { ...intent.metadata },
    on_behalf_of: null,
    outcome: {
      advice_code: null,
      network_advice_code: null,
      network_decline_code: null,
      network_status: paid ? "approved_by_network" : "declined_by_network",
      reason: decline?.decline ?? null,
      risk_level: "normal",
      seller_message: decline?.message ?? "Payment complete.",
      type: paid ? "authorized" : "issuer_declined",
    },
    paid,
    payment_intent: intent.id,
    payment_method: intent.payment_method,
    payment_method_details: null,
    receipt_email: intent.receipt_email,
    receipt_number: null,
    receipt_url: paid ? `${world.origin}/twin/receipts/${intent.id}` : null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: paid ? "succeeded" : "failed",
    transfer_data: null,
    transfer_group: null,
  });
}

const EVIDENCE_SECONDS = 21 * 86_400;

/** The cardholder's bank takes the money back until the dispute is decided. */
export function openDispute(
  world: World,
  charge: ChargeRow,
  { reason, amount = charge.amount }: { reason: string; amount?: number },
): DisputeRow {
  const created = now(world, clockOf(world, charge.customer));
  const dispute = world.store.disputes.add({
    id: newId("du"),
    object: "dispute",
    amount,
    balance_transactions: [],
    charge: charge.id,
    created,
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: {} as DisputeRow["evidence"],
    evidence_details: {
      due_by: created + EVIDENCE_SECONDS,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: "not_submitted",
    } as DisputeRow["evidence_details"],
    intended_submission_method: null,
    is_charge_refundable: false,
    livemode: false,
    metadata: {},
    payment_intent: charge.payment_intent,
    reason,
    status: "needs_response",
  });
  change(world, "charge.updated", charge, (row) => {
    row.disputed = true;
  });
  emit(world, "charge.dispute.created", dispute);
  emit(world, "charge.dispute.funds_withdrawn", dispute);
  return dispute;
}

/** A card for someone who pays on a page, put on the customer if there is one. */
export function cardOnPage(world: World, behaviour: CardBehaviour, customer: string | null): string {
  const card = newCard(world, behaviour);
  if (customer !== null) {
    card.customer = customer;
    emit(world, "payment_method.attached", card);
  }
  return card.id;
}
