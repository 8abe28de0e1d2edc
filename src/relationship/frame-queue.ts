/** Frames that one turn handles at most, so that no answer waits for a flood. */
const TURN_MAX_FRAMES = 64;
const TURN_MAX_UNITS = 512 * 1024;
/** The runtime hands over the next waiting message while we wait twice; once is not enough. */
const HOPS = 2;

export interface WaitingFrame {
  socket: WebSocket;
  message: string | ArrayBuffer;
}

/**
 * Group commit: frames that already wait are handled in one turn, and so share one commit, which costs far more than a
 * command. A lone frame waits for nothing but two empty hops. What is still queued when the object dies was never
 * acknowledged, and its sender repeats it.
 */
export class FrameQueue {
  readonly #storage: DurableObjectStorage;
  readonly #handle: (frames: readonly WaitingFrame[]) => Promise<void>;
  #waiting: WaitingFrame[] = [];
  #units = 0;

  constructor(storage: DurableObjectStorage, handle: (frames: readonly WaitingFrame[]) => Promise<void>) {
    this.#storage = storage;
    this.#handle = handle;
  }

  /** Queues one frame. Whoever finds the queue empty handles it, with all that have joined meanwhile. */
  async push(frame: WaitingFrame): Promise<void> {
    this.#waiting.push(frame);
    this.#units += typeof frame.message === "string" ? frame.message.length : frame.message.byteLength;
    if (this.#waiting.length > 1) return;
    let seen = 0;
    while (this.#waiting.length > seen && seen < TURN_MAX_FRAMES && this.#units < TURN_MAX_UNITS) {
      seen = this.#waiting.length;
      for (let hop = 0; hop < HOPS; hop++) await this.#storage.sync();
    }
    await this.drain();
  }

  /** Handles what waits now, in the order of its arrival. */
  async drain(): Promise<void> {
    if (this.#waiting.length === 0) return;
    const frames = this.#waiting;
    this.#waiting = [];
    this.#units = 0;
    await this.#handle(frames);
  }
}
