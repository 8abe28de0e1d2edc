import { localDate } from "../calendar.ts";
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

/** Fields whose earlier value moved a number of another day, and which no event carries. */
const MOVING_FIELDS: readonly string[] = [
  "completedDate",
  "date",
  "homeTimezone",
  "plannedDate",
  "startDate",
  "targetDate",
];
/** Of what is gone nobody can say any more which days it was about, and the end of a pause moves what was due. */
const MOVES_ALL = /^import\.|\.(deleted|removed|undone)$|^relationship\.resumed$/;

/** What some events changed of the numbers that leave the object. */
export interface Affected {
  /** Days that get a snapshot, whether they had one or not. */
  snapshots: string[];
  /** Days that get a score of each member. */
  scores: string[];
  /** Activities and goals whose due day's snapshots, and those after it, are made again. */
  dueSubjects: string[];
  /** Whether every number of every day may have changed. */
  everything: boolean;
}

/** Which days `events` changed. Their order does not matter, and seeing one twice does no harm. */
export function affectedBy(events: readonly UnfoldedEventRow[], homeTimezone: string): Affected {
  const snapshots = new Set<string>();
  const scores = new Set<string>();
  const dueSubjects = new Set<string>();
  let everything = false;
  for (const event of events) {
    const data = JSON.parse(event.data) as Record<string, unknown>;
    const day = data[DAY_OF[event.name] ?? ""];
    if (typeof day === "string") scores.add(day);
    if (event.counted === 1) {
      snapshots.add(localDate(event.occurredAt, homeTimezone));
      if (typeof day === "string") snapshots.add(day);
    }
    if (/^(activity|goal)\./.test(event.name) && event.subjectId !== null) dueSubjects.add(event.subjectId);
    const fields = Array.isArray(data["fields"]) ? data["fields"] : [];
    everything ||= MOVES_ALL.test(event.name) || fields.some((field) => MOVING_FIELDS.includes(String(field)));
  }
  return { snapshots: [...snapshots].toSorted(), scores: [...scores], dueSubjects: [...dueSubjects], everything };
}
