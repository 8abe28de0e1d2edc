import type { CalendarClock } from "./calendar-clock.ts";
import type { Person } from "./person.ts";
import type { Stage } from "./stage.ts";

const PASSWORD = "a year to remember";
export const NORA = { name: "Nora", email: "nora@act.example", password: PASSWORD, timezone: "Europe/Madrid" };
export const SAM = { name: "Sam", email: "sam@act.example", password: PASSWORD, timezone: "Pacific/Auckland" };

/** What nobody but its author may ever read; looked for wherever the other could find it. */
export const SECRETS = { nora: "Nora's lighthouse", sam: "Sam's orchard" };

export interface Life {
  stage: Stage;
  clock: CalendarClock;
  nora: Person;
  sam: Person;
  /** The couple's own object, from their pairing on. */
  relationshipId: string;
}

/** Both check in for their own today. */
export async function bothCheckIn({ nora, sam, relationshipId }: Life, score: number): Promise<void> {
  for (const person of [nora, sam]) {
    const input = { date: person.today, connection: score, mood: 7, satisfaction: 8 };
    await person.client.command(relationshipId, "checkins.submit", input);
  }
}

/** Days on which both check in, from today on; afterwards it is the morning after the last of them. */
export async function liveDays(life: Life, days: number): Promise<void> {
  for (let day = 0; day < days; day++) {
    await bothCheckIn(life, 6 + (day % 4));
    await life.clock.forward(1, day === days - 1 ? [life.relationshipId] : []);
  }
}

/** The status that the relationship has in the eyes of `person`. */
export async function statusOf(person: Person, relationshipId: string): Promise<string> {
  return (await person.client.query(relationshipId, "membership.get")).relationship.status;
}

/** The couple's streak in the eyes of `person`, in days. */
export async function streakOf(person: Person, relationshipId: string): Promise<number> {
  return (await person.client.query(relationshipId, "insights.streaks")).ours?.current ?? 0;
}
