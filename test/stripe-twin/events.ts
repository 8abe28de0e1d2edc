import type Stripe from "stripe";
import { DAY_SECONDS } from "./clock.ts";
import { endpoint, page, type Endpoint } from "./endpoint.ts";
import { invalid } from "./errors.ts";
import { bool, isWithin, list, paging, params, text, within } from "./params.ts";
import { requireRow, type World } from "./world.ts";

const KEPT_SECONDS = 30 * DAY_SECONDS;

const listParams = params<Stripe.EventListParams>()({
  ...paging,
  created: within().optional(),
  delivery_success: bool().optional(),
  type: text().optional(),
  types: list(text()).optional(),
});

export const eventEndpoints: Endpoint[] = [
  endpoint("GET", "/v1/events", listParams, (world, input) => {
    if (input.type !== undefined && input.types !== undefined) {
      throw invalid("You may only specify one of these parameters: type, types.");
    }
    const found = world.store.events
      .newest()
      .filter(
        (row) =>
          row.created >= oldest(world) &&
          isWithin(row.created, input.created) &&
          (input.type === undefined || isOfType(row.type, input.type)) &&
          (input.types === undefined || input.types.some((type) => isOfType(row.type, type))) &&
          (input.delivery_success === undefined || (row.pending_webhooks === 0) === input.delivery_success),
      );
    return page(found, input, "/v1/events");
  }),
  endpoint("GET", "/v1/events/:id", params<Stripe.EventRetrieveParams>()({}), (world, _input, id) => {
    const event = requireRow(world.store.events, id);
    if (event.created < oldest(world))
      throw invalid(`No such event: '${id}'`, { code: "resource_missing", param: "id" });
    return event;
  }),
];

// Stripe remembers events for 30 days.
function oldest(world: World): number {
  return world.clock.wallSeconds() - KEPT_SECONDS;
}

function isOfType(type: string, wanted: string): boolean {
  return wanted.endsWith("*") ? type.startsWith(wanted.slice(0, -1)) : type === wanted;
}
