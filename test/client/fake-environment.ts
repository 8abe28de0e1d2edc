import type { Environment, SocketLike } from "../../src/client/environment.ts";
import type { ServerFrame } from "../../src/protocol/frames.ts";

type Listener = (event: never) => void;

/** One end of a socket that a test drives as the server would. */
export class FakeSocket implements SocketLike {
  readonly url: string;
  readonly protocols: string[];
  readonly sent: string[] = [];
  closedBy: "client" | "server" | null = null;
  readonly #listeners = new Map<string, Listener[]>();

  constructor(url: string, protocols: string[]) {
    this.url = url;
    this.protocols = protocols;
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  send(data: string): void {
    this.sent.push(data);
  }

  close(): void {
    this.closedBy ??= "client";
  }

  /** A frame, or a bare text, from the server. */
  say(frame: ServerFrame | string): void {
    this.#dispatch("message", { data: typeof frame === "string" ? frame : JSON.stringify(frame) });
  }

  ready(frame: Partial<Extract<ServerFrame, { type: "ready" }>> = {}): void {
    this.say({
      type: "ready",
      protocol: "bt.v1",
      userId: "usr_a",
      serverTime: 0,
      resume: "next",
      cursors: { epoch: 0, couple: 0, own: 0 },
      ...frame,
    });
  }

  hangUp(code: number): void {
    this.closedBy ??= "server";
    this.#dispatch("close", { code });
  }

  /** Everything sent but pings, parsed. */
  get frames(): Record<string, unknown>[] {
    return this.sent.filter((text) => text !== "ping").map((text) => JSON.parse(text) as Record<string, unknown>);
  }

  #dispatch(type: string, event: unknown): void {
    for (const listener of this.#listeners.get(type) ?? []) listener(event as never);
  }
}

interface Timer {
  dueAt: number;
  run: () => void;
}

/** A machine whose time passes when a test says so. */
export class FakeMachine {
  now = 1_000_000;
  readonly sockets: FakeSocket[] = [];
  readonly requests: string[] = [];
  /** Status and body of the next answers; without one, a ticket is handed out. */
  readonly answers: ({ status: number; body: unknown } | "lost")[] = [];
  random = 0.5;
  readonly #timers = new Set<Timer>();

  get environment(): Environment {
    const remember = (socket: FakeSocket): void => void this.sockets.push(socket);
    return {
      now: () => this.now,
      random: () => this.random,
      setTimeout: (run, delayMs) => {
        const timer = { dueAt: this.now + delayMs, run };
        this.#timers.add(timer);
        return timer;
      },
      clearTimeout: (timer) => void this.#timers.delete(timer as Timer),
      fetch: async (url, init) => {
        this.requests.push(`${init.method} ${url}`);
        const answer = this.answers.shift() ?? { status: 201, body: { ticket: `t${this.requests.length}` } };
        if (answer === "lost") throw new TypeError("connection lost");
        return { status: answer.status, text: async () => JSON.stringify(answer.body) };
      },
      WebSocket: class extends FakeSocket {
        constructor(url: string, protocols: string[]) {
          super(url, protocols);
          remember(this);
        }
      },
    };
  }

  /** The newest socket. */
  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error("No socket was opened");
    return socket;
  }

  /** Runs whatever is due within `ms`, in order of time. */
  async pass(ms: number): Promise<void> {
    const until = this.now + ms;
    await flush();
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.dueAt <= until).sort((a, b) => a.dueAt - b.dueAt)[0];
      if (due === undefined) break;
      this.#timers.delete(due);
      this.now = Math.max(this.now, due.dueAt);
      due.run();
      await flush();
    }
    this.now = until;
  }

  /** Time passes, and no timer runs: the device sleeps. */
  sleep(ms: number): void {
    this.now += ms;
  }
}

/** Lets promises that are settled already run their reactions. */
export async function flush(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}
