import type Stripe from "stripe";
import * as z from "zod";
import { attachCard, testCard } from "./cards.ts";
import { endpoint, page, type Endpoint } from "./endpoint.ts";
import { invalid, missing, StripeRefusal } from "./errors.ts";
import {
  bool,
  clearable,
  isWithin,
  mergeMetadata,
  metadata,
  natural,
  oneOf,
  paging,
  params,
  text,
  within,
} from "./params.ts";
import { addIntent, cancelIntent, confirmIntent } from "./payments.ts";
import type { PaymentIntentRow } from "./rows.ts";
import { change, requireRow, type World } from "./world.ts";

const MIN_AMOUNT = 50;

const createParams = params<Stripe.PaymentIntentCreateParams>()({
  amount: natural(),
  automatic_payment_methods: z
    .strictObject({ enabled: bool(), allow_redirects: oneOf("always", "never").optional() })
    .optional(),
  confirm: bool().optional(),
  currency: text(),
  customer: text().optional(),
  description: text().optional(),
  metadata: metadata().optional(),
  off_session: bool().optional(),
  payment_method: text().optional(),
  receipt_email: text().optional(),
  return_url: text().optional(),
  setup_future_usage: oneOf("off_session", "on_session").optional(),
});

export const paymentIntentEndpoints: Endpoint[] = [
  endpoint("POST", "/v1/payment_intents", createParams, (world, input) => {
    if (input.amount < MIN_AMOUNT) {
      throw invalid(`Amount must be at least 50 of the smallest unit.`, { code: "amount_too_small", param: "amount" });
    }
    if (input.customer !== undefined) requireRow(world.store.customers, input.customer, "customer");
    const intent = addIntent(world, {
      amount: input.amount,
      currency: input.currency.toLowerCase(),
      customer: input.customer ?? null,
      description: input.description ?? null,
      metadata: mergeMetadata(null, input.metadata),
      paymentMethod: cardOf(world, input.payment_method, input.customer),
      receiptEmail: input.receipt_email ?? null,
      setupFutureUsage: input.setup_future_usage ?? null,
    });
    if (input.confirm === true) confirm(world, intent);
    return intent;
  }),
  endpoint(
    "GET",
    "/v1/payment_intents",
    params<Stripe.PaymentIntentListParams>()({ ...paging, created: within().optional(), customer: text().optional() }),
    (world, input) => {
      const found = world.store.paymentIntents
        .newest()
        .filter(
          (row) =>
            (input.customer === undefined || row.customer === input.customer) && isWithin(row.created, input.created),
        );
      return page(found, input, "/v1/payment_intents");
    },
  ),
  endpoint("GET", "/v1/payment_intents/:id", z.strictObject({}), (world, _input, id) =>
    requireRow(world.store.paymentIntents, id),
  ),
  endpoint(
    "POST",
    "/v1/payment_intents/:id",
    params<Stripe.PaymentIntentUpdateParams>()({
      description: text().optional(),
      metadata: metadata().optional(),
      receipt_email: clearable(text()).optional(),
    }),
    (world, input, id) => {
      const intent = requireRow(world.store.paymentIntents, id);
      const { metadata: words, ...rest } = input;
      Object.assign(intent, rest, { metadata: mergeMetadata(intent.metadata, words) });
      return intent;
    },
  ),
  endpoint(
    "POST",
    "/v1/payment_intents/:id/confirm",
    params<Stripe.PaymentIntentConfirmParams>()({
      off_session: bool().optional(),
      payment_method: text().optional(),
      return_url: text().optional(),
    }),
    (world, input, id) => {
      const intent = requireRow(world.store.paymentIntents, id);
      const card = cardOf(world, input.payment_method, intent.customer ?? undefined);
      if (card !== null) intent.payment_method = card;
      confirm(world, intent);
      return intent;
    },
  ),
  endpoint(
    "POST",
    "/v1/payment_intents/:id/cancel",
    params<Stripe.PaymentIntentCancelParams>()({
      cancellation_reason: oneOf("abandoned", "duplicate", "fraudulent", "requested_by_customer").optional(),
    }),
    (world, input, id) => {
      const intent = requireRow(world.store.paymentIntents, id);
      if (intent.status === "succeeded" || intent.status === "canceled") throw unexpected(intent, "cancel");
      cancelIntent(world, intent, "abandoned");
      intent.cancellation_reason = input.cancellation_reason ?? null;
      return intent;
    },
  ),
  endpoint(
    "GET",
    "/v1/charges",
    params<Stripe.ChargeListParams>()({
      ...paging,
      created: within().optional(),
      customer: text().optional(),
      payment_intent: text().optional(),
    }),
    (world, input) => {
      const found = world.store.charges
        .newest()
        .filter(
          (row) =>
            (input.customer === undefined || row.customer === input.customer) &&
            (input.payment_intent === undefined || row.payment_intent === input.payment_intent) &&
            isWithin(row.created, input.created),
        );
      return page(found, input, "/v1/charges");
    },
  ),
  endpoint("GET", "/v1/charges/:id", params<Stripe.ChargeRetrieveParams>()({}), (world, _input, id) =>
    requireRow(world.store.charges, id),
  ),
  endpoint(
    "POST",
    "/v1/charges/:id",
    params<Stripe.ChargeUpdateParams>()({ description: text().optional(), metadata: metadata().optional() }),
    (world, input, id) => {
      const charge = requireRow(world.store.charges, id);
      change(world, "charge.updated", charge, () => {
        if (input.description !== undefined) charge.description = input.description;
        charge.metadata = mergeMetadata(charge.metadata, input.metadata);
      });
      return charge;
    },
  ),
];

function cardOf(world: World, id: string | undefined, customer: string | undefined): string | null {
  if (id === undefined) return null;
  const owner = world.store.customers.find(customer);
  if (owner !== null) return attachCard(world, id, owner).id;
  const card = world.store.paymentMethods.find(id) ?? testCard(world, id);
  if (card === null) throw missing("PaymentMethod", id, "payment_method");
  return card.id;
}

function confirm(world: World, intent: PaymentIntentRow): void {
  if (intent.status !== "requires_confirmation" && intent.status !== "requires_payment_method") {
    throw unexpected(intent, "confirm");
  }
  if (intent.payment_method === null) {
    throw invalid(
      "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method.",
      { code: "payment_intent_unexpected_state" },
    );
  }
  confirmIntent(world, intent);
  const error = intent.last_payment_error;
  if (intent.status !== "requires_payment_method" || error === null) return;
  throw new StripeRefusal(402, "card_error", error.message ?? "Your card was declined.", {
    ...(error.code === undefined ? {} : { code: error.code }),
    ...(error.decline_code === undefined ? {} : { decline_code: error.decline_code }),
    ...(error.charge === undefined ? {} : { charge: error.charge }),
    payment_intent: structuredClone(intent),
  });
}

function unexpected(intent: PaymentIntentRow, verb: string): StripeRefusal {
  return invalid(`You cannot ${verb} this PaymentIntent because it has a status of ${intent.status}.`, {
    code: "payment_intent_unexpected_state",
    payment_intent: structuredClone(intent),
  });
}
