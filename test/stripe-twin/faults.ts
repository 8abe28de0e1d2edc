import { StripeRefusal } from "./errors.ts";

export interface Fault {
  /** "POST /v1/customers", or the beginning of one; empty for any request. */
  on?: string;
  /** How many requests it meets; 1 by default. */
  times?: number;
  /**
   * `status`: Stripe answers so without doing anything. `unreachable`: nothing arrives. `lose_answer`: it is done, and the
   * answer gets lost. `hold`: the request stays under way until `release`.
   */
  kind: "status" | "unreachable" | "lose_answer" | "hold";
  status?: number;
}

/** Faults that are planned for the next requests. */
export class Faults {
  readonly #planned: (Fault & { left: number })[] = [];
  #held: (() => void)[] = [];

  plan(fault: Fault): void {
    this.#planned.push({ ...fault, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#planned.length = 0;
  }

  /** How many requests are being held. */
  get holding(): number {
    return this.#held.length;
  }

  /** Lets held requests go on. */
  release(): void {
    const held = this.#held;
    this.#held = [];
    for (const go of held) go();
  }

  take(method: string, pathname: string): Fault | null {
    const fault = this.#planned.find((entry) => entry.left > 0 && `${method} ${pathname}`.startsWith(entry.on ?? ""));
    if (fault === undefined) return null;
    fault.left -= 1;
    return fault;
  }

  async hold(fault: Fault | null): Promise<void> {
    if (fault?.kind !== "hold") return;
    await new Promise<void>((go) => this.#held.push(go));
  }

  /** @throws TypeError for a lost connection, StripeRefusal for an answer that is planned */
  refuse(fault: Fault | null, when: "before" | "after"): void {
    if (fault?.kind === "unreachable" && when === "before") throw new TypeError("connection lost");
    if (fault?.kind === "lose_answer" && when === "after") throw new TypeError("connection lost");
    if (fault?.kind !== "status" || when !== "before") return;
    const status = fault.status ?? 500;
    if (status === 429) throw new StripeRefusal(429, "rate_limit_error", "Too many requests.", { code: "rate_limit" });
    throw new StripeRefusal(status, "api_error", "An unknown error occurred.");
  }
}
