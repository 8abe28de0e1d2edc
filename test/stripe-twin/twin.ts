import { checkoutEndpoints } from "./checkout-sessions.ts";
import { afterSessionIntent } from "./checkout-payment.ts";
import { TwinClock } from "./clock.ts";
import { control } from "./control.ts";
import { couponEndpoints } from "./coupons.ts";
import { customerEndpoints } from "./customers.ts";
import { customerDeletion } from "./customer-deletion.ts";
import { disputeEndpoints } from "./disputes.ts";
import { findEndpoint, type Endpoint } from "./endpoint.ts";
import { invalid, StripeRefusal } from "./errors.ts";
import { eventEndpoints } from "./events.ts";
import { expanded } from "./expand.ts";
import { Faults } from "./faults.ts";
import { parseForm, type FormTree } from "./form.ts";
import { IdempotencyKeys } from "./idempotency.ts";
import { newId } from "./ids.ts";
import { afterIntent } from "./invoice-life.ts";
import { invoiceItemEndpoints } from "./invoice-items.ts";
import { previewEndpoints } from "./invoice-preview.ts";
import { invoiceEndpoints } from "./invoices.ts";
import { pages } from "./pages.ts";
import { list, text } from "./params.ts";
import { paymentIntentEndpoints } from "./payment-intents.ts";
import { paymentMethodEndpoints } from "./payment-methods.ts";
import { applyPending, isPending } from "./pending-updates.ts";
import { portalEndpoints } from "./portal.ts";
import { priceEndpoints } from "./prices.ts";
import { productEndpoints } from "./products.ts";
import { promotionCodeEndpoints } from "./promotion-codes.ts";
import { refundEndpoints } from "./refunds.ts";
import { onInvoiceAbandoned, onInvoiceFailed, onInvoicePaid } from "./renewals.ts";
import { scheduleEndpoints } from "./schedules.ts";
import { searchEndpoints } from "./search.ts";
import { Store } from "./store.ts";
import { subscriptionEndpoints } from "./subscriptions.ts";
import { testClockEndpoints } from "./test-clocks.ts";
import { liveUntil } from "./timeline.ts";
import { API_VERSION } from "./version.ts";
import { webhookEndpointEndpoints } from "./webhook-endpoints.ts";
import { seededChance, Webhooks } from "./webhooks.ts";
import { DEFAULT_SETTINGS, type World } from "./world.ts";

export interface TwinOptions {
  /** Where the pages of the twin are reached, without a slash at its end. */
  origin?: string;
  /** UTC epoch milliseconds. */
  now?: () => number;
  /** Sends a webhook. */
  send?: (request: Request) => Promise<Response>;
  /** Decides what is dropped and in which order things arrive. */
  seed?: number;
}

interface Answer {
  status: number;
  body: string;
}

/**
 * The part of Stripe that we use, with memory and a clock: `fetch` answers what api.stripe.com would answer, in the
 * version of the pinned SDK. Everything happens in memory and is gone with the object.
 */
export class StripeTwin {
  readonly store = new Store();
  readonly clock: TwinClock;
  readonly webhooks: Webhooks;
  readonly faults = new Faults();
  readonly world: World;
  /** Mistakes of the twin itself: a test that ends with one here has found nothing out about the code under test. */
  readonly failures: unknown[] = [];
  /** All requests to the API that arrived, as "POST /v1/customers". */
  readonly requests: string[] = [];
  readonly #keys = new IdempotencyKeys();
  readonly #endpoints: Endpoint[];
  #livedUntil = 0;
  #second = { at: 0, requests: 0 };

  constructor({ origin = "http://stripe.test", now = Date.now, send = fetch, seed = 1 }: TwinOptions = {}) {
    this.clock = new TwinClock(now);
    this.webhooks = new Webhooks(this.store, this.clock, send, seededChance(seed));
    const world: World = {
      store: this.store,
      clock: this.clock,
      settings: structuredClone(DEFAULT_SETTINGS),
      hooks: {
        intentSettled: (intent) => {
          afterIntent(world, intent);
          afterSessionIntent(world, intent);
        },
        invoicePaid: (invoice) => {
          const row = this.store.subscriptions.find(invoice.parent?.subscription_details.subscription);
          if (row === null || !applyPending(world, row, invoice)) onInvoicePaid(world, invoice);
        },
        invoiceFailed: (invoice) => {
          const row = this.store.subscriptions.find(invoice.parent?.subscription_details.subscription);
          if (row === null || !isPending(world, row, invoice)) onInvoiceFailed(world, invoice);
        },
        invoiceAbandoned: (invoice) => onInvoiceAbandoned(world, invoice),
      },
      origin,
      request: { id: null, idempotency_key: null },
      publish: (event) => this.webhooks.announce(event),
    };
    this.world = world;
    this.#livedUntil = this.clock.wallSeconds();
    this.#endpoints = [
      ...searchEndpoints,
      ...previewEndpoints,
      ...customerEndpoints,
      ...customerDeletion,
      ...paymentMethodEndpoints,
      ...productEndpoints,
      ...priceEndpoints,
      ...couponEndpoints,
      ...promotionCodeEndpoints,
      ...paymentIntentEndpoints,
      ...refundEndpoints,
      ...disputeEndpoints,
      ...subscriptionEndpoints,
      ...scheduleEndpoints,
      ...invoiceEndpoints,
      ...invoiceItemEndpoints,
      ...checkoutEndpoints,
      ...portalEndpoints,
      ...eventEndpoints,
      ...testClockEndpoints,
      ...webhookEndpointEndpoints(this.webhooks),
    ];
  }

  /** Answers the API, the pages that people see, and our own control surface below `/_twin/`. */
  async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    try {
      this.liveOn();
      if (pathname.startsWith("/_twin/")) return await control(this, request);
      if (!pathname.startsWith("/v1/")) return await pages(this.world, request);
    } catch (error) {
      return this.#refusal(error).toResponse();
    }
    const response = await this.#api(request);
    if (this.webhooks.policy.mode === "auto") queueMicrotask(() => void this.webhooks.pump());
    return response;
  }

  /** Does what has become due since the last time, for all that has no test clock. */
  liveOn(): void {
    const now = this.clock.wallSeconds();
    if (now <= this.#livedUntil) return;
    liveUntil(this.world, null, now, (seconds, work) => this.clock.pretend(Math.max(seconds, this.#livedUntil), work));
    this.#livedUntil = now;
  }

  async #api(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    this.requests.push(`${request.method} ${pathname}`);
    const body = await request.text();
    const id = newId("req");
    const headers = { "request-id": id, "stripe-version": API_VERSION };
    const fault = this.faults.take(request.method, pathname);
    const key = request.method === "POST" ? request.headers.get("idempotency-key") : null;
    try {
      this.faults.refuse(fault, "before");
      this.#authorize(request);
      this.#limitRate();
      const fields = [...searchParams, ...new URLSearchParams(body)];
      const work = this.#prepare(request.method, pathname, fields);
      const replay =
        key === null ? null : this.#keys.begin(key, `${request.method} ${pathname} ${body}`, this.clock.wallMs());
      const answer = replay ?? (await this.#carryOut(work, key, id, fault));
      const again = replay === null ? {} : { "idempotent-replayed": "true" };
      const original = key === null ? {} : { "idempotency-key": key };
      this.faults.refuse(fault, "after");
      return new Response(answer.body, {
        status: answer.status,
        headers: { ...headers, ...again, ...original, "content-type": "application/json" },
      });
    } catch (error) {
      return this.#refusal(error).toResponse(headers);
    }
  }

  #authorize(request: Request): void {
    const given = request.headers.get("authorization")?.replace(/^Bearer /, "") ?? "";
    if (given === "") {
      throw new StripeRefusal(401, "invalid_request_error", "You did not provide an API key.");
    }
    if (!/^[sr]k_test_\w+$/.test(given)) {
      throw new StripeRefusal(401, "invalid_request_error", `Invalid API Key provided: ${given.slice(0, 7)}****`);
    }
    const version = request.headers.get("stripe-version");
    if (version !== null && version !== API_VERSION) throw invalid(`Invalid Stripe API version: ${version}`);
  }

  #limitRate(): void {
    const limit = this.world.settings.requestsPerSecond;
    const at = this.clock.wallSeconds();
    if (this.#second.at !== at) this.#second = { at, requests: 0 };
    this.#second.requests += 1;
    if (limit === null || this.#second.requests <= limit) return;
    throw new StripeRefusal(429, "rate_limit_error", "Request rate limit exceeded.", { code: "rate_limit" });
  }

  #prepare(method: string, pathname: string, fields: [string, string][]): () => object {
    const found = findEndpoint(this.#endpoints, method, pathname);
    if (found === null) {
      throw new StripeRefusal(404, "invalid_request_error", `Unrecognized request URL (${method}: ${pathname}).`);
    }
    const { expand, ...rest } = parseForm(fields) as FormTree;
    const paths = expand === undefined ? [] : list(text()).parse(expand);
    const run = found.endpoint.prepare(this.world, rest, found.id);
    return () => expanded(this.world, run(), paths);
  }

  // From here on the answer is kept under the key, whatever it is.
  async #carryOut(
    work: () => object,
    key: string | null,
    id: string,
    fault: ReturnType<Faults["take"]>,
  ): Promise<Answer> {
    await this.faults.hold(fault);
    this.world.request = { id, idempotency_key: key };
    const answer = await this.#answerOf(work);
    this.world.request = { id: null, idempotency_key: null };
    if (key !== null) this.#keys.finish(key, answer.status, answer.body);
    return answer;
  }

  async #answerOf(work: () => object): Promise<Answer> {
    try {
      return { status: 200, body: JSON.stringify(work()) };
    } catch (error) {
      const response = this.#refusal(error).toResponse();
      return { status: response.status, body: await response.text() };
    }
  }

  #refusal(error: unknown): StripeRefusal {
    if (error instanceof StripeRefusal) return error;
    if (error instanceof TypeError && error.message === "connection lost") throw error;
    this.failures.push(error);
    return new StripeRefusal(500, "api_error", `The twin failed: ${String(error)}`);
  }
}
