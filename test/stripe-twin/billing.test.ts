import Stripe from "stripe";
import { afterEach, expect, it, vi } from "vitest";
import { loadStore, saveStore } from "./snapshot.ts";
import { idOf, DAY, HOUR, paying, priceOf, START_SECONDS, twinWithClient, typesOf, interceptStripe } from "./client.ts";

afterEach(() => vi.restoreAllMocks());

const FEB_28 = Date.UTC(2027, 1, 28, 12) / 1_000;
const MAR_31 = Date.UTC(2027, 2, 31, 12) / 1_000;

async function subscribed(stripe: Stripe, options: Parameters<typeof paying>[1] = {}) {
  const setting = await paying(stripe, options);
  const subscription = await stripe.subscriptions.create({
    customer: setting.customer.id,
    items: [{ price: setting.price.id }],
    metadata: { relationship_id: "rel_1" },
  });
  return { ...setting, subscription };
}

const periodOf = (subscription: Stripe.Subscription) => {
  const [item] = subscription.items.data;
  return [item?.current_period_start, item?.current_period_end];
};
const invoicesOf = async (stripe: Stripe, subscription: string) =>
  (await stripe.invoices.list({ subscription, limit: 100 })).data;

it("starts a subscription with a paid invoice, its payment and the period on the item", async () => {
  const { twin, stripe } = twinWithClient();
  const { subscription, price } = await subscribed(stripe);
  expect(subscription.status).toBe("active");
  expect(periodOf(subscription)).toEqual([START_SECONDS, FEB_28]);
  const invoice = await stripe.invoices.retrieve(idOf(subscription.latest_invoice), { expand: ["payments"] });
  expect(invoice).toMatchObject({
    status: "paid",
    billing_reason: "subscription_create",
    total: 3_000,
    amount_paid: 3_000,
    parent: { subscription_details: { subscription: subscription.id, metadata: { relationship_id: "rel_1" } } },
  });
  expect(invoice.lines.data[0]?.pricing?.price_details?.price).toBe(price.id);
  const intent = await stripe.paymentIntents.retrieve(idOf(invoice.payments?.data[0]?.payment.payment_intent));
  expect(intent).toMatchObject({ status: "succeeded", amount_received: 3_000 });
  expect(typesOf(twin, "customer.subscription")).toEqual([
    "customer.subscription.created",
    "customer.subscription.updated",
  ]);
  expect(twin.failures).toEqual([]);
});

it("renews by the test clock an hour after the period ends, on the day of the anchor or the month's last", async () => {
  const { twin, stripe } = twinWithClient();
  const { clock, subscription } = await subscribed(stripe);
  const answer = await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: FEB_28 });
  expect(answer.status).toBe("advancing");
  expect((await stripe.testHelpers.testClocks.retrieve(clock.id)).status).toBe("ready");
  const [draft] = await invoicesOf(stripe, subscription.id);
  expect(draft).toMatchObject({ status: "draft", billing_reason: "subscription_cycle", created: FEB_28 });
  await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: FEB_28 + HOUR });
  expect((await invoicesOf(stripe, subscription.id)).map((invoice) => invoice.status)).toEqual(["paid", "paid"]);
  const renewed = await stripe.subscriptions.retrieve(subscription.id);
  expect([renewed.status, ...periodOf(renewed)]).toEqual(["active", FEB_28, MAR_31]);
  expect(typesOf(twin, "test_helpers")).toContain("test_helpers.test_clock.ready");
  await expect(async () =>
    stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: MAR_31 + 90 * DAY }),
  ).rejects.toThrow(/two intervals/);
});

it("ends a trial with a notice three days before and the first money after it", async () => {
  const { twin, stripe } = twinWithClient();
  const { clock, customer, price } = await paying(stripe);
  const trial = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: price.id }],
    trial_period_days: 14,
  });
  const end = START_SECONDS + 14 * DAY;
  expect([trial.status, trial.trial_end, periodOf(trial)[1]]).toEqual(["trialing", end, end]);
  expect((await invoicesOf(stripe, trial.id)).map((invoice) => invoice.total)).toEqual([0]);
  await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: end - 3 * DAY });
  expect(typesOf(twin, "customer.subscription.trial")).toEqual(["customer.subscription.trial_will_end"]);
  await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: end + HOUR });
  const active = await stripe.subscriptions.retrieve(trial.id);
  expect([active.status, active.billing_cycle_anchor]).toEqual(["active", end]);
  expect((await invoicesOf(stripe, trial.id)).map((invoice) => invoice.amount_paid)).toEqual([3_000, 0]);
});

it.each(["cancel", "pause"] as const)("lets a trial without a card end with %s", async (end) => {
  const { stripe } = twinWithClient();
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: START_SECONDS });
  const customer = await stripe.customers.create({ test_clock: clock.id });
  const price = await priceOf(stripe, 3_000, "month");
  const trial = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: price.id }],
    trial_period_days: 7,
    trial_settings: { end_behavior: { missing_payment_method: end } },
  });
  await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: START_SECONDS + 8 * DAY });
  const { status } = await stripe.subscriptions.retrieve(trial.id);
  expect(status).toBe(end === "cancel" ? "canceled" : "paused");
});

it("duns a failed renewal on its days, recovers with a new card, or ends the subscription", async () => {
  const { twin, stripe } = twinWithClient();
  const { clock, customer, subscription } = await subscribed(stripe);
  await stripe.customers.update(customer.id, {
    invoice_settings: { default_payment_method: "pm_card_chargeCustomerFail" },
  });
  const advance = async (frozen_time: number) => stripe.testHelpers.testClocks.advance(clock.id, { frozen_time });
  await advance(FEB_28 + HOUR);
  const [failed] = await invoicesOf(stripe, subscription.id);
  expect(failed).toMatchObject({ status: "open", attempt_count: 1, next_payment_attempt: FEB_28 + HOUR + 3 * DAY });
  expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe("past_due");
  await advance(FEB_28 + HOUR + 3 * DAY);
  await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: "pm_card_visa" } });
  await advance(FEB_28 + HOUR + 5 * DAY);
  expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe("active");
  expect(await stripe.invoices.retrieve(failed?.id ?? "")).toMatchObject({ status: "paid", attempt_count: 3 });

  await stripe.customers.update(customer.id, {
    invoice_settings: { default_payment_method: "pm_card_chargeCustomerFail" },
  });
  await advance(MAR_31 + HOUR + 7 * DAY);
  const ended = await stripe.subscriptions.retrieve(subscription.id);
  expect([ended.status, ended.ended_at, ended.cancellation_details?.reason]).toEqual([
    "canceled",
    MAR_31 + HOUR + 7 * DAY,
    "payment_failed",
  ]);
  expect(typesOf(twin, "invoice.payment_failed")).toHaveLength(6);
  expect(twin.failures).toEqual([]);
});

it("keeps a first payment that fails incomplete, and lets go of it after 23 hours", async () => {
  const { stripe } = twinWithClient();
  const { clock, subscription } = await subscribed(stripe, { card: "pm_card_chargeCustomerFail" });
  expect(subscription.status).toBe("incomplete");
  await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: START_SECONDS + 23 * HOUR });
  expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe("incomplete_expired");
  expect((await invoicesOf(stripe, subscription.id)).map((invoice) => invoice.status)).toEqual(["void"]);
});

it("asks for authentication, and is active once the bank has been told", async () => {
  const { twin, stripe } = twinWithClient();
  const { subscription } = await subscribed(stripe, { card: "pm_card_authenticationRequired" });
  expect(subscription.status).toBe("incomplete");
  const [payment] = (await stripe.invoicePayments.list({ invoice: idOf(subscription.latest_invoice) })).data;
  const intent = await stripe.paymentIntents.retrieve(idOf(payment?.payment.payment_intent));
  expect(intent).toMatchObject({ status: "requires_action", next_action: { type: "redirect_to_url" } });
  expect(typesOf(twin, "invoice.payment_action")).toEqual(["invoice.payment_action_required"]);
  await twin.fetch(
    new Request(`http://stripe.test/_twin/authentication/${intent.id}`, { method: "POST", body: '{"pass":true}' }),
  );
  expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe("active");
});

it("cancels at once, at the period's end, and takes that back until the last second", async () => {
  const { stripe } = twinWithClient();
  const { clock, subscription } = await subscribed(stripe);
  const ending = await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });
  expect([ending.status, ending.cancel_at, ending.canceled_at]).toEqual(["active", FEB_28, START_SECONDS]);
  await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: FEB_28 - 1 });
  const kept = await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: false });
  expect([kept.cancel_at, kept.canceled_at]).toEqual([null, null]);
  await stripe.subscriptions.update(subscription.id, { cancel_at: FEB_28 + 10 * DAY });
  await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: FEB_28 + 11 * DAY });
  const ended = await stripe.subscriptions.retrieve(subscription.id);
  expect([ended.status, ended.ended_at]).toEqual(["canceled", FEB_28 + 10 * DAY]);
  expect((await stripe.subscriptions.list({ customer: idOf(ended.customer) })).data).toEqual([]);
  expect((await stripe.subscriptions.list({ customer: idOf(ended.customer), status: "all" })).data).toHaveLength(1);
  await expect(async () => stripe.subscriptions.cancel(subscription.id)).rejects.toMatchObject({
    code: "resource_missing",
  });
});

it("bills nobody while collection is paused, and goes on by itself", async () => {
  const { stripe } = twinWithClient();
  const { clock, subscription } = await subscribed(stripe);
  await stripe.subscriptions.update(subscription.id, {
    pause_collection: { behavior: "void", resumes_at: FEB_28 + 10 * DAY },
  });
  await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: FEB_28 + 11 * DAY });
  expect((await invoicesOf(stripe, subscription.id)).map((invoice) => invoice.status)).toEqual(["void", "paid"]);
  expect((await stripe.subscriptions.retrieve(subscription.id)).pause_collection).toBeNull();
  await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: MAR_31 + HOUR });
  expect((await invoicesOf(stripe, subscription.id))[0]).toMatchObject({ status: "paid", amount_paid: 3_000 });
});

it("pauses a subscription itself, and starts a new cycle when it is resumed", async () => {
  const { stripe } = twinWithClient();
  const { clock, subscription } = await subscribed(stripe);
  expect((await stripe.subscriptions.pause(subscription.id)).status).toBe("paused");
  const later = FEB_28 + 20 * DAY;
  await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: later });
  expect(await invoicesOf(stripe, subscription.id)).toHaveLength(1);
  const resumed = await stripe.subscriptions.resume(subscription.id);
  expect([resumed.status, periodOf(resumed)[0]]).toEqual(["active", later]);
  expect((await invoicesOf(stripe, subscription.id))[0]).toMatchObject({ status: "paid", total: 3_000 });
});

it("downgrades at the period's end by a schedule, and then lets the subscription go", async () => {
  const { stripe } = twinWithClient();
  const { clock, subscription, price } = await subscribed(stripe, { amount: 24_000, interval: "year" });
  const cheaper = await priceOf(stripe, 3_000, "month");
  const end = periodOf(subscription)[1] ?? 0;
  const schedule = await stripe.subscriptionSchedules.create({ from_subscription: subscription.id });
  await stripe.subscriptionSchedules.update(schedule.id, {
    end_behavior: "release",
    phases: [
      { items: [{ price: price.id }], start_date: START_SECONDS, end_date: end },
      { items: [{ price: cheaper.id }], duration: { interval: "month" } },
    ],
  });
  await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: end + HOUR });
  const [invoice] = await invoicesOf(stripe, subscription.id);
  expect(invoice).toMatchObject({ total: 3_000, status: "paid", billing_reason: "subscription_cycle" });
  const cheap = await stripe.subscriptions.retrieve(subscription.id);
  expect(cheap.items.data.map((item) => item.price.id)).toEqual([cheaper.id]);
  expect(periodOf(cheap)).toEqual([end, Date.UTC(2028, 1, 29, 12) / 1_000]);
  await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: end + 40 * DAY });
  expect(await stripe.subscriptionSchedules.retrieve(schedule.id)).toMatchObject({ status: "released" });
  expect(await stripe.subscriptions.retrieve(subscription.id)).toMatchObject({ status: "active", schedule: null });
});

it("moves the next billing date by a trial in front of it, as a gift does", async () => {
  const { stripe } = twinWithClient();
  const { subscription } = await subscribed(stripe);
  const until = FEB_28 + 90 * DAY;
  const moved = await stripe.subscriptions.update(subscription.id, { trial_end: until, proration_behavior: "none" });
  expect([moved.status, periodOf(moved)[1], moved.billing_cycle_anchor]).toEqual(["trialing", until, until]);
  expect(await invoicesOf(stripe, subscription.id)).toHaveLength(1);
});

it("lives by its own clock where there is no test clock", async () => {
  const { twin, stripe, time } = twinWithClient();
  const price = await priceOf(stripe, 3_000, "month");
  const customer = await stripe.customers.create({
    payment_method: "pm_card_visa",
    invoice_settings: { default_payment_method: "pm_card_visa" },
  });
  const subscription = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] });
  time.ms = (MAR_31 + 2 * HOUR) * 1_000;
  const invoices = await invoicesOf(stripe, subscription.id);
  expect(invoices.map((invoice) => [invoice.status, invoice.created])).toEqual([
    ["paid", MAR_31],
    ["paid", FEB_28],
    ["paid", START_SECONDS],
  ]);
  expect(twin.failures).toEqual([]);
});

it("makes an upgrade wait for its payment, and forgets it when nobody pays", async () => {
  const { twin, stripe } = twinWithClient();
  const { clock, customer, subscription, price } = await subscribed(stripe);
  const dearer = await priceOf(stripe, 6_000, "month");
  const items = [{ id: subscription.items.data[0]?.id ?? "", price: dearer.id }];
  const upgrade = async (payment_behavior: "error_if_incomplete" | "pending_if_incomplete") =>
    stripe.subscriptions.update(subscription.id, { items, payment_behavior, proration_behavior: "always_invoice" });
  const useCard = async (card: string) =>
    stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: card } });
  const priceNow = async () => (await stripe.subscriptions.retrieve(subscription.id)).items.data[0]?.price.id;
  await useCard("pm_card_chargeCustomerFail");
  await expect(async () => upgrade("error_if_incomplete")).rejects.toMatchObject({ type: "StripeCardError" });
  expect(await invoicesOf(stripe, subscription.id)).toHaveLength(1);

  const waiting = await upgrade("pending_if_incomplete");
  expect([waiting.status, waiting.pending_update?.expires_at]).toEqual(["active", START_SECONDS + 23 * HOUR]);
  expect(await priceNow()).toBe(price.id);
  await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: START_SECONDS + DAY });
  expect((await invoicesOf(stripe, subscription.id)).map((invoice) => invoice.status)).toEqual(["void", "paid"]);
  expect((await stripe.subscriptions.retrieve(subscription.id)).pending_update).toBeNull();

  const again = await upgrade("pending_if_incomplete");
  await useCard("pm_card_visa");
  await stripe.invoices.pay(idOf(again.latest_invoice));
  expect(await priceNow()).toBe(dearer.id);
  expect(typesOf(twin, "customer.subscription.pending")).toEqual([
    "customer.subscription.pending_update_expired",
    "customer.subscription.pending_update_applied",
  ]);
  expect(twin.failures).toEqual([]);
});

it("waits for a good answer to the draft's webhook, for three days at most", async () => {
  const { twin, stripe } = twinWithClient({ send: async () => new Response(null, { status: 500 }) });
  twin.world.settings.finalizeWaitsForWebhook = true;
  await stripe.webhookEndpoints.create({ url: "https://app.test/hook", enabled_events: ["invoice.created"] });
  const { clock, subscription } = await subscribed(stripe);
  await twin.webhooks.flush();
  await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: FEB_28 + 71 * HOUR });
  expect((await invoicesOf(stripe, subscription.id))[0]?.status).toBe("draft");
  await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: FEB_28 + 72 * HOUR });
  expect((await invoicesOf(stripe, subscription.id))[0]?.status).toBe("paid");
});

it("knows everything again after a restart, and goes on where it was", async () => {
  const before = twinWithClient();
  const { clock, subscription } = await subscribed(before.stripe);
  const after = twinWithClient();
  loadStore(after.twin.store, saveStore(before.twin.store));
  await after.stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: FEB_28 + HOUR });
  const renewed = await after.stripe.subscriptions.retrieve(subscription.id, { expand: ["latest_invoice.payments"] });
  expect(renewed.latest_invoice).toMatchObject({ status: "paid", payments: { data: [{ status: "paid" }] } });
  expect((await invoicesOf(after.stripe, subscription.id)).map((invoice) => invoice.total)).toEqual([3_000, 3_000]);
  expect(after.twin.failures).toEqual([]);
});

it("stands in for api.stripe.com where code under test knows no other address", async () => {
  const { twin } = twinWithClient();
  interceptStripe(twin);
  const stripe = new Stripe("sk_test_twin", { telemetry: false });
  const { id } = await stripe.customers.create({ name: "Ada" });
  expect(twin.store.customers.find(id)?.name).toBe("Ada");
});
