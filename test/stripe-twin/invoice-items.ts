import type Stripe from "stripe";
import * as z from "zod";
import { endpoint, page, type Endpoint } from "./endpoint.ts";
import { invalid } from "./errors.ts";
import { newId } from "./ids.ts";
import type { LineDraft } from "./invoice-math.ts";
import { bool, int, isWithin, mergeMetadata, metadata, paging, params, text, within } from "./params.ts";
import type { InvoiceItemRow, Metadata } from "./rows.ts";
import { clockOf, emit, now, requireRow, type World } from "./world.ts";

const createParams = params<Stripe.InvoiceItemCreateParams>()({
  amount: int().optional(),
  currency: text().optional(),
  customer: text(),
  description: text().optional(),
  discountable: bool().optional(),
  metadata: metadata().optional(),
  pricing: z.strictObject({ price: text() }).optional(),
  quantity: int().optional(),
  subscription: text().optional(),
});

const listParams = params<Stripe.InvoiceItemListParams>()({
  ...paging,
  created: within().optional(),
  customer: text().optional(),
  invoice: text().optional(),
  pending: bool().optional(),
});

export const invoiceItemEndpoints: Endpoint[] = [
  endpoint("POST", "/v1/invoiceitems", createParams, (world, input) => {
    requireRow(world.store.customers, input.customer, "customer");
    if (input.subscription !== undefined) requireRow(world.store.subscriptions, input.subscription, "subscription");
    const price =
      input.pricing === undefined ? null : requireRow(world.store.prices, input.pricing.price, "pricing[price]");
    const quantity = input.quantity ?? 1;
    const amount = price === null ? input.amount : (price.unit_amount ?? 0) * quantity;
    const currency = price?.currency ?? input.currency;
    if (amount === undefined || currency === undefined) {
      throw invalid("You must pass an amount and a currency, or a price.", { param: "amount" });
    }
    const at = now(world, clockOf(world, input.customer));
    const draft: LineDraft = {
      amount,
      currency,
      description: input.description ?? "",
      period: { start: at, end: at },
      price,
      quantity,
      subscription: input.subscription ?? null,
      subscriptionItem: null,
      invoiceItem: null,
      proration: false,
      discountable: input.discountable ?? true,
    };
    return addInvoiceItem(world, input.customer, draft, mergeMetadata(null, input.metadata));
  }),
  endpoint("GET", "/v1/invoiceitems", listParams, (world, input) => {
    const found = world.store.invoiceItems
      .newest()
      .filter(
        (row) =>
          (input.customer === undefined || row.customer === input.customer) &&
          (input.invoice === undefined || row.invoice === input.invoice) &&
          (input.pending === undefined || (row.invoice === null) === input.pending) &&
          isWithin(row.date, input.created),
      );
    return page(found, input, "/v1/invoiceitems");
  }),
  endpoint("GET", "/v1/invoiceitems/:id", params<Stripe.InvoiceItemRetrieveParams>()({}), (world, _input, id) =>
    requireRow(world.store.invoiceItems, id),
  ),
  endpoint("DELETE", "/v1/invoiceitems/:id", z.strictObject({}), (world, _input, id) => {
    const row = requireRow(world.store.invoiceItems, id);
    if (row.invoice !== null) throw invalid("You can't delete an invoice item that is attached to an invoice.");
    world.store.invoiceItems.remove(id);
    emit(world, "invoiceitem.deleted", row);
    return { id, object: "invoiceitem", deleted: true };
  }),
];

/** An amount that waits for the customer's next invoice. */
export function addInvoiceItem(world: World, customer: string, draft: LineDraft, words: Metadata): InvoiceItemRow {
  const testClock = clockOf(world, customer);
  const { price, subscription, subscriptionItem } = draft;
  const row = world.store.invoiceItems.add({
    id: newId("ii"),
    object: "invoiceitem",
    amount: draft.amount,
    currency: draft.currency,
    customer,
    customer_account: null,
    date: now(world, testClock),
    description: draft.description,
    discountable: draft.discountable,
    discounts: [],
    invoice: null,
    livemode: false,
    metadata: words,
    parent:
      subscription === null
        ? null
        : {
            type: "subscription_details",
            subscription_details: {
              subscription,
              ...(subscriptionItem === null ? {} : { subscription_item: subscriptionItem }),
            },
          },
    period: draft.period,
    pricing:
      price === null
        ? null
        : {
            type: "price_details",
            price_details: { price: price.id, product: price.product },
            unit_amount_decimal: price.unit_amount_decimal ?? "0",
          },
    proration: draft.proration,
    quantity: draft.quantity,
    quantity_decimal: String(draft.quantity),
    tax_rates: [],
    test_clock: testClock,
  });
  emit(world, "invoiceitem.created", row);
  return row;
}
