import { operations as achievements } from "./achievements/commands.ts";
import { operations as activities } from "./activities/commands.ts";
import { operations as challenges } from "./challenges/commands.ts";
import { operations as checkins } from "./checkins/commands.ts";
import type { Operation } from "./command.ts";
import { operations as conversations } from "./conversations/commands.ts";
import { operations as dates } from "./dates/commands.ts";
import { operations as goals } from "./goals/commands.ts";
import { operations as imports } from "./imports/commands.ts";
import { operations as inbox } from "./inbox/commands.ts";
import { operations as insights } from "./insights/commands.ts";
import { operations as membership } from "./membership/commands.ts";
import { operations as parting } from "./parting/commands.ts";
import { operations as notes } from "./notes/commands.ts";
import { operations as photos } from "./photos/commands.ts";
import { operations as questions } from "./questions/commands.ts";

/**
 * Everything a couple can do or ask. REST routes, socket frames, the API reference, the typed client and the
 * authorisation matrix are derived from this list and from nothing else. A module exports its operations without a type
 * annotation, since that would erase the names and schemas which the typed client is made of.
 */
export const registry = [
  ...membership,
  ...checkins,
  ...activities,
  ...goals,
  ...dates,
  ...questions,
  ...conversations,
  ...notes,
  ...photos,
  ...challenges,
  ...imports,
  ...achievements,
  ...insights,
  ...inbox,
  // Last, since it ends what the others are about.
  ...parting,
] as const satisfies readonly Operation[];

const byName = new Map<string, Operation>(registry.map((operation) => [operation.name, operation]));

export function findOperation(name: string): Operation | null {
  return byName.get(name) ?? null;
}
