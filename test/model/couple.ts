import { invariants, stepInvariants } from "./invariants.ts";
import { jobs } from "./jobs.ts";
import { moves } from "./moves.ts";
import type { Model, Part } from "./search.ts";
import { keyOf, TOGETHER, type Rules, type World } from "./world.ts";

const people: Part<World, Rules> = { actions: moves, invariants, stepInvariants };
const machines: Part<World, Rules> = { actions: jobs, invariants: () => [], stepInvariants: () => [] };

/** Who pays, gifts and credits join here, with fields of their own in `World`. */
const PARTS: readonly Part<World, Rules>[] = [people, machines];

/** Two people who are together, with everything that they, time and the jobs can do. */
export function coupleModel(rules: Rules): Model<World> {
  return {
    initial: TOGETHER,
    actions: PARTS.flatMap((part) => part.actions(rules)),
    invariants: PARTS.flatMap((part) => part.invariants(rules)),
    stepInvariants: PARTS.flatMap((part) => part.stepInvariants(rules)),
    key: keyOf,
  };
}
