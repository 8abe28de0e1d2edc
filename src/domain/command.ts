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
  run(ctx: MemberContext, input: unknown): unknown;
}

type ErasedDefinition = Omit<Operation, "kind" | "capability" | "events" | "cacheable"> &
  Partial<Pick<Operation, "capability" | "events" | "cacheable">>;

interface Definition<Input extends z.ZodType, Output extends z.ZodType> {
  name: string;
  summary: string;
  capability?: Capability;
  input: Input;
  output: Output;
  events?: readonly EventDefinition[];
  cacheable?: boolean;
  /** Synchronous. Throws AppError to refuse: then nothing is written and no receipt is kept. */
  run(ctx: MemberContext, input: z.output<Input>): z.output<Output>;
}

/** A change of the couple's data: runs in one transaction, at most once per command id. */
export function defineCommand<I extends z.ZodType, O extends z.ZodType>(definition: Definition<I, O>): Operation {
  return { capability: "write", events: [], ...erased(definition), kind: "command", cacheable: false };
}

/** A question that writes nothing. */
export function defineQuery<I extends z.ZodType, O extends z.ZodType>(definition: Definition<I, O>): Operation {
  return { capability: "read", events: [], cacheable: false, ...erased(definition), kind: "query" };
}

// The dispatcher parses with `input` before it calls `run`, so that the types, checked where the definition is written,
// need not be carried further.
function erased<I extends z.ZodType, O extends z.ZodType>(definition: Definition<I, O>): ErasedDefinition {
  return definition as unknown as ErasedDefinition;
}
