import type Stripe from "stripe";

/** A reference is stored as the id alone; `expand` fills it in an answer. */
type Plain<V> = [Extract<V, string>] extends [never]
  ? V extends Array<infer E>
    ? Array<Plain<E>>
    : V
  : Extract<V, string | null | undefined>;

/** What the SDK says that Stripe answers, with references as ids; `Over` corrects what is nested deeper. */
type Row<T, Over = unknown> = Omit<{ [K in keyof T]: Plain<T[K]> }, keyof Over> & Over;

export interface List<T> {
  object: "list";
  data: T[];
  has_more: boolean;
  url: string;
}

export type Metadata = Record<string, string>;
// On the wire decimals are text; the SDK makes objects of them.
interface DecimalText {
  unit_amount_decimal: string | null;
}

export type CustomerRow = Row<
  Stripe.Customer,
  { invoice_settings: Row<Stripe.Customer.InvoiceSettings>; discount: DiscountRow | null }
>;
export type ProductRow = Row<Stripe.Product>;
export type PriceRow = Row<Stripe.Price, DecimalText>;
export type PlanRow = Row<Stripe.Plan, { amount_decimal: string | null }>;
export type CouponRow = Row<Stripe.Coupon>;
export type PromotionCodeRow = Row<Stripe.PromotionCode, { promotion: { type: "coupon"; coupon: string } }>;
export type DiscountRow = Row<Stripe.Discount, { source: { type: "coupon"; coupon: string } }>;
export type ItemRow = Row<Stripe.SubscriptionItem, { price: PriceRow; plan: PlanRow; quantity: number }>;
export type SubscriptionRow = Row<Stripe.Subscription, { items: List<ItemRow> }>;

export interface LinePricing {
  type: "price_details";
  price_details: { price: string; product: string };
  unit_amount_decimal: string;
}
export type TaxRow = Stripe.InvoiceLineItem.Tax;
export interface DiscountAmount {
  amount: number;
  discount: string;
}
export type LineRow = Row<
  Stripe.InvoiceLineItem,
  {
    pricing: LinePricing | null;
    quantity_decimal: string | null;
    discount_amounts: DiscountAmount[];
    taxes: TaxRow[];
  }
>;
export interface InvoiceParent {
  type: "subscription_details";
  quote_details: null;
  subscription_details: { metadata: Metadata; subscription: string; subscription_proration_date?: number };
}
export type InvoiceRow = Row<
  Stripe.Invoice,
  {
    lines: List<LineRow>;
    parent: InvoiceParent | null;
    total_discount_amounts: DiscountAmount[];
    total_taxes: TaxRow[];
    metadata: Metadata;
  }
>;
export type InvoiceItemRow = Row<
  Stripe.InvoiceItem,
  { quantity_decimal: string; pricing: LinePricing | null; metadata: Metadata; discounts: string[] }
>;
export type InvoicePaymentRow = Row<
  Stripe.InvoicePayment,
  { payment: { type: "payment_intent"; payment_intent: string } }
>;
export type PaymentMethodRow = Row<Stripe.PaymentMethod>;
export type PaymentIntentRow = Row<Stripe.PaymentIntent>;
export type ChargeRow = Row<Stripe.Charge>;
export type RefundRow = Row<Stripe.Refund>;
export type DisputeRow = Row<Stripe.Dispute>;
export type SessionRow = Row<
  Stripe.Checkout.Session,
  { discounts: { coupon: string | null; promotion_code: string | null }[] }
>;
export type SessionItemRow = Row<Stripe.LineItem, { price: PriceRow }>;
export type SchedulePhaseRow = Row<
  Stripe.SubscriptionSchedule.Phase,
  { items: Row<Stripe.SubscriptionSchedule.Phase.Item>[] }
>;
export type ScheduleRow = Row<Stripe.SubscriptionSchedule, { phases: SchedulePhaseRow[] }>;
export type PortalSessionRow = Row<Stripe.BillingPortal.Session>;
export type TestClockRow = Row<Stripe.TestHelpers.TestClock>;
export type EndpointRow = Row<Stripe.WebhookEndpoint>;

export interface EventRow {
  id: string;
  object: "event";
  api_version: string;
  created: number;
  data: { object: object; previous_attributes?: object };
  livemode: false;
  pending_webhooks: number;
  request: { id: string | null; idempotency_key: string | null };
  type: string;
}
