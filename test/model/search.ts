/** A finite world, everything that can happen in it, and what must hold in each of its states. */
export interface Model<World> {
  initial: World;
  actions: readonly Action<World>[];
  invariants: readonly Invariant<World>[];
  stepInvariants: readonly StepInvariant<World>[];
  /** Worlds with the same key are the same state. */
  key(world: World): string;
}

export interface Action<World> {
  name: string;
  /** The world afterwards, or null when this cannot happen now. Must not change `world`. */
  take: (world: World) => World | null;
}

export interface Invariant<World> {
  name: string;
  /** Why `world` violates it, or null. */
  broken: (world: World) => string | null;
}

/** What must hold of every step, also of one that leads somewhere known. */
export interface StepInvariant<World> {
  name: string;
  broken: (step: { before: World; action: string; after: World }) => string | null;
}

/** What one side of the world adds: people, machines; later payers, gifts and credits, each in a file of its own. */
export interface Part<World, Rules> {
  actions(rules: Rules): Action<World>[];
  invariants(rules: Rules): Invariant<World>[];
  stepInvariants(rules: Rules): StepInvariant<World>[];
}

export interface Violation {
  invariant: string;
  why: string;
  /** The names of the actions of a shortest way there. */
  path: string[];
}

export interface Findings<World> {
  states: World[];
  violation: Violation | null;
  /** How often each action was possible. */
  taken: Map<string, number>;
}

interface Reached<World> {
  world: World;
  by: { action: string; from: Reached<World> } | null;
}

/**
 * Every state that can be reached, breadth first, so that the first violation found has a shortest path.
 * @throws Error when there are more than `limit` states: then something in the world grows without end
 */
export function search<World>(model: Model<World>, limit = 500_000): Findings<World> {
  const seen = new Set([model.key(model.initial)]);
  const queue: Reached<World>[] = [{ world: model.initial, by: null }];
  const taken = new Map<string, number>();
  const found = (violation: Violation | null): Findings<World> => ({
    states: queue.map(({ world }) => world),
    violation,
    taken,
  });
  for (let index = 0; index < queue.length; index++) {
    const here = queue[index] as Reached<World>;
    const violation = stateViolation(model, here);
    if (violation !== null) return found(violation);
    for (const { name, take } of model.actions) {
      const world = take(here.world);
      if (world === null) continue;
      taken.set(name, (taken.get(name) ?? 0) + 1);
      const next: Reached<World> = { world, by: { action: name, from: here } };
      const wrongStep = stepViolation(model, next, here.world, name);
      if (wrongStep !== null) return found(wrongStep);
      const key = model.key(world);
      if (seen.has(key)) continue;
      if (seen.size >= limit) throw new Error(`more than ${limit} states`);
      seen.add(key);
      queue.push(next);
    }
  }
  return found(null);
}

function stateViolation<World>(model: Model<World>, here: Reached<World>): Violation | null {
  for (const { name, broken } of model.invariants) {
    const why = broken(here.world);
    if (why !== null) return { invariant: name, why, path: pathTo(here) };
  }
  return null;
}

function stepViolation<World>(
  model: Model<World>,
  next: Reached<World>,
  before: World,
  action: string,
): Violation | null {
  for (const { name, broken } of model.stepInvariants) {
    const why = broken({ before, action, after: next.world });
    if (why !== null) return { invariant: name, why, path: pathTo(next) };
  }
  return null;
}

function pathTo<World>(reached: Reached<World>): string[] {
  const path: string[] = [];
  for (let here: Reached<World> | undefined = reached; here?.by; here = here.by.from) path.unshift(here.by.action);
  return path;
}

/** As a person reads it. */
export function describeViolation({ invariant, why, path }: Violation): string {
  const steps = path.map((step, index) => `  ${index + 1}. ${step}`);
  return [`violated: ${invariant}`, `because ${why}`, "the shortest way there:", ...steps].join("\n");
}
