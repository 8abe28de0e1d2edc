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

/** Not counted, and still they move a score or a snapshot. */
export const UNCOUNTED_TELLING: readonly string[] = ["app.opened", "history.moved", "relationship.reunited"];

/**
 * They can change every day there was: a partner who joins no longer lets count what was written alone, and what comes
 * in from elsewhere has dates of its own.
 */
const MOVES_ALL = /^(member\.joined|history\.moved)$|^import\./;
/** They do not say from which day a conversation was moved away. */
const MOVES_SCORES = /^conversation\.(updated|removed)$/;
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
  /** Scores from here on are made again, and made where a day has something to score; null for none. */
  scoresFrom: string | null;
}

const BEGINNING = "0000-00-00";

/** Which days `events` changed. Their order does not matter, and seeing one twice does no harm. */
export function affectedBy(events: readonly UnfoldedEventRow[], homeTimezone: string): Affected {
  const snapshots = new Set<string>();
  const scores = new Set<string>();
  const dueSubjects = new Set<string>();
  const remake: string[] = [];
  const rescore: string[] = [];
  for (const event of events) {
    const data = JSON.parse(event.data) as Record<string, unknown>;
    const happened = localDate(event.occurredAt, homeTimezone);
    const day = data[DAY_OF[event.name] ?? ""];
    if (typeof day === "string") scores.add(day);
    if (event.counted === 1) snapshots.add(happened);
    if (event.counted === 1 && typeof day === "string") snapshots.add(day);
    if (/^(activity|goal)\./.test(event.name) && event.subjectId !== null) dueSubjects.add(event.subjectId);
    remake.push(...remadeFrom(event.name, data, happened));
    rescore.push(...rescoredFrom(event.name, data));
  }
  const ordered = [...snapshots].toSorted();
  return {
    snapshots: ordered,
    scores: [...scores],
    remakeFrom: [...remake, ...ordered.slice(0, 1)].toSorted()[0] ?? null,
    dueSubjects: [...dueSubjects],
    scoresFrom: rescore.toSorted()[0] ?? null,
  };
}

/** From which day on an event changes snapshots beyond its own day. */
function remadeFrom(name: string, data: Record<string, unknown>, happened: string): string[] {
  const fields = Array.isArray(data["fields"]) ? data["fields"].map(String) : [];
  const isProfile = name === "relationship.updated" && fields.some((field) => PROFILE_FIELDS.includes(field));
  if (isProfile || MOVES_ALL.test(name)) return [BEGINNING];
  // The end of a pause moves what was due meanwhile.
  if (typeof data["pausedDays"] === "number") return [addDays(happened, -data["pausedDays"])];
  return [data["dueBefore"], data["since"]].filter((date) => typeof date === "string");
}

/** From which day on an event changes scores beyond the day that it names. */
function rescoredFrom(name: string, data: Record<string, unknown>): string[] {
  if (MOVES_ALL.test(name) || MOVES_SCORES.test(name)) return [BEGINNING];
  // One that was private until now brings along the entries that its author has made.
  return name === "challenge.started" && typeof data["startDate"] === "string" ? [data["startDate"]] : [];
}
