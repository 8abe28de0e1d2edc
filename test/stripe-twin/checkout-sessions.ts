import type Stripe from "stripe";
import * as z from "zod";
import type { CheckoutPlan } from "./checkout-plan.ts";
import { DAY_SECONDS } from "./clock.ts";
import { discountParam, requireOffer, type LiveDiscount } from "./discounts.ts";
import { endpoint, page, type Endpoint } from "./endpoint.ts";
import { invalid } from "./errors.ts";
import { newId } from "./ids.ts";
import { pricedLines, totalsOf, netOf } from "./invoice-math.ts";
import { bool, int, isWithin, list, mergeMetadata, metadata, oneOf, paging, params, text, within } from "./params.ts";
import { priceData, priceOf } from "./prices.ts";
import type { LineRow, SessionItemRow, SessionRow } from "./rows.ts";
import { expireIncomplete, onceLine } from "./subscription-life.ts";
import { emit, now, requireRow, type World } from "./world.ts";

const MIN_AMOUNT = 50;
const MIN_TRIAL_SECONDS = 2 * DAY_SECONDS;
const MIN_LIFE_SECONDS = 30 * 60;
const MAX_LIFE_SECONDS = DAY_SECONDS;

const createParams = params<Stripe.Checkout.SessionCreateParams>()({
  allow_promotion_codes: bool().optional(),
  automatic_tax: z.strictObject({ enabled: bool() }).optional(),
  billing_address_collection: oneOf("auto", "required").optional(),
  cancel_url: text().optional(),
  client_reference_id: text().max(200, "too_long").optional(),
  currency: text().optional(),
  customer: text().optional(),
  customer_creation: oneOf("always", "if_required").optional(),
  customer_email: text().optional(),
  customer_update: z
    .strictObject({ address: oneOf("auto", "never").optional(), name: oneOf("auto", "never").optional() })
    .optional(),
  discounts: list(discountParam.omit({ discount: true })).optional(),
  expires_at: int().optional(),
  invoice_creation: z
    .strictObject({
      enabled: bool(),
      invoice_data: z.strictObject({ description: text().optional(), metadata: metadata().optional() }).optional(),
    })
    .optional(),
  line_items: list(
    z.strictObject({
      metadata: metadata().optional(),
      price: text().optional(),
      price_data: priceData.optional(),
      quantity: int().optional(),
    }),
  ),
  locale: text().optional(),
  metadata: metadata().optional(),
  mode: oneOf("payment", "subscription"),
  payment_intent_data: z
    .strictObject({
      description: text().optional(),
      metadata: metadata().optional(),
      receipt_email: text().optional(),
      setup_future_usage: oneOf("off_session", "on_session").optional(),
    })
    .optional(),
  payment_method_collection: oneOf("always", "if_required").optional(),
  submit_type: oneOf("auto", "book", "donate", "pay", "subscribe").optional(),
  subscription_data: z
    .strictObject({
      description: text().optional(),
      metadata: metadata().optional(),
      proration_behavior: oneOf("create_prorations", "none").optional(),
      trial_end: int().optional(),
      trial_period_days: int().optional(),
      trial_settings: z
        .strictObject({
          end_behavior: z.strictObject({ missing_payment_method: oneOf("cancel", "create_invoice", "pause") }),
        })
        .optional(),
    })
    .optional(),
  success_url: text(),
  tax_id_collection: z.strictObject({ enabled: bool() }).optional(),
  ui_mode: oneOf("hosted_page").optional(),
});
type Create = z.output<typeof createParams>;

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
  const session = blank(world, input, {
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

/** What the session costs: the lines, the discount, the tax. A trial makes what recurs cost nothing today. */
function addUp(world: World, session: SessionRow, plan: CheckoutPlan, taxed: boolean): void {
  const onTrial = plan.trialDays !== null || plan.trialEnd !== null;
  const drafts = plan.lines.map((line) => {
    const draft = onceLine(world, line.price, line.quantity, session.created);
    return onTrial && line.price.type === "recurring" ? { ...draft, amount: 0 } : draft;
  });
  const amount = drafts.reduce((sum, draft) => sum + draft.amount, 0);
  const offers = plan.discounts.map((given) => requireOffer(world, given, session.customer, amount));
  const discounts: LiveDiscount[] = offers.map(({ coupon }) => ({ id: coupon.id, coupon }));
  const lines = pricedLines(drafts, discounts, taxed ? world.settings.taxBasisPoints : 0);
  const totals = totalsOf(lines);
  session.amount_subtotal = totals.subtotal;
  session.amount_total = totals.total;
  session.total_details = {
    amount_discount: totals.subtotal - totals.total + totals.tax,
    amount_shipping: 0,
    amount_tax: totals.tax,
  };
  session.discounts = plan.discounts.map((given) => ({
    coupon: given.promotion_code === undefined ? (given.coupon ?? null) : null,
    promotion_code: given.promotion_code ?? null,
  }));
  if (session.mode === "payment" && totals.total > 0 && totals.total < MIN_AMOUNT) {
    throw invalid("The Checkout Session's total amount must convert to at least 50 cents.", {
      code: "amount_too_small",
    });
  }
  if (session.mode === "payment" && totals.total === 0) session.payment_status = "no_payment_required";
  world.store.sessionItems.set(
    session.id,
    lines.flatMap((line, index) => sessionItem(line, plan.lines[index])),
  );
}

function sessionItem(line: LineRow, source: CheckoutPlan["lines"][number] | undefined): SessionItemRow[] {
  if (source === undefined) return [];
  const tax = line.taxes.reduce((sum, entry) => sum + entry.amount, 0);
  return [
    {
      id: newId("li"),
      object: "item",
      adjustable_quantity: null,
      amount_discount: line.amount - netOf(line),
      amount_subtotal: line.amount,
      amount_tax: tax,
      amount_total: netOf(line) + tax,
      currency: line.currency,
      description: line.description,
      metadata: source.metadata,
      price: source.price,
      quantity: source.quantity,
    },
  ];
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

function blank(
  world: World,
  input: Create,
  { at, expiresAt, customerEmail }: { at: number; expiresAt: number; customerEmail: string | null },
): SessionRow {
  const id = newId("cs_test");
  const taxed = input.automatic_tax?.enabled ?? false;
  return {
    id,
    object: "checkout.session",
    adaptive_pricing: null,
    after_expiration: null,
    allow_promotion_codes: input.allow_promotion_codes ?? null,
    allowed_payment_method_types: null,
    amount_subtotal: 0,
    amount_total: 0,
    automatic_tax: {
      enabled: taxed,
      liability: taxed ? { type: "self" } : null,
      provider: taxed ? "stripe" : null,
      status: taxed ? "complete" : null,
    },
    billing_address_collection: input.billing_address_collection ?? null,
    cancel_url: input.cancel_url ?? null,
    client_reference_id: input.client_reference_id ?? null,
    client_secret: null,
    collected_information: null,
    consent: null,
    consent_collection: null,
    created: at,
    currency:
      world.store.prices.find(input.line_items[0]?.price)?.currency ??
      input.line_items[0]?.price_data?.currency ??
      "usd",
    currency_conversion: null,
    custom_fields: [],
    custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
    customer: input.customer ?? null,
    customer_account: null,
    customer_creation: input.customer === undefined ? (input.customer_creation ?? "if_required") : null,
    customer_details: null,
    customer_email: input.customer === undefined ? customerEmail : null,
    discounts: [],
    expires_at: expiresAt,
    integration_identifier: null,
    invoice: null,
    invoice_creation: null,
    livemode: false,
    locale: null,
    managed_payments: null,
    metadata: mergeMetadata(null, input.metadata),
    mode: input.mode,
    origin_context: null,
    payment_intent: null,
    payment_link: null,
    payment_method_collection: input.mode === "subscription" ? (input.payment_method_collection ?? "always") : null,
    payment_method_configuration_details: null,
    payment_method_options: null,
    payment_method_types: ["card"],
    payment_status: "unpaid",
    permissions: null,
    recovered_from: null,
    saved_payment_method_options: null,
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: "open",
    submit_type: input.submit_type ?? null,
    subscription: null,
    success_url: input.success_url,
    total_details: null,
    ui_mode: "hosted_page",
    url: `${world.origin}/c/pay/${id}`,
    wallet_options: null,
  };
}
