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
  "checkin.shared": ({ data }, who) => `${who} now shows you ${shownDay(data.date)}`,
  "question.answered": (_, who) => `${who} answered the question of the day`,
  "question.answers_shown": ({ data }) => (data.userIds.length > 1 ? "Both answers are open" : "An answer is open"),
  "conversation.logged": (_, who) => `${who} noted a conversation`,
  "conversation.followed_up": (_, who) => `${who} noted that you continued a conversation`,
  "note.written": (_, who) => `${who} wrote a note`,
  "photo.stored": (_, who) => `${who} added a photo`,
  "date.added": (_, who) => `${who} added a date`,
  "milestone.reached": () => "A milestone is here",
  "goal.created": (_, who) => `${who} set a goal`,
  "goal.progressed": (_, who) => `${who} moved a goal forward`,
  "goal.completed": () => "A goal was reached",
  "achievement.earned": ({ data }) => `A badge was earned, ${data.points} points`,
  "relationship.paused": (_, who) => `${who} paused: time stands still`,
  "relationship.resumed": (_, who) => `${who} resumed: time goes on`,
  "relationship.frozen": () => "You have parted; everything stays readable for thirty days",
  "relationship.reunited": () => "Both of you wanted it: you are together again",
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
