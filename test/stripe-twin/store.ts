import type { PendingUpdate } from "./pending-updates.ts";
import type { CheckoutPlan } from "./checkout-plan.ts";
import type * as rows from "./rows.ts";

interface HasId {
  id: string;
}

/** Objects of one kind, in the order in which they came to be. */
export class Collection<T extends HasId> {
  /** How Stripe names the kind in messages. */
  readonly kind: string;
  readonly #rows = new Map<string, T>();
  readonly #groups = new Map<string, T[]>();
  readonly #keysOf: (row: T) => (string | undefined)[];

  /** @param keysOf what rows can be looked up by besides their id; it must never change */
  constructor(kind: string, keysOf: (row: T) => (string | undefined)[] = () => []) {
    this.kind = kind;
    this.#keysOf = keysOf;
  }

  add(row: T): T {
    this.#rows.set(row.id, row);
    for (const key of this.#keysOf(row)) {
      if (key === undefined) continue;
      const group = this.#groups.get(key);
      if (group === undefined) this.#groups.set(key, [row]);
      else group.push(row);
    }
    return row;
  }

  /** The rows of a key, oldest first. */
  group(key: string): readonly T[] {
    return (this.#groups.get(key) ?? []).filter((row) => this.#rows.has(row.id));
  }

  get size(): number {
    return this.#rows.size;
  }

  find(id: string | null | undefined): T | null {
    return id === null || id === undefined ? null : (this.#rows.get(id) ?? null);
  }

  remove(id: string): void {
    this.#rows.delete(id);
  }

  /** Oldest first. */
  values(): Iterable<T> {
    return this.#rows.values();
  }

  filter(test: (row: T) => boolean): T[] {
    return [...this.#rows.values()].filter(test);
  }

  /** Newest first, as Stripe lists. */
  newest(): T[] {
    return [...this.#rows.values()].reverse();
  }
}

/** How a card answers. `refund_fails` and `disputed` pay first. */
export type CardBehaviour = "pays" | "declined" | "insufficient_funds" | "authentication" | "refund_fails" | "disputed";

/** What a subscription item was billed for its running period, net of discounts; credits are counted from it. */
export interface Billed {
  amount: number;
  start: number;
  end: number;
}

/** Everything that a twin knows. */
export class Store {
  readonly customers = new Collection<rows.CustomerRow>("customer");
  readonly products = new Collection<rows.ProductRow>("product");
  readonly prices = new Collection<rows.PriceRow>("price");
  readonly coupons = new Collection<rows.CouponRow>("coupon");
  readonly promotionCodes = new Collection<rows.PromotionCodeRow>("promotion code");
  readonly discounts = new Collection<rows.DiscountRow>("discount");
  readonly paymentMethods = new Collection<rows.PaymentMethodRow>("PaymentMethod");
  readonly paymentIntents = new Collection<rows.PaymentIntentRow>("payment_intent");
  readonly charges = new Collection<rows.ChargeRow>("charge", (row) => [row.customer ?? undefined]);
  readonly refunds = new Collection<rows.RefundRow>("refund");
  readonly disputes = new Collection<rows.DisputeRow>("dispute");
  readonly subscriptions = new Collection<rows.SubscriptionRow>("subscription");
  readonly schedules = new Collection<rows.ScheduleRow>("subscription schedule");
  readonly invoices = new Collection<rows.InvoiceRow>("invoice", (row) => [
    row.parent?.subscription_details.subscription,
  ]);
  readonly invoiceItems = new Collection<rows.InvoiceItemRow>("invoiceitem", (row) => [row.customer]);
  readonly invoicePayments = new Collection<rows.InvoicePaymentRow>("invoice_payment", (row) => [
    row.invoice,
    row.payment.payment_intent,
  ]);
  readonly sessions = new Collection<rows.SessionRow>("checkout.session");
  readonly portalSessions = new Collection<rows.PortalSessionRow>("billing_portal.session");
  readonly testClocks = new Collection<rows.TestClockRow>("test_helpers.test_clock");
  readonly endpoints = new Collection<rows.EndpointRow>("webhook endpoint");
  readonly events = new Collection<rows.EventRow>("event");

  // What Stripe knows and does not show.
  readonly cards = new Map<string, CardBehaviour>();
  readonly pendingUpdates = new Map<string, PendingUpdate>();
  readonly billed = new Map<string, Billed>();
  readonly toldOfTrialEnd = new Set<string>();
  readonly checkoutPlans = new Map<string, CheckoutPlan>();
  readonly sessionOfIntent = new Map<string, string>();
  /** Signing secrets by endpoint, the newest first. */
  readonly secrets = new Map<string, string[]>();
  /** The event that told of an invoice's draft. */
  readonly draftEvents = new Map<string, string>();
  readonly sessionItems = new Map<string, rows.SessionItemRow[]>();
  readonly deletedCustomers = new Map<string, { id: string; object: "customer"; deleted: true }>();

  /** The object behind any id, for `expand`. */
  find(id: string): object | null {
    for (const collection of this.#expandable()) {
      const row = collection.find(id);
      if (row !== null) return row;
    }
    return this.deletedCustomers.get(id) ?? null;
  }

  #expandable(): { find(id: string): object | null }[] {
    return [
      this.customers,
      this.products,
      this.prices,
      this.coupons,
      this.promotionCodes,
      this.discounts,
      this.paymentMethods,
      this.paymentIntents,
      this.charges,
      this.refunds,
      this.disputes,
      this.subscriptions,
      this.schedules,
      this.invoices,
      this.invoiceItems,
      this.sessions,
      this.testClocks,
    ];
  }
}
