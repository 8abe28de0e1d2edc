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

function define(kind: Operation["kind"], capability: Capability, cacheable: boolean, rest: object): Operation {
  return { events: [], cacheable, capability, kind, ...rest } as Operation;
}

/** A change of the couple's data: runs in one transaction, at most once per command id. */
export function defineCommand<I extends z.ZodType, O extends z.ZodType>(definition: Definition<I, O>): Operation {
  return define("command", "write", false, definition);
}

/** A question that writes nothing. */
export function defineQuery<I extends z.ZodType, O extends z.ZodType>(definition: Definition<I, O>): Operation {
  return define("query", "read", false, definition);
}
