import type { Cursors, EventMessage } from "../protocol/frames.ts";

/**
 * How far the client has read its two streams. Sequences have no holes, so that a number that is too high means that
 * something was missed, and one that is not higher means that it is known already.
 */
export class Streams {
  #cursors: Cursors | null;

  constructor(cursors: Cursors | null) {
    this.#cursors = cursors;
  }

  /** Null before the first snapshot. */
  get cursors(): Cursors | null {
    return this.#cursors === null ? null : { ...this.#cursors };
  }

  /** Takes what the server says it has told us by now. */
  reset(cursors: Cursors): void {
    this.#cursors = { ...cursors };
  }

  /** Events that are new and next in their stream, and whether one arrived before its predecessor. */
  accept(events: readonly EventMessage[]): { fresh: EventMessage[]; gap: boolean } {
    const fresh: EventMessage[] = [];
    let gap = false;
    for (const event of events) {
      const known = this.#cursors?.[event.stream];
      if (this.#cursors === null || known === undefined || event.seq > known + 1) {
        gap = true;
      } else if (event.seq === known + 1) {
        this.#cursors[event.stream] = event.seq;
        fresh.push(event);
      }
    }
    return { fresh, gap };
  }

  /** Whether the server's streams reach beyond what was read. */
  isBehind(heads: { couple: number; own: number }): boolean {
    if (this.#cursors === null) return true;
    return heads.couple > this.#cursors.couple || heads.own > this.#cursors.own;
  }
}
