/** What the client needs of the machine it runs on. A test passes its own clock, timers, network and chance. */
export interface Environment {
  fetch: (url: string, init: FetchInit) => Promise<{ status: number; text(): Promise<string> }>;
  WebSocket: SocketConstructor;
  /** Epoch milliseconds. */
  now: () => number;
  /** From 0 up to, not including, 1. */
  random: () => number;
  setTimeout: (run: () => void, delayMs: number) => unknown;
  clearTimeout: (timer: unknown) => void;
}

export interface FetchInit {
  method: string;
  headers: Record<string, string>;
  body?: string;
  credentials?: "include" | "omit" | "same-origin";
}

/** The part of a WebSocket that browsers, React Native and Node have in common. */
export interface SocketLike {
  send(data: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "message", listener: (event: { data: unknown }) => void): void;
  addEventListener(type: "close", listener: (event: { code: number }) => void): void;
  addEventListener(type: "error", listener: () => void): void;
}

export type SocketConstructor = new (url: string, protocols: string[]) => SocketLike;

/** The machine's own, where `overrides` names nothing else. */
export function environment(overrides: Partial<Environment> = {}): Environment {
  return {
    fetch: (url, init) => fetch(url, init),
    WebSocket: globalThis.WebSocket as unknown as SocketConstructor,
    now: () => Date.now(),
    random: () => Math.random(),
    setTimeout: (run, delayMs) => setTimeout(run, delayMs),
    clearTimeout: (timer) => clearTimeout(timer as number),
    ...overrides,
  };
}

export const RETRY_MIN_MS = 500;
export const RETRY_MAX_MS = 30_000;

/**
 * How long to wait before try number `attempt` (0 is the first repeat): evenly spread between half a second and a bound
 * that doubles from one second to thirty, so that those who lost the server together do not come back together.
 * @param random from 0 to 1
 */
export function retryDelayMs(attempt: number, random: number): number {
  const bound = Math.min(RETRY_MAX_MS, 2 * RETRY_MIN_MS * 2 ** Math.min(attempt, 10));
  return RETRY_MIN_MS + random * (bound - RETRY_MIN_MS);
}
