import { fnv1a } from "../../lib/fnv.ts";
import { AppError } from "../../protocol/errors.ts";
import { addDays, dayNumber } from "../calendar.ts";
import { QUESTIONS, type Question } from "./catalogue.ts";

/** A question does not come back within this many days. */
export const NO_REPEAT_DAYS = 365;
/** How far back a question can still be answered. */
export const ANSWER_WINDOW_DAYS = 30;

/**
 * The question of `date`. Each couple has an order of its own, drawn from `seed`, and goes through it day by day, so that
 * both get the same without anything being stored, and a question returns after as many days as there are questions.
 * @param used questions of other days within `NO_REPEAT_DAYS`, which matter when the catalogue has grown since
 * @returns null when all of them are used
 */
export function questionOf(seed: string, date: string, used: ReadonlySet<string>): Question | null {
  const order = QUESTIONS.map((question) => ({ question, place: fnv1a(`${seed}/${question.id}`) })).toSorted(
    (a, b) => a.place - b.place || (a.question.id < b.question.id ? -1 : 1),
  );
  // Dates before 1970 have negative numbers.
  const start = ((dayNumber(date) % order.length) + order.length) % order.length;
  const fromStart = [...order.slice(start), ...order.slice(0, start)];
  return fromStart.find(({ question }) => !used.has(question.id))?.question ?? null;
}

/** @throws AppError `invalid_input` for a day that has not come or is long over */
export function requireOpenDate(date: string | undefined, today: string): string {
  if (date === undefined || (date <= today && date >= addDays(today, -ANSWER_WINDOW_DAYS))) return date ?? today;
  throw new AppError("invalid_input", "There is no question to answer on this day", {
    issues: [{ path: "date", message: `From ${ANSWER_WINDOW_DAYS} days ago to the couple's today` }],
  });
}
