import { achievementDropped, achievementEarned } from "./achievements/events.ts";
import { milestoneReached } from "./dates/events.ts";
import type { EventDefinition } from "./events.ts";
import { notificationCreated } from "./inbox/notify.ts";
import { membershipEvents } from "./membership/apply.ts";
import { historyMoved } from "./parting/absorb.ts";
import { relationshipReunited } from "./parting/exit.ts";
import { registry } from "./registry.ts";

/** What can follow from any command, or from none: joining, badges, and what jobs of the schedule tell. */
const systemEvents = [
  ...membershipEvents,
  relationshipReunited,
  historyMoved,
  achievementEarned,
  achievementDropped,
  milestoneReached,
  notificationCreated,
] as const;

/** Every event that a log can hold, for the frames' reference and the client's types. */
export type CataloguedEvent = (typeof registry)[number]["events"][number] | (typeof systemEvents)[number];

/** The same as a list, each name once, in alphabetical order. */
export function listEventDefinitions(): EventDefinition[] {
  const ofOperations = registry.flatMap((operation): readonly EventDefinition[] => operation.events);
  const byName = new Map([...systemEvents, ...ofOperations].map((event) => [event.name, event]));
  return [...byName.values()].toSorted((a, b) => a.name.localeCompare(b.name));
}
