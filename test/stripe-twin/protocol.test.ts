import Stripe from "stripe";
import { expect, it } from "vitest";
import { DAY, paying, priceOf, twinWithClient, typesOf } from "./client.ts";
import { API_VERSION } from "./version.ts";

it("speaks the version of the pinned SDK, and refuses another one", async () => {
  const { stripe, twin } = twinWithClient();
  expect(Stripe.API_VERSION).toBe(API_VERSION);
  const answer = await stripe.customers.create({ email: "ada@example.com" });
  expect(answer.lastResponse).toMatchObject({ statusCode: 200, apiVersion: API_VERSION });
  const request = new Request("http://stripe.test/v1/customers", {
    headers: { authorization: "Bearer sk_test_x", "stripe-version": "2020-08-27" },
  });
  expect((await twin.fetch(request)).status).toBe(400);
});

it.each([
  ["customers.create", { emial: "x" }, "parameter_unknown", "emial"],
  ["customers.create", { metadata: { key: "x".repeat(501) } }, "parameter_invalid_string", "metadata[key]"],
  ["customers.create", { test_clock: "" }, "parameter_invalid_empty", "test_clock"],
  ["prices.create", { currency: "usd", unit_amount: 1.5 }, "parameter_invalid_integer", "unit_amount"],
  ["prices.create", { unit_amount: 100 }, "parameter_missing", "currency"],
  [
    "prices.create",
    { currency: "usd", unit_amount: 5, recurring: { interval: "eon" } },
    undefined,
    "recurring[interval]",
  ],
  [
    "subscriptions.create",
    { customer: "cus_x", items: [{ price: "p", colour: 1 }] },
    "parameter_unknown",
    "items[0][colour]",
  ],
  [
    "subscriptions.create",
    { customer: "cus_x", items: [], trial_from_plan: true },
    "parameter_unknown",
    "trial_from_plan",
  ],
  ["subscriptions.create", { customer: "cus_x", items: [{ price: "price_x" }] }, "resource_missing", "customer"],
  ["checkout.sessions.create", { mode: "subscription", success_url: "x" }, "parameter_missing", "line_items"],
  ["checkout.sessions.create", { mode: "subscription", coupon: "x" }, "parameter_unknown", "coupon"],
  ["invoices.createPreview", { subscription: "sub_x", subscription_items: [] }, "resource_missing", "subscription"],
])("refuses %s with %j as Stripe does", async (method, params, code, param) => {
  const { stripe } = twinWithClient();
  const call = method.split(".").reduce<unknown>((node, key) => {
    const value = (node as Record<string, unknown>)[key];
    return typeof value === "function" ? value.bind(node) : value;
  }, stripe) as (params: object) => Promise<unknown>;
  await expect(async () => call(params)).rejects.toMatchObject({
    type: "StripeInvalidRequestError",
    statusCode: 400,
    param,
    ...(code === undefined ? {} : { code }),
  });
});

it("answers a missing object, a wrong key, a wrong address and a bad cursor in Stripe's shape", async () => {
  const { stripe, twin } = twinWithClient();
  await expect(async () => stripe.subscriptions.retrieve("sub_none")).rejects.toMatchObject({
    statusCode: 404,
    code: "resource_missing",
    message: "No such subscription: 'sub_none'",
    requestId: expect.stringMatching(/^req_/),
  });
  await expect(async () => stripe.customers.list({ starting_after: "cus_none" })).rejects.toMatchObject({
    code: "resource_missing",
  });
  const ask = async (path: string, key: string) =>
    (await twin.fetch(new Request(`http://stripe.test${path}`, { headers: { authorization: `Bearer ${key}` } })))
      .status;
  expect(await ask("/v1/customers", "sk_live_x")).toBe(401);
  expect(await ask("/v1/quotes", "sk_test_x")).toBe(404);
});

it("repeats an answer under its key for a day, and refuses the key for anything else", async () => {
  const { stripe, twin, time } = twinWithClient();
  const create = async (email: string, idempotencyKey: string) =>
    stripe.customers.create({ email }, { idempotencyKey });
  const first = await create("a@example.com", "key-1");
  const again = await create("a@example.com", "key-1");
  expect(again.id).toBe(first.id);
  expect(again.lastResponse.idempotencyKey).toBe("key-1");
  await expect(async () => create("b@example.com", "key-1")).rejects.toMatchObject({
    type: "StripeIdempotencyError",
    statusCode: 400,
  });
  await expect(async () => stripe.products.create({ name: "x" }, { idempotencyKey: "key-1" })).rejects.toMatchObject({
    type: "StripeIdempotencyError",
  });
  expect(typesOf(twin, "customer.created")).toHaveLength(1);
  time.ms += DAY * 1_000;
  expect((await create("a@example.com", "key-1")).id).not.toBe(first.id);
});

it("keeps refusals by banks and its own failures under the key, but not faulty parameters or limits", async () => {
  const { stripe, twin } = twinWithClient();
  const charge = async () =>
    stripe.paymentIntents.create(
      { amount: 500, currency: "usd", payment_method: "pm_card_chargeDeclined", confirm: true },
      { idempotencyKey: "key-2" },
    );
  const declined = { type: "StripeCardError", code: "card_declined", decline_code: "generic_decline", statusCode: 402 };
  await expect(charge).rejects.toMatchObject(declined);
  await expect(charge).rejects.toMatchObject(declined);
  expect(typesOf(twin, "charge.failed")).toHaveLength(1);

  const wrong = { nmae: "x" } as unknown as Stripe.ProductCreateParams;
  await expect(async () => stripe.products.create(wrong, { idempotencyKey: "key-3" })).rejects.toThrow(
    /unknown parameter/,
  );
  expect(await stripe.products.create({ name: "x" }, { idempotencyKey: "key-3" })).toMatchObject({ name: "x" });

  twin.faults.plan({ kind: "status", status: 429 });
  await expect(async () => stripe.products.create({ name: "y" }, { idempotencyKey: "key-4" })).rejects.toMatchObject({
    type: "StripeRateLimitError",
  });
  expect(await stripe.products.create({ name: "z" }, { idempotencyKey: "key-4" })).toMatchObject({ name: "z" });
});

it("answers 409 while the first request under a key still runs", async () => {
  const { stripe, twin } = twinWithClient();
  twin.faults.plan({ kind: "hold", on: "POST /v1/customers" });
  const first = stripe.customers.create({ name: "Ada" }, { idempotencyKey: "key-5" });
  await expect.poll(() => twin.faults.holding).toBe(1);
  await expect(async () => stripe.customers.create({ name: "Ada" }, { idempotencyKey: "key-5" })).rejects.toMatchObject(
    {
      statusCode: 409,
      code: "idempotency_key_in_use",
    },
  );
  twin.faults.release();
  const { id } = await first;
  expect((await stripe.customers.create({ name: "Ada" }, { idempotencyKey: "key-5" })).id).toBe(id);
});

it("does a thing once although its answer was lost and the client asked again", async () => {
  const { stripe, twin } = twinWithClient({ retries: 1 });
  twin.faults.plan({ kind: "lose_answer", on: "POST /v1/customers" });
  await stripe.customers.create({ name: "Ada" });
  expect(twin.requests).toEqual(["POST /v1/customers", "POST /v1/customers"]);
  expect(typesOf(twin, "customer.created")).toHaveLength(1);
  twin.faults.plan({ kind: "unreachable", times: 9 });
  await expect(async () => stripe.customers.list({}, { maxNetworkRetries: 0 })).rejects.toMatchObject({
    type: "StripeConnectionError",
  });
});

it("limits requests by the second when that is switched on", async () => {
  const { stripe, twin, time } = twinWithClient();
  twin.world.settings.requestsPerSecond = 2;
  const ask = async () => stripe.customers.list();
  await ask();
  await ask();
  await expect(ask).rejects.toMatchObject({ type: "StripeRateLimitError", statusCode: 429 });
  time.ms += 1_000;
  expect((await ask()).data).toEqual([]);
});

it("pages through lists both ways, filters, searches and expands", async () => {
  const { stripe } = twinWithClient();
  const made: string[] = [];
  for (let index = 0; index < 25; index += 1) {
    made.push((await stripe.customers.create({ metadata: { n: String(index) } })).id);
  }
  const all = await stripe.customers.list({ limit: 10 }).autoPagingToArray({ limit: 100 });
  expect(all.map((row) => row.id)).toEqual(made.toReversed());
  const page = await stripe.customers.list({ limit: 10, ending_before: made[5] ?? "" });
  expect([page.data.at(-1)?.id, page.has_more]).toEqual([made[6], true]);
  const found = await stripe.customers.search({ query: "metadata['n']:'7'" });
  expect(found.data.map((row) => row.id)).toEqual([made[7]]);
  const price = await priceOf(stripe, 500, null);
  const [shown] = (await stripe.prices.list({ expand: ["data.product"] })).data;
  expect(shown).toMatchObject({ id: price.id, product: { object: "product", name: "Plan" } });
  await expect(async () => stripe.prices.retrieve(price.id, { expand: ["colour"] })).rejects.toThrow(
    /cannot be expanded/,
  );
});

it("moves a lookup key only when that is asked for, and keeps old prices", async () => {
  const { stripe } = twinWithClient();
  const product = await stripe.products.create({ id: "prod_plan", name: "Plan" });
  const base = { product: product.id, currency: "usd", recurring: { interval: "month" as const }, lookup_key: "plan" };
  const old = await stripe.prices.create({ ...base, unit_amount: 3_000 });
  await expect(async () => stripe.prices.create({ ...base, unit_amount: 3_500 })).rejects.toThrow(
    /already uses that lookup key/,
  );
  const now = await stripe.prices.create({ ...base, unit_amount: 3_500, transfer_lookup_key: true });
  expect((await stripe.prices.list({ lookup_keys: ["plan"] })).data.map((row) => row.id)).toEqual([now.id]);
  expect(await stripe.prices.retrieve(old.id)).toMatchObject({ lookup_key: null, active: true, unit_amount: 3_000 });
  await stripe.prices.update(old.id, { active: false });
  const { customer } = await paying(stripe);
  await expect(async () =>
    stripe.subscriptions.create({ customer: customer.id, items: [{ price: old.id }] }),
  ).rejects.toThrow(/inactive/);
});

it("deletes a customer with their subscriptions, and still answers for the id", async () => {
  const { stripe } = twinWithClient();
  const { customer, price } = await paying(stripe);
  const subscription = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] });
  await stripe.customers.del(customer.id);
  expect(await stripe.customers.retrieve(customer.id)).toMatchObject({ id: customer.id, deleted: true });
  expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe("canceled");
});
