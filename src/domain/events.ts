import type * as z from "zod";

/** One kind of fact that the log keeps: ids and facts only, never text that a person wrote. */
export interface EventDefinition<Name extends string = string, Data extends z.ZodType = z.ZodType> {
  name: Name;
  summary: string;
  data: Data;
  /** Whether it is an act of a member that analytics count; what the system tells a member is not. */
  counted: boolean;
}

export function defineEvent<Name extends string, Data extends z.ZodType>(
  name: Name,
  summary: string,
  data: Data,
  options: { counted: boolean } = { counted: true },
): EventDefinition<Name, Data> {
  return { name, summary, data, counted: options.counted };
}

/** The stream that both members read. Every other stream is named by the user id of its one reader. */
export const COUPLE_STREAM = "couple";

export interface LoggedEvent {
  stream: string;
  seq: number;
  name: string;
  actorId: string;
  /** Epoch milliseconds. */
  occurredAt: number;
  subjectId: string | null;
  /** JSON. */
  data: string;
}

/** Whether `userId` may see `event`. */
export function isReader(event: LoggedEvent, userId: string): boolean {
  return event.stream === COUPLE_STREAM || event.stream === userId;
}

/** `events` as the JSON that their readers receive; a reader learns of two streams, the couple's and their own. */
export function messagesJson(events: readonly LoggedEvent[]): string {
  return `[${events.map(messageJson).join(",")}]`;
}

// An event goes to the sender, to the partner and to every other device: it is written out once.
const written = new WeakMap<LoggedEvent, string>();

function messageJson(event: LoggedEvent): string {
  let json = written.get(event);
  if (json === undefined) {
    const { seq, name, actorId, occurredAt, subjectId, data } = event;
    const stream = event.stream === COUPLE_STREAM ? "couple" : "own";
    const head = JSON.stringify({ stream, seq, name, actorId, occurredAt, subjectId });
    json = `${head.slice(0, -1)},"data":${data}}`;
    written.set(event, json);
  }
  return json;
}
