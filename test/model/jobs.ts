import type { Action } from "./search.ts";
import { leave, withoutPart } from "./moves.ts";
import {
  BOTH,
  CLASSES,
  isDue,
  keyOf,
  memberOf,
  NAMES,
  other,
  rowName,
  withBoth,
  withPerson,
  type RowName,
  type Rules,
  type Who,
  type World,
} from "./world.ts";

/**
 * What happens by itself. A job is cut into the steps between which it can be cut off; since each step can be taken at
 * any time later and again, a crash, a repetition and a delay are all among the paths.
 */
export function jobs(rules: Rules): Action<World>[] {
  const of = (name: string, take: (world: World, who: Who) => World | null): Action<World>[] =>
    BOTH.map((who) => ({ name: `${name} of ${NAMES[who]}`, take: (world) => changed(world, take(world, who)) }));
  return [
    { name: "the report arrives", take: report },
    { name: "the directory's news arrives", take: push },
    { name: "the directory ends it", take: (world) => endInDirectory(rules, world) },
    ...of("the erasure reaches the object", (world, who) => eraseHere(rules, world, who)),
    ...of("a page of the part", (world, who) => copyPart(rules, world, who)),
    ...of("the release of the part", release),
    ...of("the directory's note on the part", finishMove),
    { name: "the object is destroyed", take: (world) => destroy(rules, world) },
  ];
}

/** A step that changes nothing is a repetition, and leads nowhere new. */
function changed(before: World, after: World | null): World | null {
  return after !== null && JSON.stringify(after) === JSON.stringify(before) ? null : after;
}

/** The object's decision reaches the directory; of two who are parted, both are free. */
export function report(world: World): World | null {
  const { object } = world;
  if (world.newer !== "object" || object === "destroyed") return null;
  const told: World = { ...world, directory: object, newer: "neither" };
  return object === "frozen" ? withBoth(told, () => ({ inCouple: false })) : told;
}

/** The directory's decision reaches the object: they came back, or it is over. */
function push(world: World): World | null {
  if (world.newer !== "directory" || world.object === "destroyed") return null;
  const heard: World = { ...world, object: world.directory, newer: "neither" };
  if (world.directory !== "active") return heard;
  const back = withBoth(heard, (person) => ({ choice: person.erasedHere ? person.choice : "keep", partTaken: false }));
  return { ...back, late: false };
}

/** One batch, from the object's job: it needs the directory to know of the freeze, and of no reunion. */
function endInDirectory(rules: Rules, world: World): World | null {
  if (!isDue(rules, world) || world.directory !== "frozen" || world.newer !== "neither") return null;
  const ended = withBoth(world, (person, who) => {
    // The directory knows of an erasure before the object does.
    if (person.erased || !rules.keepsPart(memberOf(person, who))) return { voted: false };
    const isHomeless = !person.inSolo && !person.elsewhere;
    return { voted: false, moving: true, inSolo: person.inSolo || isHomeless };
  });
  return { ...ended, directory: "ended", newer: "directory" };
}

function eraseHere(rules: Rules, world: World, who: Who): World | null {
  const person = world.people[who];
  if (!person.erasing || (world.newer === "directory" && !rules.erasesBeforeNews)) return null;
  if (world.object === "destroyed") return withPerson(world, who, { erasing: false });
  const left = world.object === "ended" ? world : (leave(rules, world) ?? world);
  return withPerson(withoutPart(rules, left, who, "erase"), who, {
    erasing: false,
    erasedHere: true,
    choice: "purged",
  });
}

/** The other object reads: that seals this one. What comes along says the exit matrix. */
function copyPart(rules: Rules, world: World, who: Who): World | null {
  const person = world.people[who];
  if (!person.moving || person.copied || world.directory !== "ended") return null;
  if (world.object === "destroyed") return withPerson(world, who, { copied: true });
  const sealed: World = { ...world, object: "ended", newer: "neither" };
  const holds = rules.keepsPart(memberOf(person, who)) ? takenBy(rules, world, who) : [];
  return withPerson(sealed, who, { copied: true, holds });
}

function takenBy(rules: Rules, world: World, who: Who): RowName[] {
  return CLASSES.flatMap((rowClass) => [
    ...(rules.fateOf("thirty_days", rowClass, "mine") === "taken" ? held(world, rowName(who, rowClass)) : []),
    ...asFormer(rules.fateOf("thirty_days", rowClass, "theirs"), held(world, rowName(other(who), rowClass))),
  ]);
}

function asFormer(fate: string, rows: RowName[]): RowName[] {
  if (fate === "taken_as_former_member") return rows.map((row) => `${row}*`);
  return fate === "taken" ? rows : [];
}

const held = (world: World, row: RowName): RowName[] => (world.rows.includes(row) ? [row] : []);

function release(world: World, who: Who): World | null {
  const person = world.people[who];
  if (!person.moving || !person.copied || world.object === "destroyed") return null;
  return withPerson(world, who, { partTaken: true });
}

function finishMove(world: World, who: Who): World | null {
  const person = world.people[who];
  const isReleased = person.partTaken || world.object === "destroyed";
  return person.moving && person.copied && isReleased ? withPerson(world, who, { moving: false }) : null;
}

function destroy(rules: Rules, world: World): World | null {
  if (world.object !== "ended") return null;
  const isNeeded = BOTH.some((who) => {
    const person = world.people[who];
    return rules.keepsPart(memberOf(person, who)) && !person.partTaken;
  });
  return isNeeded ? null : { ...world, object: "destroyed", rows: [], newer: "neither" };
}

export type Settler = (world: World) => World;

/** The world when everything that happens by itself has happened. */
export function settler(rules: Rules): Settler {
  const all = jobs(rules);
  const known = new Map<string, World>();
  const settle: Settler = (world) => {
    const key = keyOf(world);
    const before = known.get(key);
    if (before !== undefined) return before;
    const next = all.map((job) => job.take(world)).find((each) => each !== null) ?? null;
    const end = next === null ? world : settle(next);
    known.set(key, end);
    return end;
  };
  return settle;
}
