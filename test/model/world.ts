import * as membership from "../../src/domain/membership/rules.ts";
import type { RelationshipStatus } from "../../src/domain/membership/rules.ts";
import * as parting from "../../src/domain/parting/rules.ts";
import type { PartingChoice, RowClass } from "../../src/domain/parting/rules.ts";

/** The real rules. A test may break one, to see that the search finds out. */
export const RULES = {
  can: membership.can,
  isStatusMove: parting.isStatusMove,
  isGone: parting.isGone,
  endsAt: parting.endsAt,
  keepsPart: parting.keepsPart,
  fateOf: parting.fateOf,
  shownAuthor: parting.shownAuthor,
  /** After thirty days nobody chooses any more: `chooseAtEnd` of parting/exit.ts. */
  mayChooseLate: false,
  /** What the directory has decided is delivered before an erasure: `eraseFrom` of compliance/erasure.ts. */
  erasesBeforeNews: false,
};
export type Rules = typeof RULES;

export type Who = 0 | 1;
export const BOTH: readonly Who[] = [0, 1];
export const NAMES = ["Ada", "Grace"] as const;
export const CLASSES: readonly RowClass[] = ["private", "shared", "joint"];
export const other = (who: Who): Who => (who === 0 ? 1 : 0);

/** A row by its author and its class, such as `0.private`; what was taken as a former member's is marked with `*`. */
export type RowName = string;
export const rowName = (author: Who, rowClass: RowClass): RowName => `${author}.${rowClass}`;
export const ALL_ROWS: readonly RowName[] = BOTH.flatMap((who) => CLASSES.map((each) => rowName(who, each)));

export interface Person {
  /** What the directory holds: in the couple, alone, paired elsewhere. At most one may be true. */
  inCouple: boolean;
  inSolo: boolean;
  elsewhere: boolean;
  voted: boolean;
  erased: boolean;
  /** What the couple's object holds. */
  choice: PartingChoice;
  erasedHere: boolean;
  partTaken: boolean;
  /** The directory's note that the part is on its way, and how far the other object has it. */
  moving: boolean;
  copied: boolean;
  /** The erasure has not reached the object yet. */
  erasing: boolean;
  /** What the person has taken into an object of their own. */
  holds: readonly RowName[];
}

export interface World {
  /** The couple's object; `destroyed` is after its end. */
  object: Exclude<RelationshipStatus, "solo"> | "destroyed";
  directory: Exclude<RelationshipStatus, "solo">;
  /** Which side knows a newer status than the other. */
  newer: "object" | "directory" | "neither";
  /** The thirty days are over. */
  late: boolean;
  /** What the object still has. */
  rows: readonly RowName[];
  /** Own rows that their author had deleted, knowing what they did. */
  purged: readonly RowName[];
  people: readonly [Person, Person];
}

const MEMBER: Person = {
  inCouple: true,
  inSolo: false,
  elsewhere: false,
  voted: false,
  erased: false,
  choice: "keep",
  erasedHere: false,
  partTaken: false,
  moving: false,
  copied: false,
  erasing: false,
  holds: [],
};

/** Two who are together, each with a private, a shared and a joint row. */
export const TOGETHER: World = {
  object: "active",
  directory: "active",
  newer: "neither",
  late: false,
  rows: ALL_ROWS,
  purged: [],
  people: [MEMBER, MEMBER],
};

export function withPerson(world: World, who: Who, change: Partial<Person>): World {
  const people = world.people.map((person, index) => (index === who ? { ...person, ...change } : person));
  return { ...world, people: people as unknown as World["people"] };
}

export function withBoth(world: World, change: (person: Person, who: Who) => Partial<Person>): World {
  return BOTH.reduce((next, who) => withPerson(next, who, change(next.people[who], who)), world);
}

/** A member as the rules want to have them. */
export function memberOf(person: Person, who: Who) {
  return { userId: String(who), choice: person.choice, erasedAt: person.erasedHere ? 1 : null };
}

export const membersOf = (world: World) => BOTH.map((who) => memberOf(world.people[who], who));

/** Whether `who` is a member of the object, with a session to prove it. */
export function isPresent(world: World, who: Who): boolean {
  const person = world.people[who];
  return world.object !== "destroyed" && !person.erased && !person.erasedHere;
}

/** The space is over by its time, or because nobody keeps anything in it. */
export function isDue(rules: Rules, world: World): boolean {
  const [frozenAt, now] = [0, world.late ? parting.FREEZE_MS : 1];
  return world.object === "frozen" && rules.endsAt(frozenAt, membersOf(world), now) <= now;
}

export function keyOf(world: World): string {
  return JSON.stringify(world);
}
