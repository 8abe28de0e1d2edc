import type { PartingChoice } from "../../src/domain/parting/rules.ts";
import type { Action } from "./search.ts";
import {
  BOTH,
  CLASSES,
  isPresent,
  NAMES,
  rowName,
  withBoth,
  withPerson,
  type Rules,
  type Who,
  type World,
} from "./world.ts";

/** What people do. Each is what the real command or route does, by the real rules. */
export function moves(rules: Rules): Action<World>[] {
  const of = (name: string, take: (world: World, who: Who) => World | null): Action<World>[] =>
    BOTH.map((who) => ({ name: `${NAMES[who]} ${name}`, take: (world) => take(world, who) }));
  return [
    ...of("pauses", (world, who) => step(rules, world, who, "pause")),
    ...of("resumes", (world, who) => step(rules, world, who, "resume")),
    ...of("leaves", (world, who) => (isPresent(world, who) ? leave(rules, world) : null)),
    ...of("purges her part", (world, who) => purge(rules, world, who)),
    ...of("declines her part", (world, who) => choose(rules, world, who, "decline")),
    ...of("keeps her part", (world, who) => choose(rules, world, who, "keep")),
    ...of("wants to come back", (world, who) => vote(world, who)),
    ...of("no longer wants to come back", (world, who) =>
      world.people[who].voted && !world.people[who].erased ? withPerson(world, who, { voted: false }) : null,
    ),
    ...of("begins a life alone", (world, who) =>
      isFree(world, who) ? withPerson(world, who, { inSolo: true }) : null,
    ),
    ...of("pairs with somebody else", (world, who) =>
      isFree(world, who) || world.people[who].inSolo
        ? withPerson(world, who, { inSolo: false, elsewhere: true, voted: false })
        : null,
    ),
    ...of("leaves somebody else", (world, who) =>
      world.people[who].elsewhere ? withPerson(world, who, { elsewhere: false }) : null,
    ),
    ...of("erases her account", eraseAccount),
    {
      name: "thirty days pass",
      take: (world) => (world.object === "frozen" && !world.late ? { ...world, late: true } : null),
    },
  ];
}

/** Whether the directory lets `who` into a new relationship. */
function isFree(world: World, who: Who): boolean {
  const { inCouple, inSolo, elsewhere, erased } = world.people[who];
  return !erased && !inCouple && !inSolo && !elsewhere;
}

function decided(world: World, object: World["object"]): World {
  return { ...world, object, newer: object === world.directory ? "neither" : "object" };
}

function step(rules: Rules, world: World, who: Who, move: "pause" | "resume"): World | null {
  const { object } = world;
  if (object === "destroyed" || !isPresent(world, who) || !rules.can(object, move)) return null;
  if (!rules.isStatusMove(move, object)) return null;
  return decided(world, move === "pause" ? "paused" : "active");
}

/** By anybody who is there, alone. Leaving what the other has left changes nothing any more. */
export function leave(rules: Rules, world: World): World | null {
  const { object } = world;
  if (object === "destroyed" || !rules.can(object, "exit")) return null;
  if (object === "frozen") return world;
  return rules.isStatusMove("leave", object) ? { ...decided(world, "frozen"), late: false } : null;
}

/** Rows that go when `who` has their part deleted, by the exit matrix. */
export function withoutPart(rules: Rules, world: World, who: Who, act: "purge" | "erase"): World {
  const gone = CLASSES.filter((rowClass) => rules.fateOf(act, rowClass, "mine") === "deleted");
  return { ...world, rows: world.rows.filter((row) => !gone.some((rowClass) => row === rowName(who, rowClass))) };
}

function purge(rules: Rules, world: World, who: Who): World | null {
  if (world.object === "destroyed" || !isPresent(world, who) || !rules.can(world.object, "parting")) return null;
  const gone = withoutPart(rules, world, who, "purge");
  const own = [rowName(who, "private"), rowName(who, "shared")];
  return { ...withPerson(gone, who, { choice: "purged" }), purged: [...new Set([...world.purged, ...own])].toSorted() };
}

function choose(rules: Rules, world: World, who: Who, choice: Exclude<PartingChoice, "purged">): World | null {
  if (world.object === "destroyed" || !isPresent(world, who) || !rules.can(world.object, "parting")) return null;
  const person = world.people[who];
  if (rules.isGone({ choice: person.choice, erasedAt: null }) || person.choice === choice) return null;
  return world.late && !rules.mayChooseLate ? null : withPerson(world, who, { choice });
}

function vote(world: World, who: Who): World | null {
  const person = world.people[who];
  if (world.directory !== "frozen" || person.erased || person.elsewhere || person.voted) return null;
  const voted = withPerson(world, who, { voted: true });
  const isWanted = voted.people.every((each) => each.voted && !each.erased);
  if (!isWanted || voted.people.some((each) => each.elsewhere)) return voted;
  // One batch: both leave where they are alone, and are a couple again.
  const back = withBoth(voted, () => ({ inCouple: true, inSolo: false, voted: false }));
  return { ...back, directory: "active", newer: "directory" };
}

/** The directory's batch: at once, and for good. The objects are told by the job. */
function eraseAccount(world: World, who: Who): World | null {
  const person = world.people[who];
  if (person.erased) return null;
  const isThere = world.object !== "destroyed";
  return withPerson(world, who, {
    erased: true,
    erasing: isThere,
    voted: false,
    inSolo: false,
    elsewhere: false,
    moving: false,
    holds: [],
  });
}
