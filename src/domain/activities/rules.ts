import { AppError } from "../../protocol/errors.ts";
import type { Moves } from "../transitions.ts";
import type { ActivityStatus } from "./schema.ts";

export const ACTIVITY_MOVES: Moves<ActivityStatus> = {
  planned: ["completed", "cancelled"],
  completed: [],
  cancelled: [],
};

/** What the specification prices in when nothing else is said. */
const DEFAULT_CURRENCY = "USD";

/** A cost has a currency; without a cost there is none. */
export function currencyOf(costCents: number | null, currency: string | null): string | null {
  return costCents === null ? null : (currency ?? DEFAULT_CURRENCY);
}

/**
 * The date on which something was done; `today` unless it is given.
 * @throws AppError `invalid_input` for a date after the member's own today
 */
export function requireDoneDate(date: string | undefined, today: string, field: string): string {
  if (date === undefined || date <= today) return date ?? today;
  throw new AppError("invalid_input", "What is done cannot lie in the future", {
    issues: [{ path: field, message: "Must not be after today" }],
  });
}
