import { addDays, localDate } from "../calendar.ts";
import type { UnfoldedEventRow } from "./dirty-store.ts";

/** Events that are about another day than the one on which they happened, and where they name it. */
const DAY_OF: Readonly<Record<string, string>> = {
  "activity.completed": "completedDate",
  "app.opened": "date",
  "challenge.entry_logged": "date",
  "checkin.shared": "date",
  "checkin.submitted": "date",
  "conversation.logged": "date",
};

/** Not counted, and still part of a score. */
export const UNCOUNTED_TELLING: readonly string[] = ["app.opened"];

/** They do not say which days they were about, so that every score that D1 keeps is made again. */
const MOVES_SCORES = /^import\.|^conversation\.(updated|removed)$/;
/** They can change the snapshot of any day. */
const MOVES_SNAPSHOTS = /^import\./;
/** Fields of the profile that every snapshot depends on. */
const PROFILE_FIELDS: readonly string[] = ["startDate", "homeTimezone"];

/** What some events changed of the numbers that leave the object. */
export interface Affected {
  /** Days that get a snapshot, whether they had one or not; in order. */
  snapshots: string[];
  /** Days that get a score of each member. */
  scores: string[];
  /** Snapshots from here on are made again where there are any; null for none. */
  remakeFrom: string | null;
  /** Activities and goals whose due day does the same. */
  dueSubjects: string[];
  allScores: boolean;
}

const BEGINNING = "0000-00-00";

/** Which days `events` changed. Their order does not matter, and seeing one twice does no harm. */
export function affectedBy(events: readonly UnfoldedEventRow[], homeTimezone: string): Affected {
  const snapshots = new Set<string>();
  const scores = new Set<string>();
  const dueSubjects = new Set<string>();
  const remake: string[] = [];
  for (const event of events) {
    const data = JSON.parse(event.data) as Record<string, unknown>;
    const happened = localDate(event.occurredAt, homeTimezone);
    const day = data[DAY_OF[event.name] ?? ""];
    if (typeof day === "string") scores.add(day);
    if (event.counted === 1) snapshots.add(happened);
    if (event.counted === 1 && typeof day === "string") snapshots.add(day);
    if (/^(activity|goal)\./.test(event.name) && event.subjectId !== null) dueSubjects.add(event.subjectId);
    remake.push(...remadeFrom(event.name, data, happened));
  }
  const ordered = [...snapshots].toSorted();
  return {
    snapshots: ordered,
    scores: [...scores],
    remakeFrom: [...remake, ...ordered.slice(0, 1)].toSorted()[0] ?? null,
    dueSubjects: [...dueSubjects],
    allScores: events.some(({ name }) => MOVES_SCORES.test(name)),
  };
}

/** From which day on an event changes snapshots beyond its own day. */
function remadeFrom(name: string, data: Record<string, unknown>, happened: string): string[] {
  const fields = Array.isArray(data["fields"]) ? data["fields"].map(String) : [];
  const isProfile = name === "relationship.updated" && fields.some((field) => PROFILE_FIELDS.includes(field));
  if (isProfile || MOVES_SNAPSHOTS.test(name)) return [BEGINNING];
  // The end of a pause moves what was due meanwhile.
  if (typeof data["pausedDays"] === "number") return [addDays(happened, -data["pausedDays"])];
  return typeof data["dueBefore"] === "string" ? [data["dueBefore"]] : [];
}
