import type Stripe from "stripe";
import * as z from "zod";
import { endpoint, type Endpoint } from "./endpoint.ts";
import { invalid } from "./errors.ts";
import { newId } from "./ids.ts";
import { params, text } from "./params.ts";
import { cardOnPage } from "./payments.ts";
import type { PortalSessionRow } from "./rows.ts";
import type { CardBehaviour } from "./store.ts";
import { change, clockOf, now, requireRow, type World } from "./world.ts";

export const portalEndpoints: Endpoint[] = [
  endpoint(
    "POST",
    "/v1/billing_portal/sessions",
    params<Stripe.BillingPortal.SessionCreateParams>()({
      configuration: text().optional(),
      customer: text(),
      locale: text().optional(),
      return_url: z.url().optional(),
    }),
    (world, input): PortalSessionRow => {
      requireRow(world.store.customers, input.customer, "customer");
      const id = newId("bps");
      return world.store.portalSessions.add({
        id,
        object: "billing_portal.session",
        configuration: input.configuration ?? "bpc_twin",
        created: now(world, clockOf(world, input.customer)),
        customer: input.customer,
        customer_account: null,
        flow: null,
        livemode: false,
        locale: null,
        on_behalf_of: null,
        return_url: input.return_url ?? null,
        url: `${world.origin}/p/session/${id}`,
      });
    },
  ),
];

/**
 * The payer ends a subscription in the portal: with its period, and as the portal does it, by the moment alone, without
 * the flag. Or takes that back.
 */
export function cancelInPortal(world: World, session: PortalSessionRow, id: string, ends: boolean): void {
  const row = requireRow(world.store.subscriptions, id);
  if (row.customer !== session.customer || row.status === "canceled") throw invalid("No such subscription.");
  const at = now(world, row.test_clock);
  change(world, "customer.subscription.updated", row, () => {
    row.cancel_at = ends ? Math.min(...row.items.data.map((item) => item.current_period_end)) : null;
    row.cancel_at_period_end = false;
    row.canceled_at = ends ? at : null;
    row.cancellation_details = {
      comment: null,
      feedback: null,
      feedback_option: null,
      reason: ends ? "cancellation_requested" : null,
    };
  });
}

/** The customer pays with another card from now on. */
export function replaceCard(world: World, customerId: string, behaviour: CardBehaviour): void {
  const customer = requireRow(world.store.customers, customerId, "customer");
  const card = cardOnPage(world, behaviour, customer.id);
  change(world, "customer.updated", customer, (row) => {
    row.invoice_settings.default_payment_method = card;
  });
  for (const row of world.store.subscriptions.filter((entry) => entry.customer === customer.id)) {
    if (row.default_payment_method === null || row.status === "canceled") continue;
    change(world, "customer.subscription.updated", row, () => {
      row.default_payment_method = card;
    });
  }
}
