import type { RelationshipEvent } from "../../client/operations.ts";
import { shownDay } from "./days.ts";

export interface FeedItem {
  key: string;
  at: number;
  actorId: string;
  text: string;
  /** Only this person sees it. */
  own: boolean;
}

type Texts = {
  [Name in RelationshipEvent["name"]]?: (event: Extract<RelationshipEvent, { name: Name }>, who: string) => string;
};

/** The inbox shows these by itself. */
const SILENT: ReadonlySet<string> = new Set<RelationshipEvent["name"]>(["notification.created", "notification.read"]);

// What is not in here is shown by its name: the list of events grows without this page.
const TEXTS: Texts = {
  "checkin.submitted": ({ data }, who) =>
    data.isNew
      ? `${who} checked in for ${shownDay(data.date)}${data.completesDay ? " – both of you did" : ""}`
      : `${who} edited the check-in of ${shownDay(data.date)}`,
  "activity.planned": ({ data }, who) =>
    `${who} planned something${data.plannedDate === null ? "" : ` for ${shownDay(data.plannedDate)}`}`,
  "activity.updated": (_, who) => `${who} changed a plan`,
  "activity.completed": (_, who) => `${who} marked an activity as done`,
  "activity.cancelled": (_, who) => `${who} cancelled a plan`,
  "activity.rated": ({ data }, who) => `${who} rated an activity: ${data.rating} of 10`,
  "challenge.started": (_, who) => `${who} started a challenge`,
  "challenge.entry_logged": (_, who) => `${who} wrote a challenge entry`,
  "challenge.completed": () => "A challenge is complete",
  "goal.progressed": (_, who) => `${who} moved a goal forward`,
  "goal.completed": () => "A goal was reached",
  "achievement.earned": ({ data }) => `A badge was earned, ${data.points} points`,
  "member.joined": (_, who) => `${who} joined`,
};

/** `event` as a line that a person reads, or null when it is shown elsewhere. @param who the name of whoever did it */
export function feedItem(event: RelationshipEvent, who: string): FeedItem | null {
  if (SILENT.has(event.name)) return null;
  const text = TEXTS[event.name] as ((event: RelationshipEvent, who: string) => string) | undefined;
  return {
    key: `${event.stream} ${event.seq}`,
    at: event.occurredAt,
    actorId: event.actorId,
    text: text?.(event, who) ?? `${who}: ${event.name.replaceAll(/[._]/g, " ")}`,
    own: event.stream === "own",
  };
}
