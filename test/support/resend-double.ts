import { vi } from "vitest";

export interface AcceptedMail {
  id: string;
  from: string;
  to: string;
  subject: string;
  html: string;
  text: string;
}

/** What the double does with the next request: refuse it, or take it and lose the answer on the way back. */
export type NextAnswer = { status: number; name: string } | "lose_answer" | "unreachable" | "not_json";

/**
 * The Resend API as far as mail uses it: authentication, validation, idempotency keys that replay an answer and refuse
 * another payload. The real client talks to it through the intercepted `fetch`.
 */
export class ResendDouble {
  readonly accepted: AcceptedMail[] = [];
  requests = 0;
  readonly #apiKey: string;
  readonly #baseUrl: string;
  readonly #next: NextAnswer[] = [];
  readonly #answers = new Map<string, { payload: string; id: string }>();

  constructor(apiKey: string, baseUrl: string) {
    this.#apiKey = apiKey;
    this.#baseUrl = baseUrl;
  }

  /** Answers of the next requests, in their order; afterwards everything is taken. */
  plan(...answers: NextAnswer[]): void {
    this.#next.push(...answers);
  }

  /** Intercepts `fetch` until the test's mocks are restored. */
  install(): this {
    vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => this.#answer(new Request(input, init)));
    return this;
  }

  async #answer(request: Request): Promise<Response> {
    if (!request.url.startsWith(`${this.#baseUrl}/`)) throw new Error(`unexpected request to ${request.url}`);
    this.requests += 1;
    const planned = this.#next.shift();
    if (planned === "unreachable") throw new TypeError("network is down");
    if (planned === "not_json") return new Response("<h1>Bad gateway</h1>", { status: 502 });
    if (typeof planned === "object") return refusal(planned.status, planned.name);
    const answer = await this.#take(request);
    if (planned === "lose_answer") throw new TypeError("connection reset");
    return answer;
  }

  async #take(request: Request): Promise<Response> {
    if (request.method !== "POST" || new URL(request.url).pathname !== "/emails") return refusal(404, "not_found");
    if (request.headers.get("authorization") !== `Bearer ${this.#apiKey}`) return refusal(403, "invalid_api_key");
    const payload = await request.text();
    const mail = JSON.parse(payload) as AcceptedMail;
    if (!mail.from || !mail.to || !mail.subject || !(mail.html || mail.text)) {
      return refusal(422, "missing_required_field");
    }
    const key = request.headers.get("idempotency-key");
    const known = key === null ? undefined : this.#answers.get(key);
    if (known !== undefined) {
      return known.payload === payload ? Response.json({ id: known.id }) : refusal(409, "invalid_idempotent_request");
    }
    const id = crypto.randomUUID();
    if (key !== null) this.#answers.set(key, { payload, id });
    this.accepted.push({ ...mail, id });
    return Response.json({ id });
  }
}

function refusal(status: number, name: string): Response {
  return Response.json({ statusCode: status, name, message: `refused: ${name}` }, { status });
}
