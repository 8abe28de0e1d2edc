import { afterEach, expect, it, vi } from "vitest";
import { act, expected, isReal, observed, realCouple } from "./model/bridge.ts";
import { coupleModel } from "./model/couple.ts";
import { readableHere } from "./model/invariants.ts";
import { settler } from "./model/jobs.ts";
import { moves } from "./model/moves.ts";
import { isPresent, RULES, TOGETHER, type World } from "./model/world.ts";

const STEPS = 7;

afterEach(() => {
  vi.useRealTimers();
});

/** A path of the model that `seed` draws, each step followed by everything that happens by itself. */
function randomPath(seed: number): { action: string; world: World }[] {
  const settled = settler(RULES);
  const draw = generator(seed);
  const path: { action: string; world: World }[] = [];
  let world = TOGETHER;
  while (path.length < STEPS) {
    const possible = moves(RULES).flatMap(({ name, take }) => {
      const after = isReal(name) ? take(world) : null;
      return after === null || after === world ? [] : [{ action: name, world: settled(after) }];
    });
    // Pausing and resuming for ever would be a dull life.
    const lively = possible.filter(({ action }) => !/pauses|resumes/.test(action) || path.length === 0);
    const next = lively[Math.floor(draw() * lively.length)];
    if (next === undefined) break;
    path.push(next);
    world = next.world;
  }
  return path;
}

/** Numbers between 0 and 1, always the same for one seed (a multiplicative congruential generator). */
function generator(seed: number): () => number {
  let state = seed * 48_271 + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Of the first six hundred, those whose paths go through most that is different. */
const SEEDS = [77, 544, 122, 454];

it.each(SEEDS)(
  "does in real objects and a real directory what the model does (path %i)",
  { timeout: 60_000 },
  async (seed) => {
    const real = await realCouple();
    for (const { action, world } of randomPath(seed)) {
      await act(real, action);
      const wanted = expected(world, (who) => (isPresent(world, who) ? readableHere(RULES, world, who) : null));
      expect({ action, ...(await observed(real)) }).toEqual({ action, ...wanted });
    }
  },
);

it("draws paths that part, come back, purge, erase and end", () => {
  const actions = SEEDS.flatMap((seed) => randomPath(seed));
  const names = actions.map(({ action }) => action).join("\n");
  for (const word of ["leaves", "wants to come back", "purges", "declines", "erases", "begins a life", "thirty days"]) {
    expect(names).toContain(word);
  }
  const objects = actions.map(({ world }) => world.object);
  for (const object of ["active", "frozen", "destroyed"]) expect(objects).toContain(object);
  expect(coupleModel(RULES).actions.some(({ name }) => isReal(name))).toBe(true);
});
