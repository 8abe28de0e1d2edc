import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { StripeTwin, type TwinOptions } from "./twin.ts";

// Renewals, retries and delayed deliveries happen although nobody asks for anything.
const TICK_MS = 1_000;

export interface TwinServerOptions extends Omit<TwinOptions, "origin"> {
  port: number;
  /** Where the application takes webhooks, and the secret that it knows. */
  webhook?: { url: string; secret: string };
}

/** The twin behind a port of this machine only. */
export class TwinServer {
  readonly twin: StripeTwin;
  readonly origin: string;
  readonly #server: Server;
  readonly #timer: NodeJS.Timeout;

  private constructor(twin: StripeTwin, origin: string, server: Server, timer: NodeJS.Timeout) {
    this.twin = twin;
    this.origin = origin;
    this.#server = server;
    this.#timer = timer;
  }

  /** Starts listening, and delivers webhooks on its own. @throws Error when the port is taken */
  static async start({ port, webhook, ...options }: TwinServerOptions): Promise<TwinServer> {
    const origin = `http://localhost:${port}`;
    const twin = new StripeTwin({ ...options, origin });
    twin.webhooks.policy.mode = "auto";
    if (webhook !== undefined) {
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
    }, TICK_MS);
    return new TwinServer(twin, origin, server, timer);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#server.closeAllConnections();
    await new Promise<void>((done) => this.#server.close(() => done()));
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
