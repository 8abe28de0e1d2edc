import type { Create } from "./checkout-params.ts";
import type { CheckoutPlan } from "./checkout-plan.ts";
import { requireOffer, type LiveDiscount } from "./discounts.ts";
import { invalid } from "./errors.ts";
import { newId } from "./ids.ts";
import { netOf, pricedLines, totalsOf } from "./invoice-math.ts";
import { mergeMetadata } from "./params.ts";
import type { LineRow, SessionItemRow, SessionRow } from "./rows.ts";
import { onceLine } from "./subscription-life.ts";
import type { World } from "./world.ts";

const MIN_AMOUNT = 50;

/** What the session costs: the lines, the discount, the tax. A trial makes what recurs cost nothing today. */
export function addUp(world: World, session: SessionRow, plan: CheckoutPlan, taxed: boolean): void {
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

/** A session as it is before anything was added up. */
export function blankSession(
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
