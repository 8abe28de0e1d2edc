import type * as z from "zod";
import type { Context } from "./context.ts";
import type { Couple } from "./couple.ts";

/** What only the shell around the domain knows of the object. */
export interface ShellFacts {
  openSockets(): number;
  databaseBytes(): number;
}

/** What a service can use: the same as a job, and the couple's copies of rows, which it must make forget. */
export interface ServiceContext extends Context {
  couple: Couple;
  shell: ShellFacts;
}

/**
 * Something that the Worker itself, or another object, asks of an object: a page of rows, the bytes' arrival, an
 * operator's look. No member reaches it: it is in no route table and in no frame.
 */
export interface Service<Input extends z.ZodType = z.ZodType, Output = unknown> {
  name: string;
  input: Input;
  /** Whose act it is, for the log; without it nobody's. */
  actorOf?(input: z.output<Input>): string;
  /** It writes nothing and plans nothing, so that the object has nothing to do after it. */
  readOnly?: boolean;
  /** Synchronous, in one transaction. Returns plain data. Throws AppError to refuse: then nothing is written. */
  run(ctx: ServiceContext, input: z.output<Input>): Output;
}

export type OutputOfService<S> = S extends Service<infer _Input, infer Output> ? Output : never;
export type InputOfService<S> = S extends Service<infer Input> ? z.input<Input> : never;

export function defineService<Input extends z.ZodType, Output>(
  service: Service<Input, Output>,
): Service<Input, Output> {
  return service;
}
