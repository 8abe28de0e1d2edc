import { WebSocket } from "ws";

interface Ready {
  type: "ready";
  resume?: string;
  cursors?: { epoch: number; couple: number; own: number };
}

/** One connected member, as cheap as a client can be: it recognises frames by their first bytes. */
export class LoadClient {
  /** Frames that brought news of the partner. */
  news = 0;
  ready: Ready | undefined;
  readonly closed: Promise<void>;
  readonly #socket: WebSocket;
  #onResult: ((frame: string) => void) | undefined;
  #onNews: (() => void) | undefined;

  private constructor(socket: WebSocket, onReady: () => void, onError: (error: Error) => void) {
    this.#socket = socket;
    this.closed = new Promise((done) => socket.on("close", () => done()));
    socket.on("error", onError);
    socket.on("message", (data) => {
      const frame = data.toString("utf8");
      if (frame.startsWith('{"type":"result')) {
        if (frame.includes('"ok":false')) throw new Error(`Refused: ${frame.slice(0, 400)}`);
        this.#onResult?.(frame);
      } else if (frame.startsWith('{"type":"events"')) {
        this.news += 1;
        this.#onNews?.();
      } else if (frame.startsWith('{"type":"ready"')) {
        this.ready = JSON.parse(frame) as Ready;
        onReady();
      } else if (frame.startsWith('{"type":"error"')) {
        throw new Error(`Refused: ${frame.slice(0, 400)}`);
      }
    });
  }

  /** Connects and waits for the first frame, which is when a client can begin to work. */
  static async connect(url: string, protocols: string[]): Promise<LoadClient> {
    return new Promise((done, failed) => {
      // Compression would measure zlib.
      const socket = new WebSocket(url, protocols, { perMessageDeflate: false });
      const client: LoadClient = new LoadClient(socket, () => done(client), failed);
    });
  }

  /**
   * Sends `frames`, never more than `depth` unanswered.
   * @returns milliseconds from sending to result, in order of the results
   */
  async pump(frames: readonly string[], depth: number): Promise<number[]> {
    const sentAt: number[] = [];
    const latencies: number[] = [];
    const { promise, resolve } = Promise.withResolvers<number[]>();
    const sendNext = (): void => {
      const frame = frames[sentAt.length];
      if (frame === undefined) return;
      sentAt.push(performance.now());
      this.#socket.send(frame);
    };
    this.#onResult = () => {
      latencies.push(performance.now() - (sentAt[latencies.length] ?? 0));
      if (latencies.length === frames.length) resolve(latencies);
      else sendNext();
    };
    for (let i = 0; i < Math.min(depth, frames.length); i++) sendNext();
    return promise;
  }

  /** Waits until `count` frames of news came in all. */
  async untilNews(count: number): Promise<void> {
    if (this.news >= count) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onNews = () => {
      if (this.news >= count) resolve();
    };
    await promise;
  }

  async close(): Promise<void> {
    this.#socket.close(1000);
    await this.closed;
  }

  /** Goes away without a word, as a phone does. */
  terminate(): void {
    this.#socket.terminate();
  }
}
