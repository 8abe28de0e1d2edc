import { API_VERSION } from "./version.ts";
import type { TwinClock } from "./clock.ts";
import { missing } from "./errors.ts";
import { newId } from "./ids.ts";
import type { EventRow, InvoiceRow, PaymentIntentRow } from "./rows.ts";
import type { Collection, Store } from "./store.ts";

/** What an operator sets in Stripe's dashboard, and what the control surface may change. */
export interface Settings {
  /** Days after the first failed attempt at which a renewal is tried again. */
  retryDays: number[];
  afterRetries: "cancel" | "unpaid" | "past_due";
  /** A renewal's invoice stays a draft for about an hour. */
  finalizeAfterSeconds: number;
  /** Whether it stays one until the webhook about it was taken, for at most 72 hours. */
  finalizeWaitsForWebhook: boolean;
  /** Of every line, on top, where automatic tax is on. 1900 is 19 %. */
  taxBasisPoints: number;
  /** Whether refunds are done at once, or wait for the control surface. */
  refunds: "succeed" | "wait";
  requestsPerSecond: number | null;
}

export const DEFAULT_SETTINGS: Settings = {
  retryDays: [3, 5, 7],
  afterRetries: "cancel",
  finalizeAfterSeconds: 3_600,
  finalizeWaitsForWebhook: false,
  taxBasisPoints: 0,
  refunds: "succeed",
  requestsPerSecond: null,
};

/** What a part tells the parts above it, without knowing them. */
export interface Hooks {
  intentSettled: (intent: PaymentIntentRow) => void;
  invoicePaid: (invoice: InvoiceRow) => void;
  invoiceFailed: (invoice: InvoiceRow) => void;
  invoiceAbandoned: (invoice: InvoiceRow) => void;
}

export interface World {
  readonly store: Store;
  readonly clock: TwinClock;
  readonly settings: Settings;
  readonly hooks: Hooks;
  /** Where the pages of this twin are, without a slash at its end. */
  readonly origin: string;
  /** The request that is being served; work of the clock has none. */
  request: { id: string | null; idempotency_key: string | null };
  publish: (event: EventRow) => void;
}

/** Seconds, as an object of this test clock lives them. */
export function now(world: World, testClock: string | null | undefined): number {
  return world.store.testClocks.find(testClock)?.frozen_time ?? world.clock.seconds();
}

/** The test clock of a customer, which everything of the customer shares. */
export function clockOf(world: World, customer: string | null): string | null {
  return world.store.customers.find(customer)?.test_clock ?? null;
}

/** @throws StripeRefusal when there is none; `param` names the parameter that holds the id, if it is not the path */
export function requireRow<T extends { id: string }>(collection: Collection<T>, id: string, param = "id"): T {
  const row = collection.find(id);
  if (row === null) throw missing(collection.kind, id, param);
  return row;
}

/** Records that something happened, with the object as it is at this moment. */
export function emit(world: World, type: string, row: object, previous?: object): EventRow {
  const event: EventRow = {
    id: newId("evt"),
    object: "event",
    api_version: API_VERSION,
    created: world.clock.seconds(),
    data: {
      object: copyOf(row),
      ...(previous === undefined ? {} : { previous_attributes: previous }),
    },
    livemode: false,
    pending_webhooks: 0,
    request: { ...world.request },
    type,
  };
  world.store.events.add(event);
  world.publish(event);
  return event;
}

/** A copy as the wire would carry it, which is several times faster than `structuredClone`. */
export function copyOf<T extends object>(row: T): T {
  return JSON.parse(JSON.stringify(row)) as T;
}

/** Changes an object and records `type` with what the changed fields were before; nothing changed, nothing recorded. */
export function change<T extends object>(world: World, type: string, row: T, work: (row: T) => void): void {
  const before = fieldsOf(row);
  work(row);
  const after = fieldsOf(row);
  const keys = new Set([...before.keys(), ...after.keys()]);
  const changed = [...keys].filter((key) => before.get(key) !== after.get(key));
  if (changed.length === 0) return;
  emit(world, type, row, Object.fromEntries(changed.map((key) => [key, JSON.parse(before.get(key) ?? "null")])));
}

function fieldsOf(row: object): Map<string, string> {
  return new Map(Object.entries(row).map(([key, value]) => [key, JSON.stringify(value ?? null)]));
}
