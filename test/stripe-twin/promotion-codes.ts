import type Stripe from "stripe";
import * as z from "zod";
import { endpoint, page, type Endpoint } from "./endpoint.ts";
import { invalid } from "./errors.ts";
import { newId } from "./ids.ts";
import { bool, int, isWithin, mergeMetadata, metadata, oneOf, paging, params, text, within } from "./params.ts";
import { change, emit, requireRow } from "./world.ts";

const createParams = params<Stripe.PromotionCodeCreateParams>()({
  active: bool().optional(),
  code: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,500}$/, "code")
    .optional(),
  customer: text().optional(),
  expires_at: int().optional(),
  max_redemptions: int().optional(),
  metadata: metadata().optional(),
  promotion: z.strictObject({ type: oneOf("coupon"), coupon: text() }),
  restrictions: z
    .strictObject({
      first_time_transaction: bool().optional(),
      minimum_amount: int().optional(),
      minimum_amount_currency: text().optional(),
    })
    .optional(),
});

const listParams = params<Stripe.PromotionCodeListParams>()({
  ...paging,
  active: bool().optional(),
  code: text().optional(),
  coupon: text().optional(),
  created: within().optional(),
  customer: text().optional(),
});

export const promotionCodeEndpoints: Endpoint[] = [
  endpoint("POST", "/v1/promotion_codes", createParams, (world, input) => {
    const coupon = requireRow(world.store.coupons, input.promotion.coupon, "promotion[coupon]");
    const code = input.code ?? newId("c").slice(-8).toUpperCase();
    const same = world.store.promotionCodes.filter(
      (row) => row.active && row.code.toUpperCase() === code.toUpperCase() && row.customer === (input.customer ?? null),
    );
    if (same.length > 0) {
      throw invalid(`An active promotion code with \`code: ${code}\` already exists.`, { param: "code" });
    }
    const row = world.store.promotionCodes.add({
      id: newId("promo"),
      object: "promotion_code",
      active: input.active ?? true,
      code,
      created: world.clock.seconds(),
      customer: input.customer ?? null,
      customer_account: null,
      expires_at: input.expires_at ?? null,
      livemode: false,
      max_redemptions: input.max_redemptions ?? null,
      metadata: mergeMetadata(null, input.metadata),
      promotion: { type: "coupon", coupon: coupon.id },
      restrictions: {
        first_time_transaction: input.restrictions?.first_time_transaction ?? false,
        minimum_amount: input.restrictions?.minimum_amount ?? null,
        minimum_amount_currency: input.restrictions?.minimum_amount_currency ?? null,
      },
      times_redeemed: 0,
    });
    emit(world, "promotion_code.created", row);
    return row;
  }),
  endpoint("GET", "/v1/promotion_codes", listParams, (world, input) => {
    const found = world.store.promotionCodes
      .newest()
      .filter(
        (row) =>
          (input.active === undefined || row.active === input.active) &&
          (input.code === undefined || row.code.toUpperCase() === input.code.toUpperCase()) &&
          (input.coupon === undefined || row.promotion.coupon === input.coupon) &&
          (input.customer === undefined || row.customer === input.customer) &&
          isWithin(row.created, input.created),
      );
    return page(found, input, "/v1/promotion_codes");
  }),
  endpoint("GET", "/v1/promotion_codes/:id", params<Stripe.PromotionCodeRetrieveParams>()({}), (world, _input, id) =>
    requireRow(world.store.promotionCodes, id),
  ),
  endpoint(
    "POST",
    "/v1/promotion_codes/:id",
    params<Stripe.PromotionCodeUpdateParams>()({ active: bool().optional(), metadata: metadata().optional() }),
    (world, input, id) => {
      const row = requireRow(world.store.promotionCodes, id);
      change(world, "promotion_code.updated", row, () => {
        if (input.active !== undefined) row.active = input.active;
        row.metadata = mergeMetadata(row.metadata, input.metadata);
      });
      return row;
    },
  ),
];
