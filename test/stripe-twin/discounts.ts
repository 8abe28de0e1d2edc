import * as z from "zod";
import { addIntervals } from "./clock.ts";
import { refreshValidity } from "./coupons.ts";
import { invalid } from "./errors.ts";
import { newId } from "./ids.ts";
import { text } from "./params.ts";
import type { CouponRow, DiscountRow, PromotionCodeRow } from "./rows.ts";
import { emit, requireRow, type World } from "./world.ts";

/** One entry of a `discounts` parameter. */
export const discountParam = z.strictObject({
  coupon: text().optional(),
  promotion_code: text().optional(),
  discount: text().optional(),
});
export type DiscountParam = z.output<typeof discountParam>;

export interface Offer {
  coupon: CouponRow;
  promotionCode: PromotionCodeRow | null;
}

/**
 * The coupon behind a parameter, checked as Stripe checks it before it is redeemed.
 * @param amount what is bought, in minor units, for codes with a minimum
 * @throws StripeRefusal when it cannot be redeemed by this customer now
 */
export function requireOffer(world: World, given: DiscountParam, customer: string | null, amount: number): Offer {
  const promotionCode =
    given.promotion_code === undefined
      ? null
      : requireRow(world.store.promotionCodes, given.promotion_code, "promotion_code");
  const id = promotionCode?.promotion.coupon ?? given.coupon;
  if (id === undefined) throw invalid("You must pass a coupon or a promotion_code.", { param: "discounts" });
  if (promotionCode !== null) checkCode(world, promotionCode, customer, amount);
  const coupon = refreshValidity(world, requireRow(world.store.coupons, id, "coupon"));
  if (!coupon.valid) throw invalid(`Coupon expired: ${coupon.id}`, { code: "coupon_expired", param: "coupon" });
  return { coupon, promotionCode };
}

function checkCode(world: World, code: PromotionCodeRow, customer: string | null, amount: number): void {
  const refuse = (why: string) => invalid(why, { code: "promotion_code_invalid", param: "promotion_code" });
  const late = code.expires_at !== null && world.clock.seconds() > code.expires_at;
  const used = code.max_redemptions !== null && code.times_redeemed >= code.max_redemptions;
  if (!code.active || late || used) throw refuse("This promotion code is expired, used up or inactive.");
  if (code.customer !== null && code.customer !== customer) {
    throw refuse("This promotion code cannot be redeemed because it belongs to another customer.");
  }
  const { minimum_amount: minimum, first_time_transaction: firstTime } = code.restrictions;
  if (minimum !== null && amount < minimum) throw refuse("The amount is below the minimum of this promotion code.");
  if (firstTime && customer !== null && world.store.charges.group(customer).some((row) => row.paid)) {
    throw refuse("This promotion code cannot be redeemed because the associated customer has prior transactions.");
  }
}

interface Redemption {
  customer: string | null;
  subscription: string | null;
  session: string | null;
  /** UTC epoch seconds. */
  at: number;
}

/** Redeems an offer: it counts from now on, and lasts as long as the coupon says. */
export function redeem(world: World, offer: Offer, { customer, subscription, session, at }: Redemption): DiscountRow {
  const { coupon, promotionCode } = offer;
  coupon.times_redeemed += 1;
  refreshValidity(world, coupon);
  if (promotionCode !== null) promotionCode.times_redeemed += 1;
  const months = coupon.duration === "repeating" ? coupon.duration_in_months : null;
  const discount = world.store.discounts.add({
    id: newId("di"),
    object: "discount",
    checkout_session: session,
    customer,
    customer_account: null,
    end: months === null ? null : addIntervals(at, { interval: "month", interval_count: 1 }, months),
    invoice: null,
    invoice_item: null,
    promotion_code: promotionCode?.id ?? null,
    source: { type: "coupon", coupon: coupon.id },
    start: at,
    subscription,
    subscription_item: null,
  });
  emit(world, "customer.discount.created", discount);
  return discount;
}

export interface LiveDiscount {
  id: string;
  coupon: CouponRow;
}

/** Those of `ids` that still count at `at`. */
export function liveDiscounts(world: World, ids: readonly string[], at: number): LiveDiscount[] {
  return ids.flatMap((id) => {
    const row = world.store.discounts.find(id);
    const coupon = world.store.coupons.find(row?.source.coupon);
    if (row === null || coupon === null || (row.end !== null && at >= row.end)) return [];
    return [{ id, coupon }];
  });
}
