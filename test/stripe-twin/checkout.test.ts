import type Stripe from "stripe";
import { expect, it } from "vitest";
import { idOf, DAY, priceOf, START_SECONDS, twinWithClient, typesOf } from "./client.ts";
import type { StripeTwin } from "./twin.ts";

const SUCCESS = "https://app.test/done?session={CHECKOUT_SESSION_ID}";

async function opened(stripe: Stripe, params: Partial<Stripe.Checkout.SessionCreateParams> = {}) {
  const price = await priceOf(stripe, 3_000, params.mode === "payment" ? null : "month");
  return stripe.checkout.sessions.create({
    mode: "subscription",
    line_items: [{ price: price.id, quantity: 1 }],
    success_url: SUCCESS,
    cancel_url: "https://app.test/back",
    client_reference_id: "rel_1",
    metadata: { intent: "int_1" },
    ...params,
  });
}

/** A person on a page: what the browser would send, and where it would land. */
async function press(twin: StripeTwin, url: string, action?: string) {
  const body = action === undefined ? undefined : new URLSearchParams({ action, email: "ada@example.com" });
  const response = await twin.fetch(new Request(url, body === undefined ? {} : { method: "POST", body }));
  return { status: response.status, location: response.headers.get("location") ?? "", text: await response.text() };
}

it("sells a subscription on a page, and carries metadata and reference to where they are needed", async () => {
  const { twin, stripe } = twinWithClient();
  const session = await opened(stripe, { subscription_data: { metadata: { relationship_id: "rel_1" } } });
  expect(session).toMatchObject({
    status: "open",
    payment_status: "unpaid",
    amount_total: 3_000,
    mode: "subscription",
  });
  const page = await press(twin, session.url ?? "");
  expect(page.text).toContain("30.00 USD");
  const done = await press(twin, session.url ?? "", "pay");
  expect([done.status, done.location]).toEqual([303, `https://app.test/done?session=${session.id}`]);
  const complete = await stripe.checkout.sessions.retrieve(session.id, { expand: ["subscription", "line_items"] });
  expect(complete).toMatchObject({
    status: "complete",
    payment_status: "paid",
    client_reference_id: "rel_1",
    metadata: { intent: "int_1" },
    customer_details: { email: "ada@example.com" },
    subscription: { status: "active", metadata: { relationship_id: "rel_1" } },
    line_items: { data: [{ amount_total: 3_000 }] },
    payment_intent: null,
  });
  expect(typesOf(twin)).toEqual(
    expect.arrayContaining(["checkout.session.completed", "invoice.paid", "customer.subscription.created"]),
  );
  expect(twin.failures).toEqual([]);
});

it("lets a declined person try again on the same subscription and invoice", async () => {
  const { twin, stripe } = twinWithClient();
  const session = await opened(stripe);
  const declined = await press(twin, session.url ?? "", "decline");
  expect([declined.status, declined.text.includes("declined")]).toEqual([402, true]);
  expect((await stripe.checkout.sessions.retrieve(session.id)).status).toBe("open");
  await press(twin, session.url ?? "", "pay");
  const { data } = await stripe.subscriptions.list({ status: "all" });
  expect(data.map((row) => row.status)).toEqual(["active"]);
  expect((await stripe.invoices.list()).data.map((row) => [row.status, row.attempt_count])).toEqual([["paid", 2]]);
});

it("leads through the bank's page, and a failed check leaves the session open", async () => {
  const { twin, stripe } = twinWithClient();
  const session = await opened(stripe, { mode: "payment", payment_intent_data: { metadata: { pack: "10" } } });
  const bank = await press(twin, session.url ?? "", "3ds");
  expect(bank.location).toContain("/twin/3ds/pi_");
  expect((await press(twin, bank.location)).text).toContain("30.00 USD");
  const failed = await press(twin, bank.location, "fail");
  expect(failed.location).toBe(session.url);
  const again = await press(twin, session.url ?? "", "3ds");
  const passed = await press(twin, again.location, "pass");
  expect(passed.location).toBe(`https://app.test/done?session=${session.id}`);
  const complete = await stripe.checkout.sessions.retrieve(session.id, { expand: ["payment_intent.latest_charge"] });
  const intent = complete.payment_intent as Stripe.PaymentIntent;
  expect(intent).toMatchObject({ status: "succeeded", metadata: { pack: "10" }, latest_charge: { paid: true } });
  expect(typesOf(twin, "payment_intent.")).toEqual([
    "payment_intent.created",
    "payment_intent.requires_action",
    "payment_intent.payment_failed",
    "payment_intent.requires_action",
    "payment_intent.succeeded",
  ]);
});

it("expires after its half hour, when asked to, and undoes what it had begun", async () => {
  const { twin, stripe, time } = twinWithClient();
  const late = await opened(stripe, { expires_at: START_SECONDS + 1_800 });
  await press(twin, late.url ?? "", "decline");
  const asked = await opened(stripe);
  await stripe.checkout.sessions.expire(asked.id);
  time.ms += 1_800_000;
  expect(await stripe.checkout.sessions.retrieve(late.id)).toMatchObject({ status: "expired", url: null });
  expect((await stripe.subscriptions.list({ status: "all" })).data.map((row) => row.status)).toEqual([
    "incomplete_expired",
  ]);
  expect((await press(twin, `http://stripe.test/c/pay/${late.id}`, "pay")).status).toBe(410);
  await expect(async () => stripe.checkout.sessions.expire(late.id)).rejects.toThrow(/status of `expired`/);
  expect(typesOf(twin, "checkout")).toEqual(["checkout.session.expired", "checkout.session.expired"]);
});

it("begins a trial for nothing, and keeps the card for its end", async () => {
  const { twin, stripe } = twinWithClient();
  const session = await opened(stripe, { subscription_data: { trial_period_days: 14 } });
  expect(session.amount_total).toBe(0);
  await press(twin, session.url ?? "", "pay");
  const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ["subscription"] });
  expect(done).toMatchObject({ payment_status: "no_payment_required", subscription: { status: "trialing" } });
  twin.clock.skip(15 * DAY);
  const paid = (await stripe.invoices.list()).data.map((row) => row.amount_paid);
  expect(paid).toEqual([3_000, 0]);
});

it("begins a trial without a card where none is needed, and lives by the wall although the buyer has a test clock", async () => {
  const { twin, stripe } = twinWithClient();
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: START_SECONDS + 400 * DAY });
  const customer = await stripe.customers.create({ test_clock: clock.id });
  const session = await opened(stripe, {
    customer: customer.id,
    expires_at: START_SECONDS + 1_800,
    payment_method_collection: "if_required",
    subscription_data: {
      trial_period_days: 14,
      trial_settings: { end_behavior: { missing_payment_method: "cancel" } },
    },
  });
  await press(twin, session.url ?? "", "pay");
  const { subscription } = await stripe.checkout.sessions.retrieve(session.id);
  const row = await stripe.subscriptions.retrieve(idOf(subscription));
  expect([row.status, row.default_payment_method, row.trial_end]).toEqual([
    "trialing",
    null,
    START_SECONDS + 414 * DAY,
  ]);
  await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: START_SECONDS + 414 * DAY });
  expect((await stripe.subscriptions.retrieve(row.id)).status).toBe("canceled");
});

it("takes a discount for the price shown, and counts it only when it was paid", async () => {
  const { twin, stripe } = twinWithClient();
  const coupon = await stripe.coupons.create({ percent_off: 50, duration: "once", max_redemptions: 1 });
  const code = await stripe.promotionCodes.create({ code: "spring", promotion: { type: "coupon", coupon: coupon.id } });
  const session = await opened(stripe, { mode: "payment", discounts: [{ promotion_code: code.id }] });
  const rival = await opened(stripe, { mode: "payment", discounts: [{ coupon: coupon.id }] });
  expect([session.amount_subtotal, session.amount_total]).toEqual([3_000, 1_500]);
  expect((await stripe.coupons.retrieve(coupon.id)).times_redeemed).toBe(0);
  await press(twin, session.url ?? "", "pay");
  expect(await stripe.coupons.retrieve(coupon.id)).toMatchObject({ times_redeemed: 1, valid: false });
  expect((await stripe.promotionCodes.list({ code: "SPRING" })).data[0]?.times_redeemed).toBe(1);
  await expect(async () => opened(stripe, { discounts: [{ coupon: coupon.id }] })).rejects.toMatchObject({
    code: "coupon_expired",
  });
  expect((await press(twin, rival.url ?? "", "pay")).status).toBe(400);
  expect((await stripe.checkout.sessions.retrieve(rival.id)).status).toBe("open");
});

it.each([
  [{ expires_at: START_SECONDS + 60 }, /at least 30 minutes/],
  [{ expires_at: START_SECONDS + 2 * DAY }, /less than 24 hours/],
  [{ allow_promotion_codes: true, discounts: [{ coupon: "x" }] }, /only specify one of these parameters/],
  [{ customer: "cus_1", customer_email: "a@b.c" }, /only specify one of these parameters/],
  [
    { payment_intent_data: {} as { description?: string }, mode: "subscription" as const, success_url: "" },
    /empty string/,
  ],
  [{ invoice_creation: { enabled: true } }, /You can not pass `invoice_creation` in `subscription` mode/],
  [{ line_items: [{ price: "price_none", quantity: 1 }] }, /No such price/],
])("refuses a session that contradicts itself: %j", async (params, message) => {
  const { stripe } = twinWithClient();
  await expect(async () => opened(stripe, params)).rejects.toThrow(message);
});

it("makes an invoice for a single purchase when that is asked for", async () => {
  const { twin, stripe } = twinWithClient();
  const session = await opened(stripe, {
    mode: "payment",
    invoice_creation: { enabled: true, invoice_data: { metadata: { pack: "25" } } },
  });
  await press(twin, session.url ?? "", "pay");
  const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ["invoice"] });
  expect(done).toMatchObject({
    status: "complete",
    invoice: { status: "paid", total: 3_000, metadata: { pack: "25" } },
  });
  expect(idOf(done.payment_intent)).toMatch(/^pi_/);
});

it("opens the billing portal, whose cancellation sets the moment without the flag", async () => {
  const { twin, stripe } = twinWithClient();
  const session = await opened(stripe);
  await press(twin, session.url ?? "", "pay");
  const { subscription, customer } = await stripe.checkout.sessions.retrieve(session.id);
  const portal = await stripe.billingPortal.sessions.create({
    customer: idOf(customer),
    return_url: "https://app.test/back",
  });
  expect((await press(twin, portal.url)).text).toContain(idOf(subscription));
  await press(twin, portal.url, `end ${idOf(subscription)}`);
  const ending = await stripe.subscriptions.retrieve(idOf(subscription));
  expect([ending.cancel_at_period_end, ending.cancel_at]).toEqual([false, ending.items.data[0]?.current_period_end]);
  await press(twin, portal.url, `keep ${idOf(subscription)}`);
  expect((await stripe.subscriptions.retrieve(idOf(subscription))).cancel_at).toBeNull();
  await press(twin, portal.url, "card bad");
  twin.clock.skip(29 * DAY);
  const failed = await stripe.subscriptions.retrieve(idOf(subscription), { expand: ["latest_invoice"] });
  const invoice = failed.latest_invoice as Stripe.Invoice;
  expect(failed.status).toBe("past_due");
  expect((await press(twin, invoice.hosted_invoice_url ?? "", "pay")).status).toBe(303);
  expect((await stripe.subscriptions.retrieve(failed.id)).status).toBe("active");
});

it("never lets what a buyer or a seller wrote become markup on a page", async () => {
  const { twin, stripe } = twinWithClient();
  const session = await opened(stripe, {
    mode: "payment",
    line_items: [
      { price_data: { currency: "usd", unit_amount: 500, product_data: { name: "<script>x</script>" } }, quantity: 1 },
    ],
    customer_email: '"><img src=x>@example.com',
  });
  const { text } = await press(twin, session.url ?? "");
  expect(text).not.toContain("<script>");
  expect(text).not.toContain("<img");
});
