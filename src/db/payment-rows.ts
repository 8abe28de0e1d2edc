import * as z from "zod";

// Rows of the payment tables (migrations/0002), as D1 returns them. Statuses that the provider owns stay open.

/** What can be subscribed to. `features` is JSON. */
export const subscriptionPlansRow = z.strictObject({
  id: z.string(),
  plan_name: z.string(),
  plan_type: z.enum(["free", "try_it_out", "better_together", "premium_plus", "custom"]),
  billing_period: z.enum(["monthly", "annual"]),
  price_cents: z.int(),
  price_display: z.string(),
  currency: z.string(),
  stripe_price_id: z.string().nullable(),
  stripe_product_id: z.string().nullable(),
  features: z.string(),
  is_active: z.literal([0, 1]),
  sort_order: z.int(),
  created_at: z.int(),
  updated_at: z.int(),
});
export type SubscriptionPlan = z.infer<typeof subscriptionPlansRow>;

/** One subscription of a couple, paid by one of them. */
export const subscriptionsRow = z.strictObject({
  id: z.string(),
  relationship_id: z.string(),
  plan_id: z.string(),
  user_id: z.string(),
  stripe_customer_id: z.string().nullable(),
  stripe_subscription_id: z.string().nullable(),
  livemode: z.literal([0, 1]),
  status: z.string(),
  billing_period: z.enum(["monthly", "annual"]),
  price_cents: z.int(),
  currency: z.string(),
  trial_end_at: z.int().nullable(),
  current_period_start_at: z.int(),
  current_period_end_at: z.int(),
  cancel_at: z.int().nullable(),
  canceled_at: z.int().nullable(),
  cancel_reason: z.string().nullable(),
  ended_at: z.int().nullable(),
  pause_until_at: z.int().nullable(),
  is_gift: z.literal([0, 1]),
  gift_from_user_id: z.string().nullable(),
  gift_message: z.string().nullable(),
  sync_version: z.int(),
  entitlement_version: z.int(),
  mrr_x12_cents: z.int(),
  created_at: z.int(),
  updated_at: z.int(),
});
export type Subscription = z.infer<typeof subscriptionsRow>;

/** Money that moved, in integer minor units. */
export const paymentTransactionsRow = z.strictObject({
  id: z.string(),
  subscription_id: z.string().nullable(),
  user_id: z.string(),
  relationship_id: z.string().nullable(),
  stripe_payment_intent_id: z.string().nullable(),
  stripe_charge_id: z.string().nullable(),
  stripe_invoice_id: z.string().nullable(),
  transaction_type: z.enum(["subscription", "credits", "add_on", "gift", "box", "coaching", "refund"]),
  amount_cents: z.int(),
  currency: z.string(),
  status: z.enum(["succeeded", "pending", "failed", "refunded", "canceled"]),
  payment_method: z.enum(["card", "bank_account", "apple_pay", "google_pay"]).nullable(),
  description: z.string().nullable(),
  metadata: z.string().nullable(),
  failure_reason: z.string().nullable(),
  refund_amount_cents: z.int(),
  refunded_at: z.int().nullable(),
  processed_at: z.int().nullable(),
  created_at: z.int(),
  updated_at: z.int(),
});
export type PaymentTransaction = z.infer<typeof paymentTransactionsRow>;

/** One entry of the append-only credit ledger. */
export const aiCreditsRow = z.strictObject({
  id: z.string(),
  relationship_id: z.string(),
  user_id: z.string(),
  transaction_type: z.enum(["purchase", "grant", "usage", "expiration", "refund", "reserve", "release", "clawback"]),
  lot_id: z.string(),
  reservation_id: z.string().nullable(),
  natural_key: z.string(),
  credits_amount: z.int(),
  credits_balance: z.int(),
  purchase_price_cents: z.int().nullable(),
  usage_description: z.string().nullable(),
  stripe_payment_id: z.string().nullable(),
  expires_at: z.int().nullable(),
  created_at: z.int(),
});
export type AICredit = z.infer<typeof aiCreditsRow>;
