import type * as z from "zod";
import type { MemberContext } from "./context.ts";
import type { EventDefinition } from "./events.ts";
import type { Capability } from "./membership/rules.ts";

/** One thing a couple can do (command) or ask (query). The registry's entries are the only list of these. */
export interface Operation {
  name: string;
  kind: "command" | "query";
  summary: string;
  capability: Capability;
  input: z.ZodType;
  output: z.ZodType;
  /** What a command may write to the log. */
  events: readonly EventDefinition[];
  /** A query whose answer changes only with a write or with a member's local date; it is then serialised once. */
  cacheable: boolean;
  /** A command that needs a recent proof of identity (`FRESH_SIGN_IN_MS`), because it cannot be taken back. */
  fresh: boolean;
  /**
   * What is kept to answer a repetition of the command with; null when it changed nothing, so that a repetition may run
   * again. Without it the answer itself is kept.
   */
  receipt?(answer: unknown): unknown;
  run(ctx: MemberContext, input: unknown): unknown;
}

/** An operation that still knows its name and schemas, from which the client's types are derived. */
export interface TypedOperation<
  Kind extends Operation["kind"],
  Name extends string,
  Input extends z.ZodType,
  Output extends z.ZodType,
  Event extends EventDefinition,
> extends Operation {
  name: Name;
  kind: Kind;
  input: Input;
  output: Output;
  events: readonly Event[];
}

interface Definition<Name extends string, Input extends z.ZodType, Output extends z.ZodType, Event> {
  name: Name;
  summary: string;
  capability?: Capability;
  input: Input;
  output: Output;
  events?: readonly Event[];
  cacheable?: boolean;
  fresh?: boolean;
  receipt?(answer: z.output<Output>): z.output<Output> | null;
  /** Synchronous. Throws AppError to refuse: then nothing is written and no receipt is kept. */
  run(ctx: MemberContext, input: z.output<Input>): z.output<Output>;
}

/** A change of the couple's data: runs in one transaction, at most once per command id. */
export function defineCommand<
  Name extends string,
  I extends z.ZodType,
  O extends z.ZodType,
  E extends EventDefinition = never,
>(definition: Definition<Name, I, O, E>): TypedOperation<"command", Name, I, O, E> {
  return { capability: "write", events: [], fresh: false, ...erased(definition), kind: "command", cacheable: false };
}

/** A question that writes nothing. */
export function defineQuery<Name extends string, I extends z.ZodType, O extends z.ZodType>(
  definition: Definition<Name, I, O, never>,
): TypedOperation<"query", Name, I, O, never> {
  return { capability: "read", events: [], cacheable: false, ...erased(definition), kind: "query", fresh: false };
}

type Erased<D> = Omit<D, "run"> & Pick<Operation, "run">;

// The dispatcher parses with `input` before it calls `run`, so that its argument, checked where the definition is
// written, need not be carried further.
function erased<D extends object>(definition: D): Erased<D> {
  return definition as unknown as Erased<D>;
}
