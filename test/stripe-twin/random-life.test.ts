import { expect, it } from "vitest";
import { DAY, START_SECONDS } from "./client.ts";
import type { Collection, Store } from "./store.ts";
import { StripeTwin } from "./twin.ts";
import { seededChance } from "./webhooks.ts";

const STEPS = 500;
type Fields = Record<string, string>;
type Request_ = [method: "POST" | "DELETE", path: string, fields: Fields];

/** Requests of all kinds about whatever exists, many of them refused. */
function requestsOf(store: Store, chance: () => number, now: () => number): (() => Request_)[] {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(chance() * values.length)] as T;
  const some = <T extends { id: string }>(rows: Collection<T>): string => pick(rows.newest().slice(0, 8))?.id ?? "none";
  const item = () => pick(store.subscriptions.newest().slice(0, 8))?.items.data[0]?.id ?? "none";
  const maybe = (fields: Fields, share: number): Fields =>
    Object.fromEntries(Object.entries(fields).filter(() => chance() < share));
  const discount = () => maybe({ "discounts[0][coupon]": some(store.coupons) }, 0.3);
  return [
    () => [
      "POST",
      "/v1/customers",
      {
        payment_method: "pm_card_visa",
        "invoice_settings[default_payment_method]": pick([
          "pm_card_visa",
          "pm_card_visa",
          "pm_card_chargeCustomerFail",
        ]),
        ...maybe({ test_clock: some(store.testClocks) }, 0.4),
      },
    ],
    () => [
      "POST",
      "/v1/prices",
      {
        currency: "usd",
        unit_amount: String(Math.floor(chance() * 9_000)),
        "product_data[name]": "Plan",
        ...maybe({ "recurring[interval]": pick(["week", "month", "year"]) }, 0.9),
      },
    ],
    () => [
      "POST",
      "/v1/coupons",
      pick<Fields>([
        { percent_off: "20", duration: "once" },
        { amount_off: "500", currency: "usd", duration: "forever" },
        { percent_off: "5.5", duration: "repeating", duration_in_months: "2" },
      ]),
    ],
    () => ["POST", "/v1/test_helpers/test_clocks", { frozen_time: String(now()) }],
    () => [
      "POST",
      "/v1/subscriptions",
      {
        customer: some(store.customers),
        "items[0][price]": some(store.prices),
        ...maybe({ "items[1][price]": some(store.prices), trial_period_days: "7" }, 0.3),
        ...discount(),
      },
    ],
    () => [
      "POST",
      `/v1/subscriptions/${some(store.subscriptions)}`,
      maybe(
        {
          "items[0][id]": item(),
          "items[0][price]": some(store.prices),
          "items[1][price]": some(store.prices),
          "items[0][deleted]": "true",
          "billing_cycle_anchor[type]": "now",
          "pause_collection[behavior]": pick(["void", "keep_as_draft", "mark_uncollectible"]),
          proration_behavior: pick(["always_invoice", "none", "create_prorations"]),
          payment_behavior: pick(["pending_if_incomplete", "allow_incomplete", "error_if_incomplete"]),
          cancel_at_period_end: pick(["true", "false"]),
          trial_end: pick(["now", String(now() + 10 * DAY)]),
        },
        0.35,
      ),
    ],
    () => [
      "DELETE",
      `/v1/subscriptions/${some(store.subscriptions)}`,
      maybe({ prorate: "true", invoice_now: "true" }, 0.5),
    ],
    () => ["POST", `/v1/subscriptions/${some(store.subscriptions)}/${pick(["pause", "resume"])}`, {}],
    () => ["POST", "/v1/subscription_schedules", { from_subscription: some(store.subscriptions) }],
    () => [
      "POST",
      `/v1/subscription_schedules/${some(store.schedules)}`,
      {
        "phases[0][items][0][price]": some(store.prices),
        "phases[0][duration][interval]": "week",
        "phases[1][items][0][price]": some(store.prices),
      },
    ],
    () => [
      "POST",
      "/v1/invoices/create_preview",
      {
        subscription: some(store.subscriptions),
        ...maybe(
          { "subscription_details[items][0][id]": item(), "subscription_details[items][0][quantity]": "2" },
          0.7,
        ),
      },
    ],
    () => [
      "POST",
      `/v1/invoices/${some(store.invoices)}/${pick(["pay", "void", "finalize", "mark_uncollectible"])}`,
      {},
    ],
    () => [
      "POST",
      "/v1/refunds",
      { charge: some(store.charges), ...maybe({ amount: String(Math.floor(chance() * 3_000)) }, 0.6) },
    ],
    () => [
      "POST",
      "/v1/checkout/sessions",
      {
        mode: pick(["subscription", "payment"]),
        success_url: "https://app.test/done",
        "line_items[0][price]": some(store.prices),
        ...maybe({ customer: some(store.customers) }, 0.5),
        ...discount(),
      },
    ],
    () => [
      "POST",
      `/v1/test_helpers/test_clocks/${some(store.testClocks)}/advance`,
      { frozen_time: String(now() + Math.floor(chance() * 40) * DAY) },
    ],
    () => ["DELETE", `/v1/customers/${some(store.customers)}`, {}],
  ];
}

const sum = <T>(rows: Iterable<T>, amount: (row: T) => number): number => {
  let total = 0;
  for (const row of rows) total += amount(row);
  return total;
};

it.each([1, 2])("never fails by itself and never loses a cent, whatever it is asked (seed %i)", async (seed) => {
  const chance = seededChance(seed);
  let seconds = START_SECONDS;
  const twin = new StripeTwin({ now: () => seconds * 1_000, send: async () => new Response(), seed });
  const { store } = twin;
  const kinds = requestsOf(store, chance, () => seconds);
  const headers = { authorization: "Bearer sk_test_x" };
  let done = 0;
  for (let step = 0; step < STEPS; step += 1) {
    const [method, path, fields] = kinds[Math.floor(chance() * kinds.length)]?.() ?? ["POST", "/", {}];
    const query = new URLSearchParams(fields);
    const request =
      method === "POST"
        ? new Request(`http://stripe.test${path}`, { method, headers, body: query })
        : new Request(`http://stripe.test${path}?${query.toString()}`, { method, headers });
    const { status } = await twin.fetch(request);
    if (status === 200) done += 1;
    if (chance() < 0.3) {
      const body = JSON.stringify({ card: chance() < 0.7 ? "pays" : "declined" });
      const session = store.sessions.newest()[0]?.id ?? "none";
      await twin.fetch(new Request(`http://stripe.test/_twin/checkout/${session}`, { method: "POST", body }));
    }
    if (chance() < 0.05) seconds += Math.floor(chance() * 20 * DAY);
  }
  expect(twin.failures).toEqual([]);
  expect(done).toBeGreaterThan(STEPS / 4);
  for (const invoice of store.invoices.values()) {
    const cuts = sum(invoice.total_discount_amounts, (entry) => entry.amount);
    expect(invoice.subtotal).toBe(sum(invoice.lines.data, (line) => line.amount));
    expect(invoice.total).toBe(invoice.subtotal - cuts);
    const paid = store.invoicePayments.group(invoice.id).filter((payment) => payment.status === "paid");
    expect(sum(paid, (payment) => payment.amount_paid ?? 0)).toBe(invoice.amount_paid);
  }
  for (const charge of store.charges.values()) {
    const back = store.refunds.filter((refund) => refund.charge === charge.id);
    expect(sum(back, (refund) => refund.amount)).toBe(charge.amount_refunded);
    expect(charge.amount_refunded).toBeLessThanOrEqual(charge.amount);
  }
  // What invoices did not ask for is the customer's credit, and the other way round.
  for (const customer of store.customers.values()) {
    const final = store.invoices.filter((row) => row.customer === customer.id && row.status !== "draft");
    expect(sum(final, (row) => row.total - row.amount_due)).toBe(customer.balance);
  }
  for (const row of store.subscriptions.values()) {
    for (const item of row.items.data) expect(item.current_period_start).toBeLessThan(item.current_period_end);
    expect(row.ended_at === null).toBe(row.status !== "canceled" && row.status !== "incomplete_expired");
  }
});
