import { AppError } from "../../protocol/errors.ts";
import type { Outcome } from "./schema.ts";

/** @throws AppError `invalid_input` for a conversation later than the member's own today */
export function requireHeldDate(date: string | undefined, today: string): string {
  if (date === undefined || date <= today) return date ?? today;
  throw new AppError("invalid_input", "A conversation cannot lie in the future", {
    issues: [{ path: "date", message: "Must not be after today" }],
  });
}

interface FollowUp {
  outcome?: Outcome | null | undefined;
  followUpNeeded?: boolean | undefined;
  followUpDate?: string | null | undefined;
}

/**
 * Whether a conversation is to be continued: what the member says, else what outcome and date imply.
 * @throws AppError `invalid_input` for a follow-up date without a follow-up, or before the conversation
 */
export function requireFollowUp(input: FollowUp, heldDate: string): { needed: boolean; date: string | null } {
  const date = input.followUpDate ?? null;
  const needed = input.followUpNeeded ?? (date !== null || input.outcome === "needs_follow_up");
  if (date !== null && (!needed || date < heldDate)) {
    throw new AppError("invalid_input", "The follow-up date does not fit", {
      issues: [
        { path: "followUpDate", message: needed ? "Must not be before the conversation" : "There is no follow-up" },
      ],
    });
  }
  return { needed, date };
}

interface Standing {
  followUpNeeded: number;
  followUpDate: string | null;
}

/**
 * What an edit makes of the follow-up that a conversation has: what it does not mention stays, a new date or the
 * outcome `needs_follow_up` opens one, and "not needed" drops the date.
 * @throws AppError `invalid_input` as `requireFollowUp`
 */
export function editedFollowUp(
  before: Standing,
  input: FollowUp,
  heldDate: string,
): { needed: boolean; date: string | null } {
  const opens = typeof input.followUpDate === "string" || input.outcome === "needs_follow_up";
  const needed = input.followUpNeeded ?? (opens || before.followUpNeeded === 1);
  const kept = needed ? before.followUpDate : null;
  const date = input.followUpDate === undefined ? kept : input.followUpDate;
  return requireFollowUp({ followUpNeeded: needed, followUpDate: date }, heldDate);
}
