import { ClientError } from "../../src/client/errors.ts";
import type { Cable } from "./cable.ts";
import type { Person } from "./person.ts";
import type { Stage } from "./stage.ts";
import type { Tally } from "./tally.ts";

const PASSWORD = "a day to remember";
export const MIRA = { name: "Mira", email: "mira@act.example", password: PASSWORD, timezone: "Europe/Lisbon" };
export const THEO = { name: "Theo", email: "theo@act.example", password: PASSWORD, timezone: "America/New_York" };
export const NOSY = { name: "Nosy", email: "nosy@act.example", password: PASSWORD, timezone: "UTC" };

export interface Cast {
  mira: Person;
  /** Behind a cable that can be cut. */
  theo: Person;
  cable: Cable;
  tally: Tally;
}

export interface Day extends Cast {
  stage: Stage;
  relationshipId: string;
}

/** The code with which `work` was refused. */
export async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ClientError) return error.code;
    throw error;
  }
  return "no refusal";
}
