import { AppError } from "../../protocol/errors.ts";
import { daysBetween } from "../calendar.ts";

/** Direct entry reaches back this many of the member's own days; later ones do not count for streaks. */
export const ENTRY_WINDOW_DAYS = 2;
/** What a device collected offline reaches back this far. */
export const OFFLINE_WINDOW_DAYS = 35;

/**
 * How many of the member's own days `date` lies back.
 * @param today the member's own calendar day
 * @throws AppError `invalid_input` for a future date, or one before the entry window
 */
export function requireLateDays(date: string, today: string, offline: boolean): number {
  const late = daysBetween(date, today);
  const reach = offline ? OFFLINE_WINDOW_DAYS : ENTRY_WINDOW_DAYS;
  if (late < 0) throw refused("Must not be in your future");
  if (late > reach) throw refused(`Must be at most ${reach} days ago`);
  return late;
}

function refused(message: string): AppError {
  return new AppError("invalid_input", "The date is outside of what can be entered", {
    issues: [{ path: "date", message }],
  });
}
