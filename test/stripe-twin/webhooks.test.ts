import type Stripe from "stripe";
import { expect, it } from "vitest";
import { DAY, HOUR, paying, START_SECONDS, twinWithClient, typesOf } from "./client.ts";
import type { StripeTwin } from "./twin.ts";

const SECRET = "whsec_test_twin";

/** A twin whose webhooks end here, with every one that arrived. */
async function listening(options: { seed?: number } = {}) {
  const inbox: { body: string; signature: string }[] = [];
  const answer = { status: 200 };
  const setting = twinWithClient({
    ...options,
    send: async (request) => {
      inbox.push({ body: await request.text(), signature: request.headers.get("stripe-signature") ?? "" });
      return new Response(null, { status: answer.status });
    },
  });
  const control = controlOf(setting.twin);
  const endpoint = await control("webhooks/endpoint", { url: "https://app.test/webhook", secret: SECRET });
  const idsOf = () => inbox.map(({ body }) => (JSON.parse(body) as { id: string }).id);
  return { ...setting, inbox, answer, control, endpoint: String(endpoint.id), idsOf };
}

function controlOf(twin: StripeTwin) {
  return async (path: string, body: object): Promise<Record<string, unknown>> => {
    const request = new Request(`http://stripe.test/_twin/${path}`, { method: "POST", body: JSON.stringify(body) });
    const response = await twin.fetch(request);
    expect(response.status).toBe(200);
    return response.json();
  };
}

it("signs every delivery so that the SDK believes it, with the version and the object of that moment", async () => {
  const { stripe, twin, inbox, time } = await listening();
  const customer = await stripe.customers.create({ email: "a@example.com" });
  await stripe.customers.update(customer.id, { email: "b@example.com" });
  await twin.webhooks.flush();
  const events: Stripe.Event[] = [];
  for (const { body, signature } of inbox) {
    events.push(await stripe.webhooks.constructEventAsync(body, signature, SECRET, 300, undefined, time.ms));
  }
  expect(events.map((event) => event.type)).toEqual(["customer.created", "customer.updated"]);
  expect(events[0]).toMatchObject({ data: { object: { email: "a@example.com" } }, api_version: "2026-10-28.endive" });
  expect(events[1]).toMatchObject({
    data: { object: { email: "b@example.com" }, previous_attributes: { email: "a@example.com" } },
    request: { id: expect.stringMatching(/^req_/) },
    livemode: false,
  });
  const [first] = inbox;
  const tampered = `${first?.body ?? ""} `;
  await expect(async () =>
    stripe.webhooks.constructEventAsync(tampered, first?.signature ?? "", SECRET, 300, undefined, time.ms),
  ).rejects.toMatchObject({ type: "StripeSignatureVerificationError" });
  await expect(async () =>
    stripe.webhooks.constructEventAsync(
      first?.body ?? "",
      first?.signature ?? "",
      SECRET,
      300,
      undefined,
      time.ms + 301_000,
    ),
  ).rejects.toThrow(/tolerance/);
});

it("signs with both secrets while one is being replaced", async () => {
  const { stripe, twin, inbox, control, endpoint, time } = await listening();
  await control("webhooks/roll", { endpoint, secret: "whsec_new", keepOld: true });
  await stripe.customers.create();
  await twin.webhooks.flush();
  const { body = "", signature = "" } = inbox[0] ?? {};
  for (const secret of [SECRET, "whsec_new"]) {
    const event = await stripe.webhooks.constructEventAsync(body, signature, secret, 300, undefined, time.ms);
    expect(event.type).toBe("customer.created");
  }
});

it("signs at the true time although the twin lives ahead", async () => {
  const { stripe, twin, inbox, control, time } = await listening();
  await control("clock", { advanceSeconds: 40 * DAY });
  const customer = await stripe.customers.create();
  expect(customer.created).toBe(START_SECONDS + 40 * DAY);
  await twin.webhooks.flush();
  expect(inbox[0]?.signature).toContain(`t=${time.ms / 1_000},`);
});

it("drops, repeats under the same id and under a new one, delays and shuffles, as a seed decides", async () => {
  const { stripe, twin, control, idsOf, time } = await listening({ seed: 7 });
  await control("webhooks/policy", { dropPercent: 100 });
  await stripe.customers.create();
  expect(await twin.webhooks.flush()).toEqual([]);
  expect((await stripe.events.list({ delivery_success: false })).data).toHaveLength(1);
  await control("webhooks/resend", { event: twin.webhooks.dropped[0] ?? "" });
  await twin.webhooks.flush();
  expect((await stripe.events.list({ delivery_success: false })).data).toHaveLength(0);

  await control("webhooks/policy", { dropPercent: 0, repeats: 2, repeatsUnderNewId: 1, delaySeconds: 60 });
  const before = idsOf().length;
  await stripe.customers.create();
  expect(await twin.webhooks.flush()).toEqual([]);
  time.ms += 60_000;
  await twin.webhooks.flush();
  const ids = idsOf().slice(before);
  expect([ids.length, new Set(ids).size]).toEqual([4, 2]);

  await control("webhooks/policy", { repeats: 0, repeatsUnderNewId: 0, delaySeconds: 0, shuffle: true });
  const start = idsOf().length;
  for (let index = 0; index < 12; index += 1) await stripe.customers.create();
  await twin.webhooks.flush();
  const arrived = idsOf().slice(start);
  const happened = (await stripe.events.list({ limit: 12 })).data.map((event) => event.id).reverse();
  expect(arrived.toSorted()).toEqual(happened.toSorted());
  expect(arrived).not.toEqual(happened);
});

it("tries again later when the endpoint fails, and stops when it answers", async () => {
  const { stripe, twin, inbox, answer, time } = await listening();
  answer.status = 500;
  await stripe.customers.create();
  expect((await twin.webhooks.flush()).map((delivered) => delivered.status)).toEqual([500]);
  expect(await twin.webhooks.flush()).toEqual([]);
  answer.status = 200;
  time.ms += 60_000;
  expect((await twin.webhooks.flush()).map((delivered) => delivered.status)).toEqual([200]);
  time.ms += DAY * 1_000;
  await twin.webhooks.flush();
  expect(inbox).toHaveLength(2);
});

it("lists events by a cursor for thirty days, and no longer", async () => {
  const { stripe, time } = await listening();
  const { id } = await stripe.customers.create();
  await stripe.customers.update(id, { name: "Ada" });
  const [newest, oldest] = (await stripe.events.list({ types: ["customer.created", "customer.updated"] })).data;
  expect([newest?.type, oldest?.type]).toEqual(["customer.updated", "customer.created"]);
  expect((await stripe.events.list({ ending_before: oldest?.id ?? "" })).data.map((event) => event.id)).toEqual([
    newest?.id,
  ]);
  time.ms += 31 * DAY * 1_000;
  expect((await stripe.events.list()).data).toEqual([]);
  await expect(async () => stripe.events.retrieve(oldest?.id ?? "")).rejects.toMatchObject({
    code: "resource_missing",
  });
});

async function charged(stripe: Stripe, card = "pm_card_visa") {
  const intent = await stripe.paymentIntents.create({
    amount: 3_000,
    currency: "usd",
    payment_method: card,
    confirm: true,
    expand: ["latest_charge"],
  });
  return { intent, charge: intent.latest_charge as Stripe.Charge };
}

it("refunds in parts, never more than was paid, and gives back what a refund could not deliver", async () => {
  const { stripe, twin, control } = await listening();
  const { intent, charge } = await charged(stripe);
  await stripe.refunds.create({ payment_intent: intent.id, amount: 1_000 });
  await expect(async () => stripe.refunds.create({ charge: charge.id, amount: 2_001 })).rejects.toThrow(/greater than/);
  await stripe.refunds.create({ payment_intent: intent.id });
  const full = await stripe.charges.retrieve(charge.id, { expand: ["refunds"] });
  expect([full.refunded, full.amount_refunded, full.refunds?.data.length]).toEqual([true, 3_000, 2]);
  await expect(async () => stripe.refunds.create({ charge: charge.id })).rejects.toMatchObject({
    code: "charge_already_refunded",
  });

  const unlucky = await charged(stripe, "pm_card_refundFail");
  const refund = await stripe.refunds.create({ charge: unlucky.charge.id });
  expect([refund.status, (await stripe.refunds.retrieve(refund.id)).status]).toEqual(["succeeded", "failed"]);
  expect(await stripe.charges.retrieve(unlucky.charge.id)).toMatchObject({ refunded: false, amount_refunded: 0 });

  await control("settings", { refunds: "wait" });
  const waiting = await stripe.refunds.create({ charge: unlucky.charge.id, amount: 500 });
  expect(waiting.status).toBe("pending");
  await control(`refunds/${waiting.id}`, { status: "succeeded" });
  expect((await stripe.refunds.list({ charge: unlucky.charge.id })).data[0]?.status).toBe("succeeded");
  expect(typesOf(twin, "refund.")).toEqual([
    "refund.created",
    "refund.created",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "refund.created",
    "refund.updated",
  ]);
});

it("takes disputed money away, forbids refunding it, and brings it back with a win", async () => {
  const { stripe, twin, control } = await listening();
  const { charge } = await charged(stripe, "pm_card_createDispute");
  const [dispute] = (await stripe.disputes.list({ charge: charge.id })).data;
  expect(dispute).toMatchObject({ status: "needs_response", amount: 3_000, payment_intent: charge.payment_intent });
  await expect(async () => stripe.refunds.create({ charge: charge.id })).rejects.toMatchObject({
    code: "charge_disputed",
  });
  await stripe.disputes.update(dispute?.id ?? "", { evidence: { uncategorized_text: "they used it" } });
  await control(`disputes/${dispute?.id ?? ""}`, { status: "won" });
  expect((await stripe.refunds.create({ charge: charge.id })).status).toBe("succeeded");
  const other = await charged(stripe);
  const lost = await control("disputes", { charge: other.charge.id, amount: 1_000 });
  await stripe.disputes.close(String(lost.id));
  expect(typesOf(twin, "charge.dispute")).toEqual([
    "charge.dispute.created",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_reinstated",
    "charge.dispute.created",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.closed",
  ]);
});

it("bills items by a manual invoice, which can be written off, voided or paid by hand", async () => {
  const { stripe } = await listening();
  const { customer } = await paying(stripe);
  const invoiceOf = async () => {
    await stripe.invoiceItems.create({ customer: customer.id, amount: 700, currency: "usd" });
    return stripe.invoices.create({ customer: customer.id, pending_invoice_items_behavior: "include" });
  };
  const [paid, written, voided] = [await invoiceOf(), await invoiceOf(), await invoiceOf()];
  expect(await stripe.invoices.pay(paid.id ?? "")).toMatchObject({ status: "paid", amount_paid: 700 });
  await stripe.invoices.finalizeInvoice(written.id ?? "");
  expect((await stripe.invoices.markUncollectible(written.id ?? "")).status).toBe("uncollectible");
  expect((await stripe.invoices.pay(written.id ?? "")).status).toBe("paid");
  await stripe.invoices.finalizeInvoice(voided.id ?? "");
  expect((await stripe.invoices.voidInvoice(voided.id ?? "")).status).toBe("void");
  await expect(async () => stripe.invoices.pay(voided.id ?? "")).rejects.toThrow(/no longer be paid/);
  await expect(async () => stripe.invoices.pay(paid.id ?? "")).rejects.toThrow(/already paid/);
});

it("lives a year on a test clock: twelve renewals, each with one paid invoice", async () => {
  const { stripe, twin } = await listening();
  const { clock, customer, price } = await paying(stripe);
  const subscription = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] });
  for (let month = 1; month <= 12; month += 1) {
    await stripe.testHelpers.testClocks.advance(clock.id, {
      frozen_time: START_SECONDS + Math.round(month * 30.4375) * DAY + 2 * HOUR,
    });
  }
  const invoices = await stripe.invoices.list({ subscription: subscription.id, limit: 100 });
  expect(invoices.data.map((row) => row.status)).toEqual(Array.from({ length: 13 }, () => "paid"));
  const days = invoices.data.map((row) => new Date(row.created * 1_000).getUTCDate()).reverse();
  expect(days).toEqual([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31]);
  await twin.webhooks.flush({ all: true });
  expect([twin.webhooks.waiting, twin.failures]).toEqual([0, []]);
});
