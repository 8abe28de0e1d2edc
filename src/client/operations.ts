import type * as z from "zod";
import type { CataloguedEvent } from "../domain/event-catalogue.ts";
import type { EventDefinition } from "../domain/events.ts";
import type { registry } from "../domain/registry.ts";
import type { EventMessage } from "../protocol/frames.ts";

// Types only: nothing of the server's code reaches the client.
type AnyOperation = (typeof registry)[number];
type Named<Name> = Extract<AnyOperation, { name: Name }>;

export type CommandName = Extract<AnyOperation, { kind: "command" }>["name"];
export type QueryName = Extract<AnyOperation, { kind: "query" }>["name"];
export type OperationName = CommandName | QueryName;

/** What an operation takes, as a caller writes it: fields with a default may be left out. */
export type InputOf<Name extends OperationName> = z.input<Named<Name>["input"]>;
/** What an operation answers. */
export type OutputOf<Name extends OperationName> = z.output<Named<Name>["output"]>;

/** The input argument of a call, which may be left out when no field is required. */
export type InputArguments<Name extends OperationName, Options = never> =
  Record<never, never> extends InputOf<Name>
    ? [input?: InputOf<Name>, options?: Options]
    : [input: InputOf<Name>, options?: Options];

type MessageOf<Event> =
  Event extends EventDefinition<infer Name, infer Data>
    ? Omit<EventMessage, "name" | "data"> & { name: Name; data: z.output<Data> }
    : never;

/** News of the relationship; `name` tells which. A newer server may send names that are not listed: pass them over. */
export type RelationshipEvent = MessageOf<CataloguedEvent>;
