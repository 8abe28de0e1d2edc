import { settler, type Settler } from "./jobs.ts";
import type { Invariant, StepInvariant } from "./search.ts";
import {
  BOTH,
  CLASSES,
  isPresent,
  memberOf,
  membersOf,
  NAMES,
  other,
  rowName,
  type RowName,
  type Rules,
  type Who,
  type World,
} from "./world.ts";

type PerPerson = (world: World, who: Who) => string | null;

/** What must hold, whatever happened. */
export function invariants(rules: Rules): Invariant<World>[] {
  const settled = settler(rules);
  const forEach = (name: string, broken: PerPerson): Invariant<World> => ({
    name,
    broken: (world) => BOTH.map((who) => broken(world, who)).find((why) => why !== null) ?? null,
  });
  return [
    forEach("nobody is trapped", (world, who) => trap(rules, settled, world, who)),
    forEach("nobody is in two live relationships", (world, who) => {
      const { inCouple, inSolo, elsewhere } = world.people[who];
      return [inCouple, inSolo, elsewhere].filter(Boolean).length > 1 ? `${NAMES[who]} is in two` : null;
    }),
    forEach("nobody reads what is not theirs to read", (world, who) => leak(rules, world, who)),
    forEach("nobody loses what is theirs", (world, who) => loss(world, who)),
    forEach("what was erased or purged is gone", (world, who) => leftover(world, who)),
    forEach("whoever is erased is nowhere in the end", (world, who) => {
      if (!world.people[who].erased) return null;
      const end = settled(world).people[who];
      return end.inCouple || end.inSolo || end.elsewhere || end.erasing ? `${NAMES[who]} is still somewhere` : null;
    }),
    {
      name: "the two sides agree in the end",
      broken: (world) => disagreement(settled, world),
    },
    {
      name: "what is over is destroyed in the end",
      broken: (world) => {
        const end = settled({ ...settled(world), late: true });
        const isOver = end.object === "ended" || (end.object === "frozen" && end.newer === "neither");
        return isOver ? `the object stays ${end.object} for ever` : null;
      },
    },
    {
      name: "nobody waits for thirty days when nobody keeps anything",
      broken: (world) => {
        // Unless both are back already, and the object has only not heard of it.
        const isParted = world.object === "frozen" && world.newer !== "directory";
        const isEmpty = isParted && membersOf(world).every(rules.isGone);
        return isEmpty && settled(world).object === "frozen" ? "the empty space stays" : null;
      },
    },
  ];
}

/** What must hold of each step. */
export function stepInvariants(): StepInvariant<World>[] {
  return [
    {
      name: "only both together come back",
      broken: ({ before, action, after }) => {
        if (before.directory !== "frozen" || after.directory !== "active") return null;
        const voter = NAMES.findIndex((name) => action === `${name} wants to come back`);
        const theirs = before.people[voter === 0 ? 1 : 0];
        return voter >= 0 && theirs.voted && !theirs.erased ? null : `it happened by: ${action}`;
      },
    },
    {
      name: "a parting is not undone by a delay",
      broken: ({ before, action, after }) => {
        const isUndone = before.object === "frozen" && (after.object === "active" || after.object === "paused");
        return isUndone && action !== "the directory's news arrives" ? `it was undone by: ${action}` : null;
      },
    },
    {
      name: "what one does while parted is not seen by the other",
      broken: ({ before, action, after }) => {
        const who = NAMES.findIndex((name) => action.startsWith(`${name} `));
        const isParted = before.object === "frozen" && after.object === "frozen";
        // That a purged author is named no more is what purging is for; nothing else may be noticed.
        const seen = (world: World): string =>
          JSON.stringify([world.object, world.late, world.people[who === 0 ? 1 : 0]]);
        return who >= 0 && isParted && seen(before) !== seen(after) && after.newer !== "directory"
          ? `the other notices: ${action}`
          : null;
      },
    },
  ];
}

function trap(rules: Rules, settled: Settler, world: World, who: Who): string | null {
  const person = world.people[who];
  const { object } = world;
  if ((object === "active" || object === "paused") && isPresent(world, who)) {
    const canLeave = rules.can(object, "exit") && rules.isStatusMove("leave", object);
    return canLeave ? null : `${NAMES[who]} cannot leave while ${object}`;
  }
  if (person.erased) return null;
  const end = settled(world);
  const isStuck = end.people[who].inCouple && end.object !== "active" && end.object !== "paused";
  return isStuck ? `${NAMES[who]} can be nobody else's: the directory holds them in what is ${end.object}` : null;
}

/** What `who` can read in the couple's object; null when it does not let them in. */
export function readableHere(rules: Rules, world: World, who: Who): RowName[] | null {
  const { object, rows } = world;
  if (object === "destroyed" || !isPresent(world, who) || !rules.can(object, "read")) return null;
  // As every query has it: one's own, and what is not private.
  return rows.filter((row) => row.startsWith(String(who)) || !row.endsWith("private")).toSorted();
}

function readableRows(rules: Rules, world: World, who: Who): RowName[] {
  return [...(readableHere(rules, world, who) ?? []), ...world.people[who].holds];
}

function leak(rules: Rules, world: World, who: Who): string | null {
  const theirs = other(who);
  const person = world.people[who];
  const rows = readableRows(rules, world, who);
  if (person.erased && rows.length > 0) return `${NAMES[who]} has no account and reads ${rows.join(", ")}`;
  if (world.object === "ended" && rules.can("ended", "read")) return "an ended space is still read";
  const foreign = rows.find((row) => row.startsWith(rowName(theirs, "private")));
  if (foreign !== undefined) return `${NAMES[who]} reads a private text of ${NAMES[theirs]}`;
  const kept = person.holds.find((row) => row.startsWith(rowName(theirs, "shared")));
  if (kept !== undefined) return `${NAMES[who]} took a text along that was ${NAMES[theirs]}'s`;
  const named = person.holds.find((row) => row === rowName(theirs, "joint"));
  if (named !== undefined) return `${NAMES[theirs]}'s name came along with a joint row`;
  return shownAfterGoing(rules, world, theirs);
}

/** Of whoever has taken themselves out, the other is shown no name. */
function shownAfterGoing(rules: Rules, world: World, who: Who): string | null {
  if (!rules.isGone(memberOf(world.people[who], who)) || !world.rows.includes(rowName(who, "joint"))) return null;
  const shown = rules.shownAuthor(membersOf(world), { authorId: String(who), formerAuthor: 0 });
  return shown === String(who) ? `${NAMES[who]} is gone and still named` : null;
}

function loss(world: World, who: Who): string | null {
  const person = world.people[who];
  // Whoever had it deleted, or does not want it, has chosen so; until the end even that one still has it.
  if (person.erased || person.choice === "purged") return null;
  const isOver = world.object === "destroyed";
  if (person.choice === "decline" && isOver) return null;
  for (const rowClass of CLASSES) {
    const row = rowName(who, rowClass);
    const has = world.rows.includes(row) || person.holds.includes(row) || world.purged.includes(row);
    if (!has) return `${NAMES[who]} wanted to keep her ${rowClass} row, and it is nowhere`;
  }
  const joint = rowName(other(who), "joint");
  const hasJoint = world.rows.includes(joint) || person.holds.some((row) => row.startsWith(joint));
  return hasJoint ? null : `${NAMES[who]} lost what both made, because ${NAMES[other(who)]} made it`;
}

function leftover(world: World, who: Who): string | null {
  const person = world.people[who];
  if (person.choice !== "purged" || world.object === "destroyed") return null;
  const left = (["private", "shared"] as const)
    .map((each) => rowName(who, each))
    .find((row) => world.rows.includes(row));
  return left === undefined ? null : `${left} is still there`;
}

function disagreement(settled: Settler, world: World): string | null {
  const end = settled(world);
  const object = end.object === "destroyed" ? "ended" : end.object;
  return object === end.directory ? null : `the object is ${end.object}, the directory says ${end.directory}`;
}
