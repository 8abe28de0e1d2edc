import fc from "fast-check";
import type Stripe from "stripe";
import { expect, it } from "vitest";
import { idOf, DAY, HOUR, paying, priceOf, START_SECONDS, twinWithClient } from "./client.ts";

const FEB_28 = Date.UTC(2027, 1, 28, 12) / 1_000;

/** The slow way: counts the cents that are owed hour by hour, as fractions, and rounds once, halves away from zero. */
function oracle(amount: number, from: number, start: number, end: number): number {
  let hours = 0;
  for (let moment = from; moment < end; moment += HOUR) hours += 1;
  const whole = (end - start) / HOUR;
  const cents = Math.floor((amount * hours) / whole);
  const rest = amount * hours - cents * whole;
  return rest * 2 >= whole ? cents + 1 : cents;
}

async function setting(stripe: Stripe, amount: number, hours: number, interval: "month" | "year" = "month") {
  const made = await paying(stripe, { amount, interval });
  const subscription = await stripe.subscriptions.create({
    customer: made.customer.id,
    items: [{ price: made.price.id }],
  });
  const at = START_SECONDS + hours * HOUR;
  if (hours > 0) await stripe.testHelpers.testClocks.advance(made.clock.id, { frozen_time: at });
  return { ...made, subscription, at, item: subscription.items.data[0]?.id ?? "" };
}

it("prorates any change to the cent, as the preview said and the oracle counts", async () => {
  const { twin, stripe } = twinWithClient();
  const amount = fc.integer({ min: 1, max: 50_000 });
  const span = (FEB_28 - START_SECONDS) / HOUR;
  await fc.assert(
    fc.asyncProperty(
      amount,
      amount,
      fc.integer({ min: 0, max: span - 1 }),
      fc.integer({ min: 1, max: 3 }),
      async (from, to, hours, quantity) => {
        const { subscription, item, at } = await setting(stripe, from, hours);
        const other = await priceOf(stripe, to, "month");
        const items = [{ id: item, price: other.id, quantity }];
        const preview = await stripe.invoices.createPreview({
          subscription: subscription.id,
          subscription_details: { items, proration_behavior: "always_invoice", proration_date: at },
        });
        const changed = await stripe.subscriptions.update(subscription.id, {
          items,
          proration_behavior: "always_invoice",
          proration_date: at,
          expand: ["latest_invoice"],
        });
        const invoice = changed.latest_invoice as Stripe.Invoice;
        const credit = oracle(from, at, START_SECONDS, FEB_28);
        const debit = oracle(to * quantity, at, START_SECONDS, FEB_28);
        expect(invoice.lines.data.map((line) => line.amount)).toEqual([0 - credit, debit]);
        expect([preview.total, preview.amount_due, preview.subtotal]).toEqual([
          invoice.total,
          invoice.amount_due,
          invoice.subtotal,
        ]);
        const customer = (await stripe.customers.retrieve(idOf(subscription.customer))) as Stripe.Customer;
        expect(invoice.amount_due - customer.balance * -1).toBe(debit - credit);
      },
    ),
    { numRuns: 12 },
  );
  expect(twin.failures).toEqual([]);
});

it("keeps prorations for the next invoice, which the preview shows in full", async () => {
  const { stripe } = twinWithClient();
  const { clock, subscription, item, at } = await setting(stripe, 3_000, 14 * 24);
  const dearer = await priceOf(stripe, 6_000, "month");
  const items = [{ id: item, price: dearer.id }];
  const preview = await stripe.invoices.createPreview({
    subscription: subscription.id,
    subscription_details: { items, proration_date: at },
  });
  await stripe.subscriptions.update(subscription.id, { items, proration_date: at });
  expect((await stripe.invoiceItems.list({ pending: true })).data.map((row) => row.amount)).toEqual([3_000, -1_500]);
  const plain = await stripe.invoices.createPreview({ subscription: subscription.id });
  await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: FEB_28 + HOUR });
  const [invoice] = (await stripe.invoices.list({ subscription: subscription.id })).data;
  expect([preview.total, plain.total, invoice?.total]).toEqual([7_500, 7_500, 7_500]);
  expect(preview.id).toMatch(/^upcoming_in_/);
  expect(preview.lines.data.map((line) => line.amount)).toEqual(invoice?.lines.data.map((line) => line.amount));
  const recurring = await stripe.invoices.createPreview({ subscription: subscription.id, preview_mode: "recurring" });
  expect(recurring.total).toBe(6_000);
});

it("starts a new cycle when the interval changes, and gives back what was left of the old one", async () => {
  const { stripe } = twinWithClient();
  const { subscription, item, at } = await setting(stripe, 3_000, 7 * 24);
  const yearly = await priceOf(stripe, 24_000, "year");
  const items = [{ id: item, price: yearly.id }];
  const details = { items, proration_behavior: "always_invoice" as const, proration_date: at };
  const preview = await stripe.invoices.createPreview({ subscription: subscription.id, subscription_details: details });
  const changed = await stripe.subscriptions.update(subscription.id, { ...details, expand: ["latest_invoice"] });
  const invoice = changed.latest_invoice as Stripe.Invoice;
  expect([preview.total, invoice.total]).toEqual([24_000 - 2_250, 24_000 - 2_250]);
  expect([changed.billing_cycle_anchor, changed.items.data[0]?.current_period_end]).toEqual([
    at,
    Date.UTC(2028, 1, 7, 12) / 1_000,
  ]);
});

it("credits what the discount had left to pay, never the full price", async () => {
  const { stripe } = twinWithClient();
  const coupon = await stripe.coupons.create({ percent_off: 33.33, duration: "forever" });
  const { customer, price, clock } = await paying(stripe, { amount: 2_999 });
  const subscription = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: price.id }],
    discounts: [{ coupon: coupon.id }],
    expand: ["latest_invoice", "discounts"],
  });
  const first = subscription.latest_invoice as Stripe.Invoice;
  expect([first.subtotal, first.total, first.total_discount_amounts?.[0]?.amount]).toEqual([2_999, 1_999, 1_000]);
  const at = START_SECONDS + 14 * DAY;
  await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: at });
  const preview = await stripe.invoices.createPreview({
    subscription: subscription.id,
    subscription_details: { cancel_now: true },
  });
  expect(preview.total).toBe(-oracle(1_999, at, START_SECONDS, FEB_28));
  await stripe.subscriptions.cancel(subscription.id, { prorate: true, invoice_now: true });
  const after = (await stripe.customers.retrieve(customer.id)) as Stripe.Customer;
  expect(after.balance).toBe(preview.total);
});

it("adds an add-on for its share, takes it away again, and keeps a balance for the next invoice", async () => {
  const { stripe } = twinWithClient();
  const { subscription, at, clock } = await setting(stripe, 3_000, 14 * 24);
  const box = await priceOf(stripe, 4_900, "month");
  const added = await stripe.subscriptions.update(subscription.id, {
    items: [{ price: box.id }],
    proration_behavior: "always_invoice",
    proration_date: at,
    expand: ["latest_invoice"],
  });
  expect((added.latest_invoice as Stripe.Invoice).total).toBe(2_450);
  const item = added.items.data[1]?.id ?? "";
  const removed = await stripe.subscriptions.update(subscription.id, {
    items: [{ id: item, deleted: true }],
    proration_behavior: "always_invoice",
    proration_date: at,
    expand: ["latest_invoice"],
  });
  expect(removed.latest_invoice).toMatchObject({
    total: -2_450,
    amount_due: 0,
    ending_balance: -2_450,
    status: "paid",
  });
  await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: FEB_28 + HOUR });
  const [renewal] = (await stripe.invoices.list({ subscription: subscription.id })).data;
  expect(renewal).toMatchObject({ total: 3_000, starting_balance: -2_450, amount_due: 550, amount_paid: 550 });
});

it("adds tax on top of every line where automatic tax is on", async () => {
  const { twin, stripe } = twinWithClient();
  twin.world.settings.taxBasisPoints = 1_900;
  const { customer, price } = await paying(stripe, { amount: 2_999 });
  const subscription = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: price.id }],
    automatic_tax: { enabled: true },
    expand: ["latest_invoice"],
  });
  expect(subscription.latest_invoice).toMatchObject({
    subtotal: 2_999,
    total_excluding_tax: 2_999,
    total: 3_569,
    total_taxes: [{ amount: 570, taxable_amount: 2_999 }],
  });
});

it("ends discounts with their months, once with the first invoice, and spreads a fixed one to the cent", async () => {
  const { stripe } = twinWithClient();
  const { clock, customer, price } = await paying(stripe, { amount: 3_000 });
  const box = await priceOf(stripe, 4_900, "month");
  const once = await stripe.coupons.create({ amount_off: 1_000, currency: "usd", duration: "once" });
  const months = await stripe.coupons.create({ percent_off: 10, duration: "repeating", duration_in_months: 2 });
  const subscription = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: price.id }, { price: box.id }],
    discounts: [{ coupon: once.id }, { coupon: months.id }],
  });
  const ends = [FEB_28 + HOUR, FEB_28 + 40 * DAY, FEB_28 + 70 * DAY];
  for (const frozen_time of ends) await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time });
  const totals = (await stripe.invoices.list({ subscription: subscription.id })).data.map((row) => row.total);
  expect(totals).toEqual([7_900, 7_900, 7_110, 6_210]);
  expect((await stripe.coupons.retrieve(once.id)).times_redeemed).toBe(1);
  expect((await stripe.subscriptions.retrieve(subscription.id)).discounts).toEqual([]);
});

interface Step {
  price: number;
  interval: "month" | "year";
  quantity: number;
  addOn: boolean;
  day: number;
}

const step = fc.record<Step>({
  price: fc.integer({ min: 100, max: 50_000 }),
  interval: fc.constantFrom("month", "month", "month", "year"),
  quantity: fc.integer({ min: 1, max: 3 }),
  addOn: fc.boolean(),
  day: fc.integer({ min: 0, max: 12 }),
});

/** The items parameter of a step: the plan changes, and an add-on comes or goes. */
async function itemsOf(stripe: Stripe, subscription: Stripe.Subscription, { price, interval, quantity, addOn }: Step) {
  const [plan, extra] = subscription.items.data;
  const next = await priceOf(stripe, price, interval);
  const changed = [{ id: plan?.id ?? "", price: next.id, quantity }];
  if (addOn && extra === undefined) return [...changed, { price: (await priceOf(stripe, 4_900, interval)).id }];
  if (!addOn && extra !== undefined) return [...changed, { id: extra.id, deleted: true }];
  return extra === undefined
    ? changed
    : [...changed, { id: extra.id, price: (await priceOf(stripe, 4_900, interval)).id }];
}

const sumsOf = (invoice: Stripe.Invoice) => ({
  lines: invoice.lines.data.map((line) => [line.amount, line.description]),
  sums: [invoice.subtotal, invoice.total, invoice.amount_due, invoice.starting_balance],
  discounts: invoice.total_discount_amounts?.map((entry) => entry.amount),
  taxes: invoice.total_taxes?.map((entry) => entry.amount),
});

it("previews what it will bill, whatever two changes, discounts and taxes come together", async () => {
  const { twin, stripe } = twinWithClient();
  const coupon = fc.constantFrom(
    null,
    { percent_off: 12.5, duration: "forever" as const },
    { amount_off: 777, currency: "usd", duration: "forever" as const },
    { percent_off: 20, duration: "once" as const },
    { percent_off: 30, duration: "repeating" as const, duration_in_months: 1 },
  );
  const behavior = fc.constantFrom("always_invoice" as const, "create_prorations" as const, "none" as const);
  const run = async (
    steps: Step[],
    behaviors: Stripe.SubscriptionUpdateParams.ProrationBehavior[],
    offer: Stripe.CouponCreateParams | null,
    taxed: boolean,
  ) => {
    twin.world.settings.taxBasisPoints = 1_900;
    const { clock, customer, price } = await paying(stripe, { amount: 2_999 });
    const discounts = offer === null ? [] : [{ coupon: (await stripe.coupons.create(offer)).id }];
    let subscription = await stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price: price.id }],
      automatic_tax: { enabled: taxed },
      ...(discounts.length === 0 ? {} : { discounts }),
    });
    let at = START_SECONDS;
    for (const [index, wanted] of steps.entries()) {
      at += wanted.day * DAY;
      if (wanted.day > 0) await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: at });
      const details = {
        items: await itemsOf(stripe, subscription, wanted),
        proration_behavior: behaviors[index] ?? ("none" as const),
        proration_date: at,
      };
      const preview = await stripe.invoices.createPreview({
        subscription: subscription.id,
        subscription_details: details,
      });
      const before = idOf(subscription.latest_invoice);
      subscription = await stripe.subscriptions.update(subscription.id, { ...details, expand: ["latest_invoice"] });
      const now = subscription.latest_invoice as Stripe.Invoice;
      const later = await stripe.invoices.createPreview({ subscription: subscription.id });
      expect(sumsOf(preview)).toEqual(sumsOf(now.id === before ? later : now));
    }
    const next = await stripe.invoices.createPreview({ subscription: subscription.id });
    const end = Math.min(...subscription.items.data.map((item) => item.current_period_end));
    await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: end + HOUR });
    const [renewal] = (await stripe.invoices.list({ subscription: subscription.id, limit: 1 })).data;
    if (renewal === undefined) throw new Error("no renewal");
    expect(sumsOf(renewal)).toEqual(sumsOf(next));
    expect(renewal.status).toBe("paid");
  };
  await fc.assert(fc.asyncProperty(fc.tuple(step, step), fc.tuple(behavior, behavior), coupon, fc.boolean(), run), {
    numRuns: 12,
  });
  expect(twin.failures).toEqual([]);
});

it("costs in all what was used, second by second, whatever was changed and wherever it ended", async () => {
  const { twin, stripe } = twinWithClient();
  const run = async (steps: Step[], lastDay: number) => {
    const { clock, customer, price } = await paying(stripe, { amount: 3_000 });
    let subscription = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] });
    let at = START_SECONDS;
    let used = 0;
    const liveUntil = async (moment: number) => {
      for (const item of subscription.items.data) {
        const whole = item.current_period_end - item.current_period_start;
        used += ((item.price.unit_amount ?? 0) * (item.quantity ?? 1) * (moment - at)) / whole;
      }
      if (moment > at) await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: moment });
      at = moment;
    };
    for (const wanted of steps) {
      await liveUntil(at + wanted.day * DAY + wanted.price);
      subscription = await stripe.subscriptions.update(subscription.id, {
        items: await itemsOf(stripe, subscription, { ...wanted, addOn: false }),
        proration_behavior: "always_invoice",
        proration_date: at,
      });
    }
    await liveUntil(at + lastDay * DAY);
    await stripe.subscriptions.cancel(subscription.id, { prorate: true, invoice_now: true });
    const invoices = (await stripe.invoices.list({ subscription: subscription.id, limit: 100 })).data;
    const billed = invoices.reduce((sum, invoice) => sum + invoice.total, 0);
    // Every line is rounded once, by half a cent at most.
    const lines = invoices.reduce((sum, invoice) => sum + invoice.lines.data.length, 0);
    expect(Math.abs(billed - used)).toBeLessThanOrEqual(lines / 2 + 1e-6);
    const { balance } = (await stripe.customers.retrieve(customer.id)) as Stripe.Customer;
    const paid = invoices.reduce((sum, invoice) => sum + invoice.amount_paid, 0);
    expect(paid + balance).toBe(billed);
  };
  await fc.assert(fc.asyncProperty(fc.tuple(step, step), fc.integer({ min: 0, max: 3 }), run), { numRuns: 12 });
  expect(twin.failures).toEqual([]);
});
