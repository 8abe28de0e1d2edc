import { env } from "cloudflare:workers";

/** Where a run is cut off: before or after the call takes effect. */
export type Moment = "before" | "after";

type Method = (...args: unknown[]) => Promise<unknown>;

/** Calls `method` and then or before fails; a lost answer and a crash look the same from outside. */
async function cut(moment: Moment, error: Error, method: () => Promise<unknown>): Promise<never> {
  if (moment === "after") await method();
  throw error;
}

type Batch = (run: () => Promise<unknown>) => Promise<unknown>;

/** This environment, but `around` decides what becomes of its D1's `nth` batch (1 is the first). */
function withBatch(nth: number, around: Batch): Env {
  let batches = 0;
  const DB = new Proxy(env.DB, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== "function") return value;
      const method = (value as Method).bind(target);
      if (property !== "batch") return method;
      return (...args: unknown[]) => {
        batches += 1;
        return batches === nth ? around(async () => method(...args)) : method(...args);
      };
    },
  });
  return { ...env, DB };
}

/** This environment, but its D1 fails at the `nth` batch. */
export function withBatchFault(nth: number, moment: Moment): Env {
  return withBatch(nth, (run) => cut(moment, new Error("D1_ERROR: Network connection lost."), run));
}

/** This environment, but somebody else is faster than its `nth` batch. */
export function withRival(nth: number, rival: () => Promise<unknown>): Env {
  return withBatch(nth, async (run) => {
    await rival();
    return run();
  });
}

/** This environment, but `method` of its objects fails: of all of them, or of one. */
export function withObjectFault(
  method: string,
  moment: Moment,
  options: { relationshipId?: string; times?: number; flags?: Record<string, boolean> } = {},
): Env & { calls: () => number } {
  let calls = 0;
  const times = options.times ?? Number.POSITIVE_INFINITY;
  const stubOf = (name: string) => {
    const stub = env.RELATIONSHIP.getByName(name);
    if (options.relationshipId !== undefined && options.relationshipId !== name) return stub;
    return new Proxy(stub, {
      get(target, property) {
        // A stub's method is not a function to be bound: `apply` of it would be one more remote call.
        const value = (...args: unknown[]) =>
          (target as unknown as Record<string | symbol, Method>)[property]?.(...args);
        if (property !== method) return value;
        return (...args: unknown[]) => {
          calls += 1;
          if (calls > times) return value(...args);
          const error = Object.assign(new Error("object is away"), options.flags ?? {});
          return cut(moment, error, async () => value(...args));
        };
      },
    });
  };
  const RELATIONSHIP = { getByName: stubOf } as unknown as Env["RELATIONSHIP"];
  return { ...env, RELATIONSHIP, calls: () => calls };
}
