import type { ErrorBody } from "../protocol/errors.ts";
import { retryDelayMs, type Environment, type FetchInit } from "./environment.ts";
import { ClientError, malformed, networkError } from "./errors.ts";

export interface HttpOptions {
  /** Where the API is, such as `https://api.better-together.example`. */
  baseUrl: string;
  /** Bearer token of an earlier sign-in. */
  token?: string | null;
  /** `include` for a page that uses the session cookie; then no token is asked for. */
  credentials?: NonNullable<FetchInit["credentials"]>;
  /** Called with each new token, and with null when it is gone, so that an app can keep it. */
  onToken?: (token: string | null) => void;
}

export type Method = "GET" | "POST" | "PATCH" | "DELETE";

interface Call {
  body?: unknown;
  headers?: Record<string, string>;
  /** Repeats that are safe because the server knows the request again. */
  repeats?: number;
}

/** One place for address, session and errors of every request. */
export class Http {
  readonly #env: Environment;
  readonly #options: HttpOptions;
  #token: string | null;

  constructor(env: Environment, options: HttpOptions) {
    this.#env = env;
    this.#options = options;
    this.#token = options.token ?? null;
  }

  get token(): string | null {
    return this.#token;
  }

  set token(token: string | null) {
    if (token === this.#token) return;
    this.#token = token;
    this.#options.onToken?.(token);
  }

  get usesCookie(): boolean {
    return this.#options.credentials === "include";
  }

  url(path: string): string {
    return `${this.#options.baseUrl.replace(/\/+$/, "")}${path}`;
  }

  /**
   * The JSON answer of the API.
   * @throws ClientError the server's refusal, or `network` when no answer came
   */
  async send<Answer>(method: Method, path: string, call: Call = {}): Promise<Answer> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#once<Answer>(method, path, call);
      } catch (error) {
        const lost = error instanceof ClientError && error.code === "network";
        if (!lost || attempt >= (call.repeats ?? 0)) throw error;
        await this.#pause(retryDelayMs(attempt, this.#env.random()));
      }
    }
  }

  async #once<Answer>(method: Method, path: string, call: Call): Promise<Answer> {
    const headers: Record<string, string> = { accept: "application/json", ...call.headers };
    if (this.#token !== null) headers["authorization"] = `Bearer ${this.#token}`;
    const init: FetchInit = { method, headers };
    if (this.#options.credentials !== undefined) init.credentials = this.#options.credentials;
    if (call.body !== undefined) {
      headers["content-type"] = "application/json";
      init.body = JSON.stringify(call.body);
    }
    let status: number;
    let text: string;
    try {
      const response = await this.#env.fetch(this.url(path), init);
      status = response.status;
      text = await response.text();
    } catch (error) {
      throw networkError(error);
    }
    const answer = parseAnswer(text, status);
    if (status >= 200 && status < 300) return answer as Answer;
    throw refusal(answer, status);
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.#env.setTimeout(resolve, delayMs));
  }
}

function parseAnswer(text: string, status: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed("The answer is not JSON", { status });
  }
}

function refusal(answer: unknown, status: number): ClientError {
  const { error, requestId } = (answer ?? {}) as { error?: ErrorBody; requestId?: string };
  if (error === undefined) return malformed("The answer is not one of the API", { status });
  return new ClientError(error, requestId === undefined ? { status } : { status, requestId });
}
