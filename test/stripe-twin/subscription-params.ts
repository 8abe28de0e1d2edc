import type Stripe from "stripe";
import * as z from "zod";
import { discountParam } from "./discounts.ts";
import { bool, clearable, int, list, metadata, natural, oneOf, paging, params, text, within } from "./params.ts";
import { priceData } from "./prices.ts";

const item = {
  metadata: metadata().optional(),
  price: text().optional(),
  price_data: priceData.optional(),
  quantity: natural().optional(),
};
export const changedItem = z.strictObject({
  ...item,
  deleted: bool().optional(),
  id: text().optional(),
});
export const proration = () => oneOf("always_invoice", "create_prorations", "none");
const behavior = () => oneOf("allow_incomplete", "default_incomplete", "error_if_incomplete", "pending_if_incomplete");
const trialSettings = z.strictObject({
  end_behavior: z.strictObject({ missing_payment_method: oneOf("cancel", "create_invoice", "pause") }),
});
const cancellationDetails = z.strictObject({
  comment: clearable(text()).optional(),
  feedback: clearable(
    oneOf(
      "customer_service",
      "low_quality",
      "missing_features",
      "other",
      "switched_service",
      "too_complex",
      "too_expensive",
      "unused",
    ),
  ).optional(),
});
const shared = {
  automatic_tax: z.strictObject({ enabled: bool() }).optional(),
  cancel_at_period_end: bool().optional(),
  collection_method: oneOf("charge_automatically").optional(),
  default_payment_method: text().optional(),
  description: clearable(text()).optional(),
  discounts: clearable(list(discountParam)).optional(),
  metadata: metadata().optional(),
  off_session: bool().optional(),
  payment_behavior: behavior().optional(),
  proration_behavior: proration().optional(),
  trial_settings: trialSettings.optional(),
};
export const trialEnd = () => z.union([z.literal("now"), int()]);

export const createParams = params<Stripe.SubscriptionCreateParams>()({
  ...shared,
  billing_cycle_anchor: int().optional(),
  cancel_at: int().optional(),
  currency: text().optional(),
  customer: text(),
  items: list(z.strictObject(item)),
  trial_end: trialEnd().optional(),
  trial_period_days: int().optional(),
});

export const anchorParam = z.strictObject({ type: oneOf("now", "unchanged") });

export const updateParams = params<Stripe.SubscriptionUpdateParams>()({
  ...shared,
  billing_cycle_anchor: anchorParam.optional(),
  cancel_at: clearable(z.union([int(), z.enum(["min_period_end", "max_period_end"])])).optional(),
  cancellation_details: cancellationDetails.optional(),
  items: list(changedItem).optional(),
  pause_collection: clearable(
    z.strictObject({ behavior: oneOf("keep_as_draft", "mark_uncollectible", "void"), resumes_at: int().optional() }),
  ).optional(),
  proration_date: int().optional(),
  trial_end: trialEnd().optional(),
});

export const cancelParams = params<Stripe.SubscriptionCancelParams>()({
  cancellation_details: cancellationDetails.optional(),
  invoice_now: bool().optional(),
  prorate: bool().optional(),
});

export const pauseParams = params<Stripe.SubscriptionPauseParams>()({
  invoicing_behavior: oneOf("invoice", "pending_invoice_item").optional(),
  type: oneOf("subscription").optional(),
});

export const resumeParams = params<Stripe.SubscriptionResumeParams>()({
  billing_cycle_anchor: anchorParam.optional(),
  payment_behavior: oneOf("resume_on_payment_attempt", "resume_on_payment_success").optional(),
  proration_behavior: proration().optional(),
});

export const listParams = params<Stripe.SubscriptionListParams>()({
  ...paging,
  created: within().optional(),
  current_period_end: within().optional(),
  current_period_start: within().optional(),
  customer: text().optional(),
  price: text().optional(),
  status: oneOf(
    "active",
    "all",
    "canceled",
    "ended",
    "incomplete",
    "incomplete_expired",
    "past_due",
    "paused",
    "trialing",
    "unpaid",
  ).optional(),
  test_clock: text().optional(),
});
