import type { TwinClock } from "./clock.ts";
import { newId } from "./ids.ts";
import type { EndpointRow, EventRow } from "./rows.ts";
import type { Store } from "./store.ts";

/** How deliveries go wrong. Chances are whole per cent. */
export interface DeliveryPolicy {
  /** `auto` delivers on its own; `manual` waits for `flush`. */
  mode: "auto" | "manual";
  dropPercent: number;
  /** How often each event arrives beyond the first time, under the same id. */
  repeats: number;
  /** How often it arrives once more under an id of its own. */
  repeatsUnderNewId: number;
  delaySeconds: number;
  shuffle: boolean;
}

export const HONEST_DELIVERY: DeliveryPolicy = {
  mode: "manual",
  dropPercent: 0,
  repeats: 0,
  repeatsUnderNewId: 0,
  delaySeconds: 0,
  shuffle: false,
};

interface Delivery {
  endpoint: string;
  event: string;
  dueAtMs: number;
  attempts: number;
}

export interface Delivered {
  event: string;
  type: string;
  status: number;
}

// Back-off between attempts; after the last, about three days on, Stripe gives up.
const RETRY_SECONDS = [60, 300, 1_800, 7_200, 18_000, 36_000, 43_200, 43_200, 43_200, 43_200];

/** The webhook side: who listens, what is under way, what got lost. */
export class Webhooks {
  policy: DeliveryPolicy = { ...HONEST_DELIVERY };
  /** Event ids that no one was told of. */
  readonly dropped: string[] = [];
  readonly #store: Store;
  readonly #clock: TwinClock;
  readonly #send: (request: Request) => Promise<Response>;
  readonly #chance: () => number;
  readonly #queue: Delivery[] = [];
  #pumping = false;

  constructor(store: Store, clock: TwinClock, send: (request: Request) => Promise<Response>, chance: () => number) {
    this.#store = store;
    this.#clock = clock;
    this.#send = send;
    this.#chance = chance;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  setSecret(endpoint: string, secret: string): void {
    this.#store.secrets.set(endpoint, [secret]);
  }

  /** A new secret; until `keepOld` ends, deliveries carry signatures of both. */
  rollSecret(endpoint: string, secret: string, keepOld: boolean): void {
    const old = keepOld ? (this.#store.secrets.get(endpoint) ?? []).slice(0, 1) : [];
    this.#store.secrets.set(endpoint, [secret, ...old]);
  }

  /** Plans the deliveries of an event, as the policy says. */
  announce(event: EventRow): void {
    for (const endpoint of this.#listeners(event.type)) {
      const dropped = this.#chance() * 100 < this.policy.dropPercent;
      event.pending_webhooks += 1;
      if (dropped) this.dropped.push(event.id);
      else for (let copy = 0; copy <= this.policy.repeats; copy += 1) this.#plan(endpoint.id, event.id);
      for (let copy = 0; copy < this.policy.repeatsUnderNewId; copy += 1) {
        const twin = this.#store.events.add({ ...structuredClone(event), id: newId("evt") });
        this.#plan(endpoint.id, twin.id);
      }
    }
  }

  /** Sends an event again to everyone who listens, as the button in Stripe's dashboard does. */
  resend(eventId: string): void {
    const event = this.#store.events.find(eventId);
    if (event === null) return;
    for (const endpoint of this.#listeners(event.type)) this.#plan(endpoint.id, event.id, 0);
  }

  /** Delivers what is due, and what this causes, until nothing is due. `all` does not wait for delays and retries. */
  async flush({ all = false, limit = 10_000 }: { all?: boolean; limit?: number } = {}): Promise<Delivered[]> {
    const delivered: Delivered[] = [];
    while (delivered.length < limit) {
      const next = this.#next(all);
      if (next === undefined) break;
      delivered.push(await this.#deliver(next, all));
    }
    return delivered;
  }

  /** Delivers what is due, unless that is happening already. */
  async pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      await this.flush({ limit: Infinity });
    } finally {
      this.#pumping = false;
    }
  }

  #next(all: boolean): Delivery | undefined {
    const isDue = (delivery: Delivery) => all || delivery.dueAtMs <= this.#clock.wallMs();
    const due = this.policy.shuffle ? this.#queue.filter(isDue) : [];
    const drawn = due[Math.floor(this.#chance() * due.length)];
    const at = this.policy.shuffle
      ? drawn === undefined
        ? -1
        : this.#queue.indexOf(drawn)
      : this.#queue.findIndex(isDue);
    return at === -1 ? undefined : this.#queue.splice(at, 1)[0];
  }

  /** The request of one event, signed: for tests that send it themselves. */
  async signedRequest(event: EventRow, endpoint: EndpointRow): Promise<Request> {
    const body = JSON.stringify(event);
    const at = this.#clock.trueSeconds();
    const secrets = this.#store.secrets.get(endpoint.id) ?? [];
    const signatures = await Promise.all(secrets.map(async (secret) => hmacHex(secret, `${at}.${body}`)));
    const signature = [`t=${at}`, ...signatures.map((hex) => `v1=${hex}`)].join(",");
    return new Request(endpoint.url, {
      method: "POST",
      headers: { "content-type": "application/json; charset=utf-8", "stripe-signature": signature },
      body,
    });
  }

  #listeners(type: string): EndpointRow[] {
    return this.#store.endpoints.filter(
      (endpoint) =>
        endpoint.status === "enabled" &&
        (endpoint.enabled_events.includes("*") || endpoint.enabled_events.includes(type)),
    );
  }

  #plan(endpoint: string, event: string, delaySeconds = this.policy.delaySeconds): void {
    this.#queue.push({ endpoint, event, attempts: 0, dueAtMs: this.#clock.wallMs() + delaySeconds * 1_000 });
  }

  async #deliver(delivery: Delivery, once: boolean): Promise<Delivered> {
    const endpoint = this.#store.endpoints.find(delivery.endpoint);
    const event = this.#store.events.find(delivery.event);
    if (endpoint === null || event === null) return { event: delivery.event, type: "gone", status: 0 };
    const status = await this.#statusOf(await this.signedRequest(event, endpoint));
    if (status >= 200 && status < 300) {
      event.pending_webhooks = Math.max(0, event.pending_webhooks - 1);
    } else {
      const wait = RETRY_SECONDS[delivery.attempts];
      const again = { ...delivery, attempts: delivery.attempts + 1 };
      // Whoever flushes everything would otherwise never come to an end with an endpoint that is down.
      if (wait !== undefined && !once) this.#queue.push({ ...again, dueAtMs: this.#clock.wallMs() + wait * 1_000 });
      else this.dropped.push(event.id);
    }
    return { event: event.id, type: event.type, status };
  }

  async #statusOf(request: Request): Promise<number> {
    try {
      const response = await this.#send(request);
      await response.body?.cancel();
      return response.status;
    } catch {
      // Nobody listens there: for Stripe the same as a failure.
      return 0;
    }
  }
}

async function hmacHex(secret: string, payload: string): Promise<string> {
  const bytes = new TextEncoder();
  const key = await crypto.subtle.importKey("raw", bytes.encode(secret), { name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
  ]);
  const signature = await crypto.subtle.sign("HMAC", key, bytes.encode(payload));
  return Array.from(new Uint8Array(signature), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Chances that a seed decides, so that a failing run can be repeated (mulberry32). */
export function seededChance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
