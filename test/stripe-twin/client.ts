import Stripe from "stripe";
import { vi } from "vitest";
import { StripeTwin, type TwinOptions } from "./twin.ts";

const START = Date.UTC(2027, 0, 31, 12);

/** A twin of its own for a test, the real client that talks to it in this process, and the hand on its clock. */
export function twinWithClient({ retries = 0, ...options }: TwinOptions & { retries?: number } = {}) {
  const time = { ms: START };
  const twin = new StripeTwin({ now: () => time.ms, ...options });
  const stripe = new Stripe("sk_test_twin", {
    host: "stripe.test",
    port: 80,
    protocol: "http",
    httpClient: Stripe.createFetchHttpClient(async (input: RequestInfo | URL, init?: RequestInit) =>
      twin.fetch(new Request(input, init)),
    ),
    maxNetworkRetries: retries,
    telemetry: false,
  });
  return { twin, stripe, time };
}

/**
 * Sends what code under test asks of api.stripe.com to the twin, until the test's mocks are restored. Everything else
 * goes where it went before.
 */
export function interceptStripe(twin: StripeTwin): void {
  const onward = globalThis.fetch;
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    return new URL(request.url).host === "api.stripe.com" ? twin.fetch(request) : onward(request);
  });
}

export const START_SECONDS = START / 1_000;
export const HOUR = 3_600;
export const DAY = 86_400;

/** A customer on a test clock of its own, with a card, and a price. */
export async function paying(
  stripe: Stripe,
  {
    amount = 3_000,
    interval = "month",
    card = "pm_card_visa",
  }: { amount?: number; interval?: "month" | "year"; card?: string } = {},
) {
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: START_SECONDS });
  const customer = await stripe.customers.create({
    email: "ada@example.com",
    test_clock: clock.id,
    payment_method: card,
    invoice_settings: { default_payment_method: card },
  });
  const price = await priceOf(stripe, amount, interval);
  return { clock, customer, price };
}

export async function priceOf(stripe: Stripe, amount: number, interval: "month" | "year" | null) {
  return stripe.prices.create({
    currency: "usd",
    unit_amount: amount,
    product_data: { name: "Plan" },
    ...(interval === null ? {} : { recurring: { interval } }),
  });
}

/** The id of a reference, whether or not it was expanded. */
export function idOf(reference: string | { id?: string } | null | undefined): string {
  return (typeof reference === "string" ? reference : reference?.id) ?? "";
}

/** The event types since the start, oldest first. */
export function typesOf(twin: StripeTwin, prefix = ""): string[] {
  return [...twin.store.events.values()].map((event) => event.type).filter((type) => type.startsWith(prefix));
}
