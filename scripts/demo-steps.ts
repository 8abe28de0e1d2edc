import type { CommandName, InputOf } from "../src/client/operations.ts";
import { addDays } from "../src/domain/calendar.ts";
import { instantOf } from "./local-time.ts";

export type Who = "ada" | "grace";

export const ZONES: Readonly<Record<Who, string>> = { ada: "Europe/Lisbon", grace: "America/New_York" };

/** Days of history before today. */
export const MONTH_DAYS = 30;

/** Ids that earlier commands answered, by the key of the step. */
export type Known = (key: string) => string;

/** One command of the past: what, by whom, and when. */
export interface Step {
  /** Epoch milliseconds. */
  at: number;
  who: Who;
  /** Names the step for ever, and what it made for later ones. */
  key: string;
  name: CommandName;
  input: (known: Known) => unknown;
  /** The day whose question this answers: its category is known by `question of <date>`. */
  question?: string;
  /** The picture for the place that the command keeps. */
  picture?: Uint8Array;
}

/** What a step needs or brings besides its input. */
export type Extras = Partial<Pick<Step, "key" | "question" | "picture">>;

/** The steps of the month, in any order. */
export class Month {
  readonly steps: Step[] = [];
  readonly #startDate: string;

  constructor(startDate: string) {
    this.#startDate = startDate;
  }

  /** The date of day `day`, the same for both: each has it when their own calendar shows it. */
  date(day: number): string {
    return addDays(this.#startDate, day);
  }

  /** `time` on the wall clock of `who`. */
  add<Name extends CommandName>(
    who: Who,
    [day, time]: readonly [day: number, time: string],
    name: Name,
    input: InputOf<Name> | ((known: Known) => InputOf<Name>),
    extras: Extras = {},
  ): void {
    const at = instantOf(this.date(day), time, ZONES[who]);
    this.steps.push({
      at,
      who,
      key: `${who} ${name} ${day} ${time}`,
      name,
      input: typeof input === "function" ? (input as Step["input"]) : () => input,
      ...extras,
    });
  }
}
