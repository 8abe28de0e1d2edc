import type { ErrorBody, ErrorCode, ErrorDetails } from "../protocol/errors.ts";

/** What the server cannot say: it was not reached, it answered something else than the API, or the client closed. */
export type LocalErrorCode = "network" | "malformed_response" | "closed";

/** Every refusal and failure that a call of the client rejects with. */
export class ClientError extends Error {
  readonly code: ErrorCode | LocalErrorCode;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  readonly details: ErrorDetails | undefined;
  /** HTTP status, or null for what came over a socket or from no server. */
  readonly status: number | null;
  /** Names the request in the server's logs. */
  readonly requestId: string | null;

  constructor(
    body: Omit<ErrorBody, "code"> & { code: ErrorCode | LocalErrorCode },
    from: { status?: number; requestId?: string; cause?: unknown } = {},
  ) {
    super(body.message, { cause: from.cause });
    this.name = "ClientError";
    this.code = body.code;
    this.retryable = body.retryable;
    this.details = body.details;
    this.status = from.status ?? null;
    this.requestId = from.requestId ?? null;
  }

  /** Milliseconds until a retry can succeed, as far as the server said. */
  get retryAfterMs(): number {
    return (this.details?.retryAfterSeconds ?? 0) * 1_000;
  }
}

export function networkError(cause: unknown): ClientError {
  return new ClientError({ code: "network", message: "The server cannot be reached", retryable: true }, { cause });
}

export function malformed(message: string, from: { status?: number } = {}): ClientError {
  return new ClientError({ code: "malformed_response", message, retryable: false }, from);
}
