import type Stripe from "stripe";
import * as z from "zod";
import { createParams, type Create } from "./checkout-params.ts";
import type { CheckoutPlan } from "./checkout-plan.ts";
import { addUp, blankSession } from "./checkout-row.ts";
import { DAY_SECONDS } from "./clock.ts";
import { endpoint, page, type Endpoint } from "./endpoint.ts";
import { invalid } from "./errors.ts";
import { isWithin, mergeMetadata, metadata, oneOf, paging, params, text, within } from "./params.ts";
import { priceOf } from "./prices.ts";
import type { SessionRow } from "./rows.ts";
import { expireIncomplete } from "./subscription-life.ts";
import { emit, now, requireRow, type World } from "./world.ts";

const MIN_TRIAL_SECONDS = 2 * DAY_SECONDS;
const MIN_LIFE_SECONDS = 30 * 60;
const MAX_LIFE_SECONDS = DAY_SECONDS;

const listParams = params<Stripe.Checkout.SessionListParams>()({
  ...paging,
  created: within().optional(),
  customer: text().optional(),
  payment_intent: text().optional(),
  status: oneOf("complete", "expired", "open").optional(),
  subscription: text().optional(),
});

export const checkoutEndpoints: Endpoint[] = [
  endpoint("POST", "/v1/checkout/sessions", createParams, create),
  endpoint("GET", "/v1/checkout/sessions", listParams, (world, input) => {
    const found = world.store.sessions
      .newest()
      .filter(
        (row) =>
          (input.customer === undefined || row.customer === input.customer) &&
          (input.payment_intent === undefined || row.payment_intent === input.payment_intent) &&
          (input.subscription === undefined || row.subscription === input.subscription) &&
          (input.status === undefined || row.status === input.status) &&
          isWithin(row.created, input.created),
      );
    return page(found, input, "/v1/checkout/sessions");
  }),
  endpoint("GET", "/v1/checkout/sessions/:id", z.strictObject({}), (world, _input, id) =>
    requireRow(world.store.sessions, id),
  ),
  endpoint(
    "POST",
    "/v1/checkout/sessions/:id",
    params<Stripe.Checkout.SessionUpdateParams>()({ metadata: metadata().optional() }),
    (world, input, id) => {
      const session = requireRow(world.store.sessions, id);
      session.metadata = mergeMetadata(session.metadata, input.metadata);
      return session;
    },
  ),
  endpoint("POST", "/v1/checkout/sessions/:id/expire", z.strictObject({}), (world, _input, id) => {
    const session = requireRow(world.store.sessions, id);
    if (session.status !== "open") {
      throw invalid(
        `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of \`${String(session.status)}\`.`,
      );
    }
    expireSession(world, session);
    return session;
  }),
  endpoint(
    "GET",
    "/v1/checkout/sessions/:id/line_items",
    params<Stripe.Checkout.SessionListLineItemsParams>()(paging),
    (world, input, id) => {
      requireRow(world.store.sessions, id);
      return page(world.store.sessionItems.get(id) ?? [], input, `/v1/checkout/sessions/${id}/line_items`);
    },
  ),
];

function create(world: World, input: Create): SessionRow {
  refuseContradictions(input);
  const customer = input.customer === undefined ? null : requireRow(world.store.customers, input.customer, "customer");
  const at = world.clock.seconds();
  const lines = input.line_items.map((line, index) => ({
    price: priceOf(world, line, `line_items[${index}]`),
    quantity: line.quantity ?? 1,
    metadata: mergeMetadata(null, line.metadata),
  }));
  refusePrices(input, lines);
  const expiresAt = input.expires_at ?? at + MAX_LIFE_SECONDS;
  if (expiresAt < at + MIN_LIFE_SECONDS) {
    throw invalid("The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.", {
      param: "expires_at",
    });
  }
  if (expiresAt > at + MAX_LIFE_SECONDS) {
    throw invalid("The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.", {
      param: "expires_at",
    });
  }
  const trialEnd = input.subscription_data?.trial_end;
  if (trialEnd !== undefined && trialEnd < now(world, customer?.test_clock) + MIN_TRIAL_SECONDS) {
    throw invalid("The `trial_end` date has to be at least 2 days in the future.", {
      param: "subscription_data[trial_end]",
    });
  }
  const plan = planOfInput(input, lines);
  const session = blankSession(world, input, {
    at,
    expiresAt,
    customerEmail: customer?.email ?? input.customer_email ?? null,
  });
  addUp(world, session, plan, input.automatic_tax?.enabled ?? false);
  world.store.checkoutPlans.set(session.id, plan);
  return world.store.sessions.add(session);
}

function refuseContradictions(input: Create): void {
  const exclusive = (a: keyof Create, b: keyof Create) => {
    if (input[a] === undefined || input[b] === undefined) return;
    throw invalid(`You may only specify one of these parameters: ${a}, ${b}.`, { param: a });
  };
  exclusive("allow_promotion_codes", "discounts");
  exclusive("customer", "customer_email");
  exclusive("customer", "customer_creation");
  const wrong = (
    input.mode === "payment"
      ? ["subscription_data", "payment_method_collection"]
      : ["payment_intent_data", "invoice_creation"]
  ) as (keyof Create)[];
  for (const param of wrong) {
    if (input[param] !== undefined)
      throw invalid(`You can not pass \`${param}\` in \`${input.mode}\` mode.`, { param });
  }
  if ((input.discounts?.length ?? 0) > 1) {
    throw invalid("You may only apply one discount to a Checkout Session.", { param: "discounts" });
  }
  const trial = input.subscription_data;
  if (trial?.trial_end !== undefined && trial.trial_period_days !== undefined) {
    throw invalid("You may only specify one of these parameters: trial_end, trial_period_days.");
  }
  if (trial?.trial_period_days !== undefined && trial.trial_period_days < 1) {
    throw invalid("The minimum number of trial period days is 1.", { param: "subscription_data[trial_period_days]" });
  }
}

function refusePrices(input: Create, lines: CheckoutPlan["lines"]): void {
  const recurring = lines.filter((line) => line.price.type === "recurring").length;
  if (lines.length === 0) {
    throw invalid("Missing required param: line_items.", { code: "parameter_missing", param: "line_items" });
  }
  if (input.mode === "subscription" && recurring === 0) {
    throw invalid("You must provide at least one recurring price in `subscription` mode when using prices.");
  }
  if (input.mode === "payment" && recurring > 0) {
    throw invalid(
      "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.",
    );
  }
}

function planOfInput(input: Create, lines: CheckoutPlan["lines"]): CheckoutPlan {
  const { subscription_data: subscription, payment_intent_data: payment, invoice_creation: invoice } = input;
  return {
    lines,
    discounts: input.discounts ?? [],
    createsCustomer: input.mode === "subscription" || input.customer_creation === "always" || invoice?.enabled === true,
    createsInvoice: invoice?.enabled ?? false,
    invoiceMetadata: mergeMetadata(null, invoice?.invoice_data?.metadata),
    metadata: mergeMetadata(null, subscription?.metadata ?? payment?.metadata),
    description: subscription?.description ?? payment?.description ?? null,
    trialDays: subscription?.trial_period_days ?? null,
    trialEnd: subscription?.trial_end ?? null,
    missingCard: subscription?.trial_settings?.end_behavior.missing_payment_method ?? "create_invoice",
    keepsCard: payment?.setup_future_usage !== undefined,
    subscription: null,
    invoice: null,
  };
}

/** Nobody can pay it any more; what it had begun is undone. */
export function expireSession(world: World, session: SessionRow): void {
  session.status = "expired";
  session.url = null;
  const plan = world.store.checkoutPlans.get(session.id);
  const begun = world.store.subscriptions.find(plan?.subscription);
  if (begun !== null && begun.status === "incomplete") expireIncomplete(world, begun);
  emit(world, "checkout.session.expired", session);
}
