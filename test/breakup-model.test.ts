import { describe, expect, it } from "vitest";
import { coupleModel } from "./model/couple.ts";
import { describeViolation, search, type Violation } from "./model/search.ts";
import { RULES, type Rules } from "./model/world.ts";

describe("every state that two people, time and the machines can reach", () => {
  const model = coupleModel(RULES);
  const { states, violation, taken } = search(model);

  it("traps nobody, shows nobody what is not theirs, and loses nothing that somebody keeps", () => {
    expect(violation && describeViolation(violation)).toBeNull();
  });

  it("is a world in which everything happens", () => {
    expect(states.length).toBeGreaterThan(5_000);
    expect(model.actions.map(({ name }) => name).filter((name) => !taken.has(name))).toEqual([]);
    const objects = new Set(states.map((world) => world.object));
    expect([...objects].toSorted()).toEqual(["active", "destroyed", "ended", "frozen", "paused"]);
  });
});

/** The real rules, one of them wrong, and what the search must say to it. */
const BROKEN: [string, Partial<Rules>, Pick<Violation, "invariant" | "path">][] = [
  [
    "nobody can leave a pause",
    { can: (status, capability) => RULES.can(status, capability) && !(status === "paused" && capability === "exit") },
    { invariant: "nobody is trapped", path: ["Ada pauses"] },
  ],
  [
    "what the other shared comes along",
    {
      fateOf: (act, rowClass, authorship) =>
        act === "thirty_days" && rowClass === "shared" ? "taken" : RULES.fateOf(act, rowClass, authorship),
    },
    {
      invariant: "nobody reads what is not theirs to read",
      path: [
        "Ada leaves",
        "thirty days pass",
        "the report arrives",
        "the directory ends it",
        "a page of the part of Ada",
      ],
    },
  ],
  [
    "purging takes what both made",
    { fateOf: (act, ...row) => (act === "purge" ? "deleted" : RULES.fateOf(act, ...row)) },
    { invariant: "nobody loses what is theirs", path: ["Ada leaves", "Ada purges her part"] },
  ],
  [
    "whoever purged is still named",
    { shownAuthor: (_, row) => row.authorId },
    { invariant: "nobody reads what is not theirs to read", path: ["Ada leaves", "Ada purges her part"] },
  ],
  [
    "an empty space waits",
    { endsAt: (frozenAt) => frozenAt + 30 * 86_400_000 },
    {
      invariant: "nobody waits for thirty days when nobody keeps anything",
      path: ["Ada leaves", "Ada purges her part", "Grace purges her part"],
    },
  ],
];

it.each(BROKEN)("finds the shortest way to the harm when %s", (_, broken, expected) => {
  const { violation } = search(coupleModel({ ...RULES, ...broken }));
  expect(violation).toMatchObject(expected);
});

it("finds that whoever still chooses when the end is under way is never done with it", () => {
  const { violation } = search(coupleModel({ ...RULES, mayChooseLate: true }));
  expect(violation?.path).toContain("Ada keeps her part");
  expect(violation?.path.indexOf("the directory ends it")).toBeLessThan(
    violation?.path.indexOf("Ada keeps her part") ?? -1,
  );
});

it("finds that an erasure must not overtake the news that both are back", () => {
  const { violation } = search(coupleModel({ ...RULES, erasesBeforeNews: true }));
  expect(violation?.invariant).toBe("whoever is erased is nowhere in the end");
  expect(violation && describeViolation(violation)).toContain("the shortest way there:\n  1. Ada leaves");
});
