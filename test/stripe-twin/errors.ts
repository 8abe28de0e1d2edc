export type RefusalType =
  | "invalid_request_error"
  | "card_error"
  | "idempotency_error"
  | "api_error"
  | "rate_limit_error";

export interface RefusalDetails {
  code?: string;
  param?: string;
  decline_code?: string;
  charge?: string;
  payment_intent?: object;
}

/** What Stripe answers instead of an object: `{ error: { type, code, message, param, … } }`. */
export class StripeRefusal extends Error {
  readonly status: number;
  readonly type: RefusalType;
  readonly details: RefusalDetails;

  constructor(status: number, type: RefusalType, message: string, details: RefusalDetails = {}) {
    super(message);
    this.status = status;
    this.type = type;
    this.details = details;
  }

  toResponse(headers: HeadersInit = {}): Response {
    const error = { type: this.type, message: this.message, ...this.details, ...docUrl(this.details.code) };
    return Response.json({ error }, { status: this.status, headers });
  }
}

function docUrl(code: string | undefined): object {
  return code === undefined ? {} : { doc_url: `https://stripe.com/docs/error-codes/${code.replaceAll("_", "-")}` };
}

/** A request that can never succeed as it is. */
export function invalid(message: string, details: RefusalDetails = {}): StripeRefusal {
  return new StripeRefusal(400, "invalid_request_error", message, details);
}

export function missing(kind: string, id: string, param = "id"): StripeRefusal {
  // A reference inside parameters is a faulty request; only the object of the path is a missing page.
  const status = param === "id" ? 404 : 400;
  return new StripeRefusal(status, "invalid_request_error", `No such ${kind}: '${id}'`, {
    code: "resource_missing",
    param,
  });
}
