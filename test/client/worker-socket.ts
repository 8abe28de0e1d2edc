import { exports } from "cloudflare:workers";
import type { Environment, SocketLike } from "../../src/client/environment.ts";

type Listener = (event: never) => void;

/** A client's WebSocket whose other end is the real Worker, and a network that a test can cut. */
export class WorkerSocket implements SocketLike {
  static readonly all: WorkerSocket[] = [];
  readonly protocols: string[];
  /** Swallows what arrives, as a network does that died without saying so. */
  deaf = false;
  readonly #listeners = new Map<string, Listener[]>();
  #socket: WebSocket | null = null;
  #over = false;

  constructor(url: string, protocols: string[]) {
    this.protocols = protocols;
    WorkerSocket.all.push(this);
    void this.#open(url);
  }

  async #open(url: string): Promise<void> {
    const headers = { upgrade: "websocket", "sec-websocket-protocol": this.protocols.join(", ") };
    const response = await exports.default.fetch(url.replace(/^ws/, "http"), { headers });
    const socket = response.webSocket;
    if (socket === null || this.#over) return this.#lose(1006);
    this.#socket = socket;
    socket.addEventListener("message", (event) => {
      if (!this.deaf) this.#dispatch("message", { data: event.data });
    });
    socket.addEventListener("close", (event) => this.#lose(event.code));
    socket.accept();
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  send(data: string): void {
    this.#socket?.send(data);
  }

  close(code?: number, reason?: string): void {
    if (!this.#over) this.#socket?.close(code, reason);
    this.#lose(code ?? 1005);
  }

  /** The network goes; neither side says good-bye. */
  cut(): void {
    this.deaf = true;
    this.#lose(1006);
  }

  #lose(code: number): void {
    if (this.#over) return;
    this.#over = true;
    this.#dispatch("close", { code });
  }

  #dispatch(type: string, event: unknown): void {
    for (const listener of this.#listeners.get(type) ?? []) listener(event as never);
  }
}

/** The real Worker, with back-off that passes fifty times faster. */
export const workerEnvironment: Partial<Environment> = {
  fetch: (url, init) => exports.default.fetch(url, init),
  WebSocket: WorkerSocket,
  setTimeout: (run, delayMs) => setTimeout(run, delayMs / 50),
};
