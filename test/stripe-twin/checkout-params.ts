import type Stripe from "stripe";
import * as z from "zod";
import { discountParam } from "./discounts.ts";
import { bool, int, list, metadata, oneOf, params, text } from "./params.ts";
import { priceData } from "./prices.ts";

export const createParams = params<Stripe.Checkout.SessionCreateParams>()({
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
export type Create = z.output<typeof createParams>;
