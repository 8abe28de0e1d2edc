import type Stripe from "stripe";
import * as z from "zod";
import { endpoint, page, type Endpoint } from "./endpoint.ts";
import { invalid } from "./errors.ts";
import { newId } from "./ids.ts";
import {
  bool,
  int,
  isWithin,
  list,
  mergeMetadata,
  metadata,
  natural,
  oneOf,
  paging,
  params,
  text,
  within,
} from "./params.ts";
import { addProduct } from "./products.ts";
import type { PlanRow, PriceRow } from "./rows.ts";
import { change, emit, requireRow, type World } from "./world.ts";

const currency = () => z.string().regex(/^[a-zA-Z]{3}$/, "currency");
const interval = () => oneOf("day", "week", "month", "year");
const recurring = z.strictObject({ interval: interval(), interval_count: int().optional() });
const taxBehavior = () => oneOf("exclusive", "inclusive", "unspecified");

/** A price made on the spot, as checkout sessions and subscription items take it. */
export const priceData = z.strictObject({
  currency: currency(),
  product: text().optional(),
  product_data: z
    .strictObject({ name: text(), description: text().optional(), metadata: metadata().optional() })
    .optional(),
  recurring: recurring.optional(),
  tax_behavior: taxBehavior().optional(),
  unit_amount: natural(),
});

const changeable = {
  active: bool().optional(),
  lookup_key: text().optional(),
  metadata: metadata().optional(),
  nickname: text().optional(),
  tax_behavior: taxBehavior().optional(),
  transfer_lookup_key: bool().optional(),
};
const createParams = params<Stripe.PriceCreateParams>()({
  ...changeable,
  billing_scheme: oneOf("per_unit").optional(),
  currency: currency(),
  product: text().optional(),
  product_data: z.strictObject({ name: text(), metadata: metadata().optional() }).optional(),
  recurring: z
    .strictObject({ interval: interval(), interval_count: int().optional(), usage_type: oneOf("licensed").optional() })
    .optional(),
  unit_amount: natural(),
});

const listParams = params<Stripe.PriceListParams>()({
  ...paging,
  active: bool().optional(),
  created: within().optional(),
  currency: text().optional(),
  lookup_keys: list(text()).optional(),
  product: text().optional(),
  recurring: z.strictObject({ interval: interval().optional() }).optional(),
  type: oneOf("one_time", "recurring").optional(),
});

export const priceEndpoints: Endpoint[] = [
  endpoint("POST", "/v1/prices", createParams, (world, input) => {
    takeLookupKey(world, null, input.lookup_key, input.transfer_lookup_key ?? false);
    return addPrice(world, input);
  }),
  endpoint("GET", "/v1/prices", listParams, (world, input) => {
    const found = world.store.prices
      .newest()
      .filter(
        (row) =>
          (input.active === undefined || row.active === input.active) &&
          (input.currency === undefined || row.currency === input.currency) &&
          (input.lookup_keys === undefined || input.lookup_keys.includes(row.lookup_key ?? "")) &&
          (input.product === undefined || row.product === input.product) &&
          (input.type === undefined || row.type === input.type) &&
          (input.recurring?.interval === undefined || row.recurring?.interval === input.recurring.interval) &&
          isWithin(row.created, input.created),
      );
    return page(found, input, "/v1/prices");
  }),
  endpoint("GET", "/v1/prices/:id", params<Stripe.PriceRetrieveParams>()({}), (world, _input, id) =>
    requireRow(world.store.prices, id),
  ),
  endpoint("POST", "/v1/prices/:id", params<Stripe.PriceUpdateParams>()(changeable), (world, input, id) => {
    const price = requireRow(world.store.prices, id);
    takeLookupKey(world, price, input.lookup_key, input.transfer_lookup_key ?? false);
    change(world, "price.updated", price, () => {
      const { metadata: words, transfer_lookup_key: _transfer, ...rest } = input;
      Object.assign(price, rest, { metadata: mergeMetadata(price.metadata, words) });
    });
    return price;
  }),
];

// A lookup key names one price; it moves only when that is asked for.
function takeLookupKey(world: World, taker: PriceRow | null, key: string | undefined, transfer: boolean): void {
  if (key === undefined) return;
  for (const holder of world.store.prices.filter((row) => row.lookup_key === key && row !== taker)) {
    if (!transfer) throw invalid(`A price (\`${holder.id}\`) already uses that lookup key.`, { param: "lookup_key" });
    change(world, "price.updated", holder, (row) => {
      row.lookup_key = null;
    });
  }
}

type NewPrice = z.output<typeof priceData> & Partial<Omit<z.output<typeof createParams>, "product_data" | "recurring">>;

/** @throws StripeRefusal without a product, or with one that does not exist */
export function addPrice(world: World, input: NewPrice): PriceRow {
  if ((input.product === undefined) === (input.product_data === undefined)) {
    throw invalid("You must specify exactly one of `product` or `product_data` when creating a price.", {
      code: "parameter_missing",
      param: "product",
    });
  }
  const product =
    input.product_data === undefined
      ? requireRow(world.store.products, input.product ?? "", "product")
      : addProduct(world, input.product_data);
  const { recurring: rhythm } = input;
  const price = world.store.prices.add({
    id: newId("price"),
    object: "price",
    active: input.active ?? true,
    billing_scheme: "per_unit",
    created: world.clock.seconds(),
    currency: input.currency.toLowerCase(),
    custom_unit_amount: null,
    livemode: false,
    lookup_key: input.lookup_key ?? null,
    metadata: mergeMetadata(null, input.metadata),
    nickname: input.nickname ?? null,
    product: product.id,
    recurring:
      rhythm === undefined
        ? null
        : {
            interval: rhythm.interval,
            interval_count: rhythm.interval_count ?? 1,
            meter: null,
            trial_period_days: null,
            usage_type: "licensed",
          },
    tax_behavior: input.tax_behavior ?? "unspecified",
    tiers_mode: null,
    transform_quantity: null,
    type: rhythm === undefined ? "one_time" : "recurring",
    unit_amount: input.unit_amount,
    unit_amount_decimal: String(input.unit_amount),
  });
  emit(world, "price.created", price);
  return price;
}

/** The price of a parameter pair `price` or `price_data`. @throws StripeRefusal for neither, both, or an inactive price */
export function priceOf(
  world: World,
  given: { price?: string | undefined; price_data?: z.output<typeof priceData> | undefined },
  param: string,
): PriceRow {
  if (given.price !== undefined && given.price_data !== undefined) {
    throw invalid("You may only specify one of these parameters: price, price_data.", { param });
  }
  if (given.price_data !== undefined) return addPrice(world, given.price_data);
  if (given.price === undefined) {
    throw invalid(`Missing required param: ${param}[price].`, { code: "parameter_missing", param: `${param}[price]` });
  }
  const price = requireRow(world.store.prices, given.price, `${param}[price]`);
  if (!price.active) {
    throw invalid("The price specified is inactive. This field only accepts active prices.", {
      param: `${param}[price]`,
    });
  }
  return price;
}

/** The older name of a recurring price, which subscription items still carry. */
export function planOf(price: PriceRow): PlanRow {
  return {
    id: price.id,
    object: "plan",
    active: price.active,
    amount: price.unit_amount,
    amount_decimal: price.unit_amount_decimal,
    billing_scheme: "per_unit",
    created: price.created,
    currency: price.currency,
    interval: price.recurring?.interval ?? "month",
    interval_count: price.recurring?.interval_count ?? 1,
    livemode: false,
    metadata: price.metadata,
    meter: null,
    nickname: price.nickname,
    product: price.product,
    tiers_mode: null,
    transform_usage: null,
    trial_period_days: null,
    usage_type: "licensed",
  };
}
