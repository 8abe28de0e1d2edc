import { env } from "cloudflare:workers";
import { relationshipStub } from "../../src/relationship/stub.ts";
import { serverFrameSchema, SOCKET_PROTOCOL, type Cursors, type ServerFrame } from "../../src/protocol/frames.ts";
import { uuidv7 } from "../../src/protocol/ids.ts";
import { DAY_MS } from "../../src/protocol/limits.ts";

const PATIENCE_MS = 2_000;

type FrameOf<Type extends ServerFrame["type"]> = Extract<ServerFrame, { type: Type }>;

/** A socket of a test: remembers every frame, and waits for the ones it is asked for. Frames are held against the protocol. */
export class SocketClient {
  readonly frames: ServerFrame[] = [];
  readonly raw: string[] = [];
  closed: { code: number; reason: string } | null = null;
  readonly #socket: WebSocket;
  readonly #waiting = new Set<() => void>();

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", (event) => {
      const data = String(event.data);
      this.raw.push(data);
      if (data !== "pong") this.frames.push(serverFrameSchema.parse(JSON.parse(data)));
      this.#wake();
    });
    socket.addEventListener("close", (event) => {
      this.closed = { code: event.code, reason: event.reason };
      this.#wake();
    });
    socket.accept();
  }

  /** The first frame of `type` that `matches`, now or within two seconds. */
  async next<Type extends ServerFrame["type"]>(
    type: Type,
    matches: (frame: FrameOf<Type>) => boolean = () => true,
  ): Promise<FrameOf<Type>> {
    const isMatch = (frame: ServerFrame): frame is FrameOf<Type> =>
      frame.type === type && matches(frame as FrameOf<Type>);
    return this.#until(() => this.frames.find(isMatch) ?? null, `a ${type} frame`);
  }

  /** Sends a command or query and waits for its result. */
  async ask(
    kind: "command" | "query",
    name: string,
    input: unknown = {},
    id = uuidv7(Date.now()),
  ): Promise<FrameOf<"result">> {
    this.send({ type: kind, id, name, input });
    return this.next("result", (frame) => frame.id === id);
  }

  /** Sends a JSON value, or a text as it is. */
  send(frame: unknown): void {
    this.#socket.send(typeof frame === "string" || frame instanceof ArrayBuffer ? frame : JSON.stringify(frame));
  }

  async closing(): Promise<{ code: number; reason: string }> {
    return this.#until(() => this.closed, "the close");
  }

  /** Waits until a text equal to `text` arrived. */
  async text(text: string): Promise<void> {
    await this.#until(() => (this.raw.includes(text) ? true : null), text);
  }

  /** A round trip: whatever was sent to this socket before it is in `frames` afterwards. */
  async settle(): Promise<void> {
    await this.ask("query", "inbox.unread_count");
  }

  eventNames(): string[] {
    return this.frames.flatMap((frame) => (frame.type === "events" ? frame.events.map((event) => event.name) : []));
  }

  close(code = 1000): void {
    this.#socket.close(code, "done");
  }

  async #until<T>(look: () => T | null, what: string): Promise<T> {
    // Tests may have stopped Date.
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const found = look();
      if (found !== null) return found;
      const left = deadline - performance.now();
      if (left <= 0) throw new Error(`Waited in vain for ${what}; got ${this.raw.join("\n")}`);
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          this.#waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, left);
        this.#waiting.add(wake);
      });
    }
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }
}

export interface ConnectOptions {
  sessionId?: string;
  sessionExpiresAt?: number;
  signedInAt?: number;
  cursors?: Cursors;
  /** Takes the place of a fresh ticket. */
  token?: string;
  protocols?: string;
}

/** Asks the object for a socket and returns its raw answer. */
export async function requestSocket(
  relationshipId: string,
  userId: string,
  options: ConnectOptions = {},
): Promise<Response> {
  const stub = relationshipStub(env, relationshipId);
  const protocols =
    options.protocols ?? `${SOCKET_PROTOCOL}, ${options.token ?? (await ticketFor(relationshipId, userId, options))}`;
  const url = new URL(`https://api.example/api/relationships/${relationshipId}/socket`);
  for (const [name, value] of Object.entries(options.cursors ?? {})) url.searchParams.set(name, String(value));
  return stub.fetch(new Request(url, { headers: { upgrade: "websocket", "sec-websocket-protocol": protocols } }));
}

/** A fresh ticket as a subprotocol. */
export async function ticketFor(relationshipId: string, userId: string, options: ConnectOptions = {}): Promise<string> {
  const actor = {
    userId,
    sessionId: options.sessionId ?? `session-of-${userId}`,
    sessionExpiresAt: options.sessionExpiresAt ?? Date.now() + DAY_MS,
    signedInAt: options.signedInAt ?? Date.now(),
  };
  const reply = await relationshipStub(env, relationshipId).issueTicket(actor, Date.now());
  if (!reply.ok) throw new Error(`No ticket: ${reply.error.code}`);
  return `ticket.${reply.ticket}`;
}

/** Opens a socket and waits until it is ready. */
export async function connect(
  relationshipId: string,
  userId: string,
  options: ConnectOptions = {},
): Promise<{ socket: SocketClient; ready: FrameOf<"ready"> }> {
  const response = await requestSocket(relationshipId, userId, options);
  if (response.webSocket === null) throw new Error(`No socket: ${response.status} ${await response.text()}`);
  const socket = new SocketClient(response.webSocket);
  return { socket, ready: await socket.next("ready") };
}
