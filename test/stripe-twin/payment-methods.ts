import type Stripe from "stripe";
import { attachCard } from "./cards.ts";
import { endpoint, page, type Endpoint } from "./endpoint.ts";
import { invalid } from "./errors.ts";
import { oneOf, paging, params, text } from "./params.ts";
import { change, emit, requireRow } from "./world.ts";

export const paymentMethodEndpoints: Endpoint[] = [
  endpoint("GET", "/v1/payment_methods/:id", params<Stripe.PaymentMethodRetrieveParams>()({}), (world, _input, id) =>
    requireRow(world.store.paymentMethods, id),
  ),
  endpoint(
    "GET",
    "/v1/customers/:id/payment_methods",
    params<Stripe.CustomerListPaymentMethodsParams>()({ ...paging, type: oneOf("card").optional() }),
    (world, input, id) => {
      requireRow(world.store.customers, id);
      const found = world.store.paymentMethods.newest().filter((row) => row.customer === id);
      return page(found, input, `/v1/customers/${id}/payment_methods`);
    },
  ),
  endpoint(
    "POST",
    "/v1/payment_methods/:id/attach",
    params<Stripe.PaymentMethodAttachParams>()({ customer: text() }),
    (world, input, id) => attachCard(world, id, requireRow(world.store.customers, input.customer, "customer")),
  ),
  endpoint(
    "POST",
    "/v1/payment_methods/:id/detach",
    params<Stripe.PaymentMethodDetachParams>()({}),
    (world, _input, id) => {
      const card = requireRow(world.store.paymentMethods, id);
      if (card.customer === null) {
        throw invalid("The payment method you provided is not attached to a customer so detachment is impossible.");
      }
      const customer = world.store.customers.find(card.customer);
      if (customer?.invoice_settings.default_payment_method === id) {
        change(world, "customer.updated", customer, (row) => {
          row.invoice_settings.default_payment_method = null;
        });
      }
      card.customer = null;
      emit(world, "payment_method.detached", card);
      return card;
    },
  ),
];
