import type Stripe from "stripe";
import * as z from "zod";
import { endpoint, page, type Endpoint } from "./endpoint.ts";
import { invalid } from "./errors.ts";
import { newId } from "./ids.ts";
import {
  clearable,
  decimal,
  int,
  isWithin,
  list,
  mergeMetadata,
  metadata,
  oneOf,
  paging,
  params,
  text,
  within,
} from "./params.ts";
import type { CouponRow } from "./rows.ts";
import { change, emit, requireRow, type World } from "./world.ts";

const createParams = params<Stripe.CouponCreateParams>()({
  amount_off: int().optional(),
  applies_to: z.strictObject({ products: list(text()) }).optional(),
  currency: text().optional(),
  duration: oneOf("forever", "once", "repeating").optional(),
  duration_in_months: int().optional(),
  id: text().optional(),
  max_redemptions: int().optional(),
  metadata: metadata().optional(),
  name: text().optional(),
  percent_off: decimal().optional(),
  redeem_by: int().optional(),
});

export const couponEndpoints: Endpoint[] = [
  endpoint("POST", "/v1/coupons", createParams, (world, input) => {
    check(world, input);
    const coupon = world.store.coupons.add({
      id: input.id ?? newId("cpn").slice(4, 12),
      object: "coupon",
      amount_off: input.amount_off ?? null,
      created: world.clock.seconds(),
      currency: input.currency?.toLowerCase() ?? null,
      duration: input.duration ?? "once",
      duration_in_months: input.duration_in_months ?? null,
      livemode: false,
      max_redemptions: input.max_redemptions ?? null,
      metadata: mergeMetadata(null, input.metadata),
      name: input.name ?? null,
      percent_off: input.percent_off ?? null,
      redeem_by: input.redeem_by ?? null,
      times_redeemed: 0,
      valid: true,
      ...(input.applies_to === undefined ? {} : { applies_to: input.applies_to }),
    });
    emit(world, "coupon.created", coupon);
    return coupon;
  }),
  endpoint(
    "GET",
    "/v1/coupons",
    params<Stripe.CouponListParams>()({ ...paging, created: within().optional() }),
    (world, input) => {
      const found = world.store.coupons.newest().filter((row) => isWithin(row.created, input.created));
      for (const coupon of found) refreshValidity(world, coupon);
      return page(found, input, "/v1/coupons");
    },
  ),
  endpoint("GET", "/v1/coupons/:id", params<Stripe.CouponRetrieveParams>()({}), (world, _input, id) =>
    refreshValidity(world, requireRow(world.store.coupons, id)),
  ),
  endpoint(
    "POST",
    "/v1/coupons/:id",
    params<Stripe.CouponUpdateParams>()({ metadata: metadata().optional(), name: clearable(text()).optional() }),
    (world, input, id) => {
      const coupon = requireRow(world.store.coupons, id);
      change(world, "coupon.updated", coupon, () => {
        if (input.name !== undefined) coupon.name = input.name;
        coupon.metadata = mergeMetadata(coupon.metadata, input.metadata);
      });
      return coupon;
    },
  ),
  endpoint("DELETE", "/v1/coupons/:id", z.strictObject({}), (world, _input, id) => {
    const coupon = requireRow(world.store.coupons, id);
    // Discounts that exist go on; the coupon itself stays readable for them.
    coupon.redeem_by = 0;
    coupon.valid = false;
    emit(world, "coupon.deleted", coupon);
    return { id, object: "coupon", deleted: true };
  }),
];

function check(world: World, input: z.output<typeof createParams>): void {
  const { amount_off: amount, percent_off: percent, duration = "once", duration_in_months: months } = input;
  if ((amount === undefined) === (percent === undefined)) {
    throw invalid("Must pass exactly one of `amount_off` or `percent_off`", { param: "percent_off" });
  }
  if (amount !== undefined && amount <= 0) throw invalid("Invalid positive integer", { param: "amount_off" });
  if (amount !== undefined && input.currency === undefined) {
    throw invalid("You must pass currency when passing amount_off", { param: "currency" });
  }
  if (percent !== undefined && (percent <= 0 || percent > 100)) {
    throw invalid("percent_off must be greater than 0 and at most 100", { param: "percent_off" });
  }
  if ((duration === "repeating") !== (months !== undefined)) {
    throw invalid("duration_in_months is required for, and only for, repeating coupons", {
      param: "duration_in_months",
    });
  }
  if (world.store.coupons.find(input.id) !== null) {
    throw invalid("Coupon already exists.", { code: "resource_already_exists", param: "id" });
  }
}

/** Whether it can be redeemed changes by itself with time, and without an event. */
export function refreshValidity(world: World, coupon: CouponRow): CouponRow {
  const late = coupon.redeem_by !== null && world.clock.seconds() > coupon.redeem_by;
  const used = coupon.max_redemptions !== null && coupon.times_redeemed >= coupon.max_redemptions;
  coupon.valid = !late && !used;
  return coupon;
}
