import type Stripe from "stripe";
import * as z from "zod";
import { endpoint, page, type Endpoint } from "./endpoint.ts";
import { attachCard } from "./cards.ts";
import { newId } from "./ids.ts";
import {
  clearable,
  int,
  isWithin,
  list,
  mergeMetadata,
  metadata,
  openObject,
  paging,
  params,
  text,
  within,
} from "./params.ts";
import type { CustomerRow } from "./rows.ts";
import { change, emit, now, requireRow, type World } from "./world.ts";

const invoiceSettings = z.strictObject({
  default_payment_method: text().optional(),
  footer: clearable(text()).optional(),
});

const shared = {
  address: clearable(openObject()).optional(),
  balance: int().optional(),
  description: clearable(text()).optional(),
  email: clearable(text()).optional(),
  invoice_settings: invoiceSettings.optional(),
  metadata: metadata().optional(),
  name: clearable(text()).optional(),
  phone: clearable(text()).optional(),
  preferred_locales: list(text()).optional(),
  shipping: clearable(openObject()).optional(),
};

const createParams = params<Stripe.CustomerCreateParams>()({
  ...shared,
  payment_method: text().optional(),
  test_clock: text().optional(),
});
const updateParams = params<Stripe.CustomerUpdateParams>()(shared);
const listParams = params<Stripe.CustomerListParams>()({
  ...paging,
  created: within().optional(),
  email: text().optional(),
  test_clock: text().optional(),
});

export const customerEndpoints: Endpoint[] = [
  endpoint("POST", "/v1/customers", createParams, (world, input) => {
    const customer = addCustomer(world, { testClock: input.test_clock ?? null });
    apply(world, customer, input);
    if (input.payment_method !== undefined) attachCard(world, input.payment_method, customer);
    emit(world, "customer.created", customer);
    return customer;
  }),
  endpoint("GET", "/v1/customers", listParams, (world, input) => {
    const found = world.store.customers
      .newest()
      .filter(
        (row) =>
          (input.email === undefined || row.email === input.email) &&
          (input.test_clock === undefined || row.test_clock === input.test_clock) &&
          isWithin(row.created, input.created),
      );
    return page(found, input, "/v1/customers");
  }),
  endpoint("GET", "/v1/customers/:id", params<Stripe.CustomerRetrieveParams>()({}), (world, _input, id) => {
    return world.store.deletedCustomers.get(id) ?? requireRow(world.store.customers, id);
  }),
  endpoint("POST", "/v1/customers/:id", updateParams, (world, input, id) => {
    const customer = requireRow(world.store.customers, id);
    change(world, "customer.updated", customer, () => apply(world, customer, input));
    return customer;
  }),
];

/** A customer without anything; nothing is told yet. @throws StripeRefusal for a test clock that does not exist */
export function addCustomer(world: World, { testClock }: { testClock: string | null }): CustomerRow {
  if (testClock !== null) requireRow(world.store.testClocks, testClock, "test_clock");
  return world.store.customers.add({
    id: newId("cus"),
    object: "customer",
    address: null,
    balance: 0,
    created: now(world, testClock),
    currency: null,
    default_source: null,
    delinquent: false,
    description: null,
    discount: null,
    email: null,
    invoice_prefix: newId("x").slice(-8).toUpperCase(),
    invoice_settings: { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null },
    livemode: false,
    metadata: {},
    name: null,
    next_invoice_sequence: 1,
    phone: null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: "none",
    test_clock: testClock,
  });
}

type Change = z.output<typeof updateParams>;

function apply(world: World, customer: CustomerRow, input: Change): void {
  const { invoice_settings: settings, metadata: words, address, shipping, ...rest } = input;
  for (const [key, value] of Object.entries(rest)) {
    if (key in customer && key !== "test_clock" && value !== undefined) Object.assign(customer, { [key]: value });
  }
  if (address !== undefined) customer.address = address as CustomerRow["address"] & object;
  if (shipping !== undefined) customer.shipping = shipping as CustomerRow["shipping"];
  customer.metadata = mergeMetadata(customer.metadata, words);
  const card = settings?.default_payment_method;
  if (card !== undefined) {
    const row = attachCard(world, card, customer);
    customer.invoice_settings.default_payment_method = row.id;
  }
  if (settings?.footer !== undefined) customer.invoice_settings.footer = settings.footer;
}
