import type Stripe from "stripe";
import * as z from "zod";
import { endpoint, fullList, page, type Endpoint } from "./endpoint.ts";
import { invalid } from "./errors.ts";
import { composeInvoice } from "./invoice-draft.ts";
import { finalizeInvoice, keepInvoice, markUncollectible, payInvoice, voidInvoice } from "./invoice-life.ts";
import { bool, isWithin, mergeMetadata, metadata, oneOf, paging, params, text, within } from "./params.ts";
import { linesOfPending } from "./renewals.ts";
import { change, emit, now, requireRow } from "./world.ts";

const listParams = params<Stripe.InvoiceListParams>()({
  ...paging,
  created: within().optional(),
  customer: text().optional(),
  status: oneOf("draft", "open", "paid", "uncollectible", "void").optional(),
  subscription: text().optional(),
});

const createParams = params<Stripe.InvoiceCreateParams>()({
  auto_advance: bool().optional(),
  automatic_tax: z.strictObject({ enabled: bool() }).optional(),
  collection_method: oneOf("charge_automatically").optional(),
  currency: text().optional(),
  customer: text(),
  default_payment_method: text().optional(),
  description: text().optional(),
  metadata: metadata().optional(),
  pending_invoice_items_behavior: oneOf("exclude", "include").optional(),
});

const none = z.strictObject({});

export const invoiceEndpoints: Endpoint[] = [
  endpoint("POST", "/v1/invoices", createParams, (world, input) => {
    const customer = requireRow(world.store.customers, input.customer, "customer");
    const pending = world.store.invoiceItems.filter(
      (item) => item.customer === customer.id && item.invoice === null && item.parent === null,
    );
    const taken = input.pending_invoice_items_behavior === "include" ? pending : [];
    const at = now(world, customer.test_clock);
    const invoice = composeInvoice(world, {
      customer: customer.id,
      currency: taken[0]?.currency ?? input.currency ?? customer.currency ?? "usd",
      reason: "manual",
      lines: linesOfPending(world, taken),
      discounts: [],
      subscription: null,
      automaticTax: input.automatic_tax?.enabled ?? false,
      period: { start: at, end: at },
      metadata: mergeMetadata(null, input.metadata),
      description: input.description ?? null,
      at,
    });
    invoice.auto_advance = input.auto_advance ?? false;
    if (invoice.auto_advance) invoice.automatically_finalizes_at = at + world.settings.finalizeAfterSeconds;
    return keepInvoice(world, invoice);
  }),
  endpoint("GET", "/v1/invoices", listParams, (world, input) => {
    const found = world.store.invoices
      .newest()
      .filter(
        (row) =>
          (input.customer === undefined || row.customer === input.customer) &&
          (input.status === undefined || row.status === input.status) &&
          (input.subscription === undefined || row.parent?.subscription_details.subscription === input.subscription) &&
          isWithin(row.created, input.created),
      );
    return page(found, input, "/v1/invoices");
  }),
  endpoint("GET", "/v1/invoices/:id", params<Stripe.InvoiceRetrieveParams>()({}), (world, _input, id) =>
    requireRow(world.store.invoices, id),
  ),
  endpoint(
    "POST",
    "/v1/invoices/:id",
    params<Stripe.InvoiceUpdateParams>()({
      auto_advance: bool().optional(),
      description: text().optional(),
      metadata: metadata().optional(),
    }),
    (world, input, id) => {
      const invoice = requireRow(world.store.invoices, id);
      change(world, "invoice.updated", invoice, () => {
        if (input.auto_advance !== undefined) invoice.auto_advance = input.auto_advance;
        if (input.description !== undefined) invoice.description = input.description;
        invoice.metadata = mergeMetadata(invoice.metadata, input.metadata);
      });
      return invoice;
    },
  ),
  endpoint("DELETE", "/v1/invoices/:id", none, (world, _input, id) => {
    const invoice = requireRow(world.store.invoices, id);
    if (invoice.status !== "draft" || invoice.parent !== null) throw invalid("You can only delete draft invoices.");
    world.store.invoices.remove(id);
    emit(world, "invoice.deleted", invoice);
    return { id, object: "invoice", deleted: true };
  }),
  endpoint("GET", "/v1/invoices/:id/lines", params<Stripe.InvoiceListLineItemsParams>()(paging), (world, input, id) =>
    page(requireRow(world.store.invoices, id).lines.data, input, `/v1/invoices/${id}/lines`),
  ),
  endpoint(
    "POST",
    "/v1/invoices/:id/finalize",
    params<Stripe.InvoiceFinalizeInvoiceParams>()({ auto_advance: bool().optional() }),
    (world, _input, id) => {
      const invoice = requireRow(world.store.invoices, id);
      finalizeInvoice(world, invoice);
      return invoice;
    },
  ),
  endpoint(
    "POST",
    "/v1/invoices/:id/pay",
    params<Stripe.InvoicePayParams>()({ off_session: bool().optional(), payment_method: text().optional() }),
    (world, input, id) => {
      const invoice = requireRow(world.store.invoices, id);
      payInvoice(world, invoice, input.payment_method);
      return invoice;
    },
  ),
  endpoint("POST", "/v1/invoices/:id/void", none, (world, _input, id) => {
    const invoice = requireRow(world.store.invoices, id);
    voidInvoice(world, invoice);
    return invoice;
  }),
  endpoint("POST", "/v1/invoices/:id/mark_uncollectible", none, (world, _input, id) => {
    const invoice = requireRow(world.store.invoices, id);
    markUncollectible(world, invoice);
    return invoice;
  }),
  endpoint(
    "GET",
    "/v1/invoice_payments",
    params<Stripe.InvoicePaymentListParams>()({
      ...paging,
      created: within().optional(),
      invoice: text().optional(),
      payment: z.strictObject({ type: oneOf("payment_intent"), payment_intent: text() }).optional(),
      status: oneOf("canceled", "open", "paid").optional(),
    }),
    (world, input) => {
      const found = world.store.invoicePayments
        .newest()
        .filter(
          (row) =>
            (input.invoice === undefined || row.invoice === input.invoice) &&
            (input.payment === undefined || row.payment.payment_intent === input.payment.payment_intent) &&
            (input.status === undefined || row.status === input.status) &&
            isWithin(row.created, input.created),
        );
      return page(found, input, "/v1/invoice_payments");
    },
  ),
  endpoint("GET", "/v1/invoice_payments/:id", none, (world, _input, id) => requireRow(world.store.invoicePayments, id)),
  endpoint(
    "GET",
    "/v1/subscription_items",
    params<Stripe.SubscriptionItemListParams>()({ ...paging, subscription: text() }),
    (world, input) => {
      const row = requireRow(world.store.subscriptions, input.subscription, "subscription");
      return fullList(row.items.data, `/v1/subscription_items?subscription=${row.id}`);
    },
  ),
];
