/**
 * Every error a client can see: code -> HTTP status and whether the same request may succeed later.
 * REST and sockets both render from this one table.
 */
export const ERRORS = {
  invalid_input: { status: 400, retryable: false },
  invalid_frame: { status: 400, retryable: false },
  unauthenticated: { status: 401, retryable: false },
  forbidden: { status: 403, retryable: false },
  fresh_sign_in_required: { status: 403, retryable: false },
  origin_not_allowed: { status: 403, retryable: false },
  not_found: { status: 404, retryable: false },
  unknown_command: { status: 404, retryable: false },
  method_not_allowed: { status: 405, retryable: false },
  conflict: { status: 409, retryable: false },
  illegal_transition: { status: 409, retryable: false },
  already_exists: { status: 409, retryable: false },
  already_paired: { status: 409, retryable: false },
  edit_conflict: { status: 409, retryable: false },
  quota_exceeded: { status: 409, retryable: false },
  idempotency_conflict: { status: 409, retryable: false },
  command_expired: { status: 409, retryable: false },
  relationship_not_writable: { status: 409, retryable: true },
  invitation_not_usable: { status: 410, retryable: false },
  gone: { status: 410, retryable: false },
  payload_too_large: { status: 413, retryable: false },
  unsupported_media_type: { status: 415, retryable: false },
  client_too_old: { status: 426, retryable: false },
  rate_limited: { status: 429, retryable: true },
  too_many_sockets: { status: 429, retryable: true },
  internal: { status: 500, retryable: false },
  misconfigured: { status: 503, retryable: false },
  unavailable: { status: 503, retryable: true },
} as const satisfies Record<string, { status: number; retryable: boolean }>;

export type ErrorCode = keyof typeof ERRORS;

/** One wrong field of an input: its path from the root of the input, and what is wrong, never its value. */
export interface FieldIssue {
  path: string;
  message: string;
}

export interface ErrorDetails {
  issues?: FieldIssue[];
  /** Seconds until a retry can succeed. */
  retryAfterSeconds?: number;
  /** The state that forbids the move. */
  current?: string;
  /** What the row is now, as whoever asks may see it, when an edit began from an older one. */
  row?: unknown;
  [fact: string]: unknown;
}

export interface ErrorBody {
  code: ErrorCode;
  message: string;
  details?: ErrorDetails;
  retryable: boolean;
}

/** An expected refusal. Thrown inside one isolate only; across RPC and sockets it travels as `ErrorBody`. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails | undefined;

  constructor(code: ErrorCode, message: string, details?: ErrorDetails) {
    super(message);
    this.name = "AppError";
    this.code = code;
    this.details = details;
  }

  get body(): ErrorBody {
    return errorBody(this.code, this.message, this.details);
  }
}

/** The plain object that clients receive for `code`. */
export function errorBody(code: ErrorCode, message: string, details?: ErrorDetails): ErrorBody {
  const body: ErrorBody = { code, message, retryable: ERRORS[code].retryable };
  if (details !== undefined) body.details = details;
  return body;
}
