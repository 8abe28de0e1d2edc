import { DAY_MS } from "../../src/protocol/limits.ts";
import type { Stage } from "./stage.ts";

/** The server's clock, which an act can turn forwards: what becomes due by the jump happens right then. */
export class CalendarClock {
  readonly #stage: Stage;
  #aheadMs = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** Epoch milliseconds on the server's clock. */
  readonly now = (): number => Date.now() + this.#aheadMs;

  /** @param wake relationships whose objects look at what is due */
  async forward(days: number, wake: readonly string[] = []): Promise<void> {
    await this.#turn(this.#aheadMs + days * DAY_MS, wake);
  }

  /** To `hour`:00 UTC, today or tomorrow. */
  async forwardToHour(hour: number, wake: readonly string[] = []): Promise<void> {
    const now = this.now();
    const at = now - (now % DAY_MS) + hour * 3_600_000;
    await this.#turn(this.#aheadMs + (at > now ? at : at + DAY_MS) - now, wake);
  }

  /** Back to the real time, for the acts that follow. */
  async reset(): Promise<void> {
    await this.#turn(0, []);
  }

  async #turn(aheadMs: number, wake: readonly string[]): Promise<void> {
    const response = await fetch(`${this.#stage.origin}/api/dev/clock`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ aheadMs: Math.round(aheadMs), wake }),
    });
    if (!response.ok) throw new Error(`The clock cannot be turned: ${await response.text()}`);
    this.#aheadMs = Math.round(aheadMs);
  }
}
