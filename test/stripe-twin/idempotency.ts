import { StripeRefusal } from "./errors.ts";

const KEPT_MS = 24 * 3_600_000;
const MAX_KEY = 255;

interface Known {
  fingerprint: string;
  at: number;
  answer: { status: number; body: string } | null;
}

/**
 * Idempotency keys as Stripe keeps them: the first answer is repeated for a day, whatever it was; other parameters under
 * the same key are refused, and so is a second request while the first one still runs. Requests whose parameters did
 * not pass leave no trace.
 */
export class IdempotencyKeys {
  readonly #known = new Map<string, Known>();

  /**
   * Claims the key, or gives the answer to repeat.
   * @throws StripeRefusal when the key belongs to another request, or to one that is under way
   */
  begin(key: string, fingerprint: string, nowMs: number): { status: number; body: string } | null {
    if (key.length > MAX_KEY) {
      throw new StripeRefusal(400, "idempotency_error", `Idempotency keys can be at most ${MAX_KEY} characters long.`);
    }
    const known = this.#known.get(key);
    if (known === undefined || nowMs - known.at >= KEPT_MS) {
      this.#known.set(key, { fingerprint, at: nowMs, answer: null });
      return null;
    }
    if (known.fingerprint !== fingerprint) {
      throw new StripeRefusal(
        400,
        "idempotency_error",
        `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
      );
    }
    if (known.answer === null) {
      throw new StripeRefusal(
        409,
        "idempotency_error",
        `There is currently another in-progress request using this idempotency key: ${key}. Please try again later.`,
        { code: "idempotency_key_in_use" },
      );
    }
    return known.answer;
  }

  finish(key: string, status: number, body: string): void {
    const known = this.#known.get(key);
    if (known !== undefined) known.answer = { status, body };
  }

  /** The request was never carried out: the key is free again. */
  abandon(key: string): void {
    this.#known.delete(key);
  }
}
