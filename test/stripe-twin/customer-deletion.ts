import * as z from "zod";
import { endpoint, type Endpoint } from "./endpoint.ts";
import { endSubscription } from "./subscription-life.ts";
import { emit, requireRow } from "./world.ts";

/** Its subscriptions end with the customer; invoices and charges stay. */
export const customerDeletion: Endpoint[] = [
  endpoint("DELETE", "/v1/customers/:id", z.strictObject({}), (world, _input, id) => {
    const customer = requireRow(world.store.customers, id);
    for (const row of world.store.subscriptions.filter((entry) => entry.customer === id)) {
      if (row.status !== "canceled" && row.status !== "incomplete_expired") {
        endSubscription(world, row, "cancellation_requested");
      }
    }
    world.store.customers.remove(id);
    const deleted = { id, object: "customer" as const, deleted: true as const };
    world.store.deletedCustomers.set(id, deleted);
    emit(world, "customer.deleted", customer);
    return deleted;
  }),
];
