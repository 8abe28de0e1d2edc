import type Stripe from "stripe";
import * as z from "zod";
import { endpoint, page, type Endpoint } from "./endpoint.ts";
import { newId } from "./ids.ts";
import { bool, list, mergeMetadata, metadata, oneOf, paging, params, text } from "./params.ts";
import type { EndpointRow } from "./rows.ts";
import { requireRow, type World } from "./world.ts";
import type { Webhooks } from "./webhooks.ts";
import { API_VERSION } from "./version.ts";

const createParams = params<Stripe.WebhookEndpointCreateParams>()({
  api_version: oneOf(API_VERSION).optional(),
  description: text().optional(),
  enabled_events: list(text()),
  metadata: metadata().optional(),
  url: z.url(),
});

export function webhookEndpointEndpoints(webhooks: Webhooks): Endpoint[] {
  return [
    endpoint("POST", "/v1/webhook_endpoints", createParams, (world, input) => {
      const secret = newId("whsec");
      const row = addEndpoint(world, webhooks, { url: input.url, secret, events: input.enabled_events });
      row.description = input.description ?? null;
      row.metadata = mergeMetadata(null, input.metadata);
      // Only this answer shows the secret.
      return { ...row, secret };
    }),
    endpoint("GET", "/v1/webhook_endpoints", params<Stripe.WebhookEndpointListParams>()(paging), (world, input) =>
      page(world.store.endpoints.newest(), input, "/v1/webhook_endpoints"),
    ),
    endpoint("GET", "/v1/webhook_endpoints/:id", z.strictObject({}), (world, _input, id) =>
      requireRow(world.store.endpoints, id),
    ),
    endpoint(
      "POST",
      "/v1/webhook_endpoints/:id",
      params<Stripe.WebhookEndpointUpdateParams>()({
        disabled: bool().optional(),
        enabled_events: list(text()).optional(),
        metadata: metadata().optional(),
        url: z.url().optional(),
      }),
      (world, input, id) => {
        const row = requireRow(world.store.endpoints, id);
        if (input.disabled !== undefined) row.status = input.disabled ? "disabled" : "enabled";
        if (input.enabled_events !== undefined) row.enabled_events = input.enabled_events;
        if (input.url !== undefined) row.url = input.url;
        row.metadata = mergeMetadata(row.metadata, input.metadata);
        return row;
      },
    ),
    endpoint("DELETE", "/v1/webhook_endpoints/:id", z.strictObject({}), (world, _input, id) => {
      requireRow(world.store.endpoints, id);
      world.store.endpoints.remove(id);
      return { id, object: "webhook_endpoint", deleted: true };
    }),
  ];
}

/** Someone who listens, with a secret that is known already. */
export function addEndpoint(
  world: World,
  webhooks: Webhooks,
  { url, secret, events }: { url: string; secret: string; events: string[] },
): EndpointRow {
  const row = world.store.endpoints.add({
    id: newId("we"),
    object: "webhook_endpoint",
    api_version: API_VERSION,
    application: null,
    created: world.clock.seconds(),
    description: null,
    enabled_events: events,
    livemode: false,
    metadata: {},
    status: "enabled",
    url,
  });
  webhooks.setSecret(row.id, secret);
  return row;
}
