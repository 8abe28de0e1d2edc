import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { loadStore, saveStore } from "./snapshot.ts";
import { StripeTwin, type TwinOptions } from "./twin.ts";

// Renewals, retries and delayed deliveries happen although nobody asks for anything.
const TICK_MS = 1_000;

export interface TwinServerOptions extends Omit<TwinOptions, "origin"> {
  port: number;
  /** Where the application takes webhooks, and the secret that it knows. */
  webhook?: { url: string; secret: string };
  /** Where the twin keeps what it knows between starts; without it, each start begins with nothing. */
  stateFile?: string;
}

/** The twin behind a port of this machine only. */
export class TwinServer {
  readonly twin: StripeTwin;
  readonly origin: string;
  readonly #server: Server;
  readonly #timer: NodeJS.Timeout;
  readonly #keeper: StateKeeper;

  private constructor(twin: StripeTwin, origin: string, server: Server, timer: NodeJS.Timeout, keeper: StateKeeper) {
    this.#keeper = keeper;
    this.twin = twin;
    this.origin = origin;
    this.#server = server;
    this.#timer = timer;
  }

  /** Starts listening, and delivers webhooks on its own. @throws Error when the port is taken */
  static async start({ port, webhook, stateFile, ...options }: TwinServerOptions): Promise<TwinServer> {
    const origin = `http://localhost:${port}`;
    const twin = new StripeTwin({ ...options, origin });
    twin.webhooks.policy.mode = "auto";
    const keeper = new StateKeeper(twin, stateFile ?? null);
    keeper.load();
    const known = twin.store.endpoints.filter((row) => row.url === webhook?.url).length > 0;
    if (!known && webhook !== undefined) {
      const body = JSON.stringify({ url: webhook.url, secret: webhook.secret });
      await twin.fetch(new Request(`${origin}/_twin/webhooks/endpoint`, { method: "POST", body }));
    }
    const server = createServer((incoming, outgoing) => void answer(twin, origin, incoming, outgoing));
    await new Promise<void>((ready, failed) => {
      server.once("error", failed);
      server.listen(port, "127.0.0.1", ready);
    });
    const timer = setInterval(() => {
      twin.liveOn();
      void twin.webhooks.pump();
      keeper.save();
    }, TICK_MS);
    return new TwinServer(twin, origin, server, timer, keeper);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#keeper.save();
    this.#server.closeAllConnections();
    await new Promise<void>((done) => this.#server.close(() => done()));
  }
}

/** Keeps the state in a file, written anew whenever something has happened. */
class StateKeeper {
  readonly #twin: StripeTwin;
  readonly #file: string | null;
  #savedRequests = 0;
  #savedEvents = 0;

  constructor(twin: StripeTwin, file: string | null) {
    this.#twin = twin;
    this.#file = file;
  }

  load(): void {
    if (this.#file !== null && existsSync(this.#file)) loadStore(this.#twin.store, readFileSync(this.#file, "utf8"));
  }

  save(): void {
    const { requests, store } = this.#twin;
    if (this.#file === null) return;
    if (requests.length === this.#savedRequests && store.events.size === this.#savedEvents) return;
    // Whoever is stopped while writing must find the old state, not half of the new one.
    writeFileSync(`${this.#file}.new`, saveStore(store));
    renameSync(`${this.#file}.new`, this.#file);
    this.#savedRequests = requests.length;
    this.#savedEvents = store.events.size;
  }
}

async function answer(
  twin: StripeTwin,
  origin: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  try {
    const response = await twin.fetch(await toRequest(origin, incoming));
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(Buffer.from(await response.arrayBuffer()));
  } catch {
    // A planned fault: the connection breaks, as it would on the way to Stripe.
    incoming.socket.destroy();
  }
}

async function toRequest(origin: string, incoming: IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  const { method = "GET", url = "/" } = incoming;
  const body = method === "GET" || method === "HEAD" ? null : Buffer.concat(chunks);
  return new Request(`${origin}${url}`, { method, headers, body });
}
