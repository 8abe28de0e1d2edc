import type { ServerFrame } from "../protocol/frames.ts";
import { PING_INTERVAL_MS, PRESENCE_POLL_MS } from "../protocol/limits.ts";
import { CLOSE, PING, PONG, SOCKET_PROTOCOL } from "../protocol/wire.ts";
import { retryDelayMs, type Environment, type SocketLike } from "./environment.ts";
import { ClientError, malformed, networkError } from "./errors.ts";

/** `waiting` is between two tries; `closed` is for good. */
export type LineState = "connecting" | "live" | "waiting" | "closed";
export type EndReason = "closed" | "session_ended" | "membership_ended" | "client_too_old";

/** Asks for a fresh one-use ticket. */
export type TicketSource = () => Promise<string>;

interface LineParts {
  url: () => string;
  ticket: TicketSource;
  onState: (state: LineState) => void;
  onFrame: (frame: ServerFrame) => void;
  onError: (error: ClientError) => void;
  onEnd: (reason: EndReason) => void;
}

/** From the first try to the `ready` frame. */
const READY_WITHIN_MS = 15_000;
/** Nothing heard for this long, two pings included: the peer is gone, whatever the socket says. */
const SILENCE_MAX_MS = 2 * PING_INTERVAL_MS + PING_INTERVAL_MS / 2;
/** A line that lived this long was no part of a series of failures. */
const STABLE_MS = 10_000;

const END_OF_CODE: Readonly<Record<number, EndReason>> = {
  [CLOSE.sessionEnded]: "session_ended",
  [CLOSE.membershipEnded]: "membership_ended",
  [CLOSE.clientTooOld]: "client_too_old",
};

const END_OF_REFUSAL: Readonly<Record<string, EndReason>> = {
  unauthenticated: "session_ended",
  not_found: "membership_ended",
  client_too_old: "client_too_old",
};

/** Keeps one socket open: opens it, notices when it is dead, and opens the next one until told to stop. */
export class Line {
  readonly #env: Environment;
  readonly #parts: LineParts;
  #state: LineState = "waiting";
  #socket: SocketLike | null = null;
  #resume: string | null = null;
  #attempt = 0;
  #readyAt: number | null = null;
  #heardAt = 0;
  #askedPresenceAt = 0;
  #foreground = true;
  /** Tells a try that took too long from its successor. */
  #tries = 0;
  /** At most one runs: the next try, the wait for `ready`, or the next ping. */
  #timer: unknown = null;
  #presenceTimer: unknown = null;

  constructor(env: Environment, parts: LineParts) {
    this.#env = env;
    this.#parts = parts;
  }

  get state(): LineState {
    return this.#state;
  }

  open(): void {
    if (this.#state === "waiting") void this.#dial();
  }

  /** Drops `frame` when the line is not live: whoever needs an answer sends again after `ready`. */
  send(frame: string): void {
    if (this.#state === "live") this.#write(frame);
  }

  setForeground(foreground: boolean): void {
    const returned = foreground && !this.#foreground;
    this.#foreground = foreground;
    if (!returned) return;
    if (this.#state === "waiting") this.open();
    // Timers slept with the device, so that the line may have been dead for hours.
    else if (this.#state === "live") {
      this.#beat();
      this.#pollPresence();
    }
  }

  close(): void {
    this.#end("closed");
  }

  async #dial(): Promise<void> {
    this.#setState("connecting");
    this.#after(READY_WITHIN_MS, () => this.#drop());
    const current = ++this.#tries;
    try {
      const token = await this.#takeToken();
      if (current === this.#tries && this.#state === "connecting") this.#connect(token);
    } catch (error) {
      if (current === this.#tries && this.#state === "connecting") this.#refused(error);
    }
  }

  async #takeToken(): Promise<string> {
    const resume = this.#resume;
    // It opens one socket, so that a second try needs another.
    this.#resume = null;
    return resume === null ? `ticket.${await this.#parts.ticket()}` : `resume.${resume}`;
  }

  #connect(token: string): void {
    const socket = new this.#env.WebSocket(this.#parts.url(), [SOCKET_PROTOCOL, token]);
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      if (socket === this.#socket) this.#hear(data);
    });
    socket.addEventListener("close", ({ code }) => {
      if (socket === this.#socket) this.#lost(code);
    });
    // A close follows each error; the listener keeps runtimes from reporting it as unhandled.
    socket.addEventListener("error", () => undefined);
  }

  #hear(data: unknown): void {
    this.#heardAt = this.#env.now();
    if (typeof data !== "string" || data === PONG) return;
    const frame = parseFrame(data);
    if (frame === null) {
      this.#parts.onError(malformed("The server sent a frame that is not JSON"));
      return;
    }
    if (frame.type === "ended") {
      this.#lost(frame.code);
      return;
    }
    const isReady = frame.type === "ready";
    if (isReady) this.#becomeLive(frame.resume);
    this.#parts.onFrame(frame);
    // Told last, so that whoever acts on it finds the missed events already applied.
    if (isReady && this.#state === "live") this.#parts.onState("live");
  }

  #becomeLive(resume: string): void {
    this.#resume = resume;
    this.#readyAt = this.#heardAt;
    this.#state = "live";
    this.#after(PING_INTERVAL_MS, () => this.#beat());
    // The server tells by itself who is there when a socket opens.
    this.#askedPresenceAt = this.#heardAt;
    this.#pollPresence();
  }

  #beat(): void {
    if (this.#env.now() - this.#heardAt > SILENCE_MAX_MS) return this.#drop();
    this.#after(PING_INTERVAL_MS, () => this.#beat());
    this.#write(PING);
  }

  /** Asks who is there, at most once in the interval that the protocol allows, while somebody looks. */
  #pollPresence(): void {
    this.#clearPresence();
    if (this.#state !== "live" || !this.#foreground) return;
    const now = this.#env.now();
    if (now - this.#askedPresenceAt >= PRESENCE_POLL_MS) {
      this.#askedPresenceAt = now;
      this.#write(JSON.stringify({ type: "presence" }));
    }
    const dueMs = this.#askedPresenceAt + PRESENCE_POLL_MS - now;
    this.#presenceTimer = this.#env.setTimeout(() => this.#pollPresence(), dueMs);
  }

  #write(text: string): void {
    try {
      this.#socket?.send(text);
    } catch {
      // Some runtimes refuse to write to a socket that is closing and has not said so yet.
      this.#drop();
    }
  }

  /** Gives the socket up without waiting for its close, which a dead network delays for minutes. */
  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.#lost(0);
  }

  #lost(code: number): void {
    this.#clearPresence();
    const reason = END_OF_CODE[code];
    if (reason !== undefined) return this.#end(reason);
    this.#socket = null;
    if (this.#readyAt !== null && this.#env.now() - this.#readyAt >= STABLE_MS) this.#attempt = 0;
    this.#readyAt = null;
    this.#retry(0);
  }

  #refused(error: unknown): void {
    const refusal = error instanceof ClientError ? error : networkError(error);
    const reason = END_OF_REFUSAL[refusal.code];
    if (reason !== undefined) return this.#end(reason);
    if (!refusal.retryable) this.#parts.onError(refusal);
    this.#retry(refusal.retryAfterMs);
  }

  #retry(atLeastMs: number): void {
    this.#setState("waiting");
    const delayMs = Math.max(atLeastMs, retryDelayMs(this.#attempt, this.#env.random()));
    this.#attempt++;
    this.#after(delayMs, () => this.open());
  }

  #end(reason: EndReason): void {
    if (this.#state === "closed") return;
    const socket = this.#socket;
    this.#socket = null;
    this.#clearTimer();
    this.#clearPresence();
    this.#setState("closed");
    socket?.close(1000, "");
    this.#parts.onEnd(reason);
  }

  #setState(state: LineState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#parts.onState(state);
  }

  #after(delayMs: number, run: () => void): void {
    this.#clearTimer();
    this.#timer = this.#env.setTimeout(() => {
      this.#timer = null;
      run();
    }, delayMs);
  }

  #clearTimer(): void {
    if (this.#timer !== null) this.#env.clearTimeout(this.#timer);
    this.#timer = null;
  }

  #clearPresence(): void {
    if (this.#presenceTimer !== null) this.#env.clearTimeout(this.#presenceTimer);
    this.#presenceTimer = null;
  }
}

function parseFrame(data: string): ServerFrame | null {
  try {
    return JSON.parse(data) as ServerFrame;
  } catch {
    return null;
  }
}
