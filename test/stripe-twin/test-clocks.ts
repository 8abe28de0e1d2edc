import type Stripe from "stripe";
import * as z from "zod";
import { addIntervals, DAY_SECONDS } from "./clock.ts";
import { endpoint, page, type Endpoint } from "./endpoint.ts";
import { invalid } from "./errors.ts";
import { newId } from "./ids.ts";
import { int, paging, params, text } from "./params.ts";
import type { TestClockRow } from "./rows.ts";
import { rhythmOf } from "./subscription-change.ts";
import { liveUntil } from "./timeline.ts";
import { emit, requireRow, type World } from "./world.ts";

const LIFE_SECONDS = 30 * DAY_SECONDS;
const MAX_INTERVALS = 2;

export const testClockEndpoints: Endpoint[] = [
  endpoint(
    "POST",
    "/v1/test_helpers/test_clocks",
    params<Stripe.TestHelpers.TestClockCreateParams>()({ frozen_time: int(), name: text().optional() }),
    (world, input) => {
      const clock = world.store.testClocks.add({
        id: newId("clock"),
        object: "test_helpers.test_clock",
        created: world.clock.seconds(),
        deletes_after: world.clock.seconds() + LIFE_SECONDS,
        frozen_time: input.frozen_time,
        livemode: false,
        name: input.name ?? null,
        status: "ready",
        status_details: {},
      });
      emit(world, "test_helpers.test_clock.created", clock);
      return clock;
    },
  ),
  endpoint(
    "GET",
    "/v1/test_helpers/test_clocks",
    params<Stripe.TestHelpers.TestClockListParams>()(paging),
    (world, input) => page(world.store.testClocks.newest(), input, "/v1/test_helpers/test_clocks"),
  ),
  endpoint("GET", "/v1/test_helpers/test_clocks/:id", z.strictObject({}), (world, _input, id) =>
    requireRow(world.store.testClocks, id),
  ),
  endpoint(
    "POST",
    "/v1/test_helpers/test_clocks/:id/advance",
    params<Stripe.TestHelpers.TestClockAdvanceParams>()({ frozen_time: int() }),
    (world, input, id) => {
      const clock = requireRow(world.store.testClocks, id);
      refuseLeap(world, clock, input.frozen_time);
      const details = { advancing: { target_frozen_time: input.frozen_time } };
      emit(world, "test_helpers.test_clock.advancing", { ...clock, status: "advancing", status_details: details });
      const answer = { ...clock, status: "advancing", status_details: details };
      liveUntil(world, id, input.frozen_time, (seconds, work) => {
        // What became due while nobody looked is done now, not in the past.
        clock.frozen_time = Math.max(clock.frozen_time, seconds);
        work();
      });
      clock.frozen_time = input.frozen_time;
      emit(world, "test_helpers.test_clock.ready", clock);
      // As with Stripe, the answer does not wait for the work; here the next look finds it done.
      return answer;
    },
  ),
  endpoint("DELETE", "/v1/test_helpers/test_clocks/:id", z.strictObject({}), (world, _input, id) => {
    const clock = requireRow(world.store.testClocks, id);
    for (const customer of world.store.customers.filter((row) => row.test_clock === id)) {
      world.store.customers.remove(customer.id);
      world.store.deletedCustomers.set(customer.id, { id: customer.id, object: "customer", deleted: true });
    }
    for (const row of world.store.subscriptions.filter((entry) => entry.test_clock === id)) {
      world.store.subscriptions.remove(row.id);
    }
    for (const row of world.store.invoices.filter((entry) => entry.test_clock === id)) {
      world.store.invoices.remove(row.id);
    }
    world.store.testClocks.remove(id);
    emit(world, "test_helpers.test_clock.deleted", clock);
    return { id, object: "test_helpers.test_clock", deleted: true };
  }),
];

function refuseLeap(world: World, clock: TestClockRow, target: number): void {
  if (target <= clock.frozen_time) {
    throw invalid("The new frozen time must be after the test clock's current frozen time.", { param: "frozen_time" });
  }
  const ends = world.store.subscriptions
    .filter((row) => row.test_clock === clock.id && row.status !== "canceled" && row.status !== "incomplete_expired")
    .flatMap((row) => row.items.data)
    .map((item) => addIntervals(clock.frozen_time, rhythmOf(item.price), MAX_INTERVALS));
  if (target > Math.min(...ends, Infinity)) {
    throw invalid(
      "You cannot advance the test clock by more than two intervals of its shortest subscription at a time.",
      { param: "frozen_time" },
    );
  }
}
