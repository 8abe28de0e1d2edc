import type { ErrorBody } from "../protocol/errors.ts";
import type { Cursors, EventMessage, ServerFrame } from "../protocol/frames.ts";
import { uuidv7 } from "../protocol/uuid.ts";
import type { CommandName, InputArguments, InputOf, OutputOf, QueryName, RelationshipEvent } from "./operations.ts";
import { ClientError } from "./errors.ts";
import { Line, type EndReason, type LineState, type TicketSource } from "./line.ts";
import { Pending, type UnacknowledgedCommand } from "./pending.ts";
import { Streams } from "./streams.ts";
import type { Environment } from "./environment.ts";

/** What an app hears of a relationship. Each is called in the order in which things happened. */
export interface ConnectionHandlers {
  onState?: (state: LineState) => void;
  /** New events, those of own commands included, each once and without a gap within its stream. */
  onEvents?: (events: RelationshipEvent[]) => void;
  /** Takes the place of all events up to now: the first time, after a long absence, and after a restore of the server. */
  onSnapshot?: (snapshot: OutputOf<"insights.snapshot">) => void;
  onPresence?: (members: { userId: string; online: boolean }[]) => void;
  /** The connection is over and will not come back by itself. */
  onEnd?: (reason: EndReason) => void;
  /** Refusals that belong to no call. */
  onError?: (error: ClientError) => void;
}

export interface ConnectionOptions extends ConnectionHandlers {
  /** Where an earlier connection stopped reading; without it the first answer is a snapshot. */
  cursors?: Cursors;
  /** Commands that an earlier connection left without an answer. */
  unacknowledged?: readonly UnacknowledgedCommand[];
}

export interface CommandOptions {
  /** UUIDv7; a repeat with the same id is the same command. */
  id?: string;
}

export type BatchItem = { [Name in CommandName]: { name: Name; input: InputOf<Name>; id?: string } }[CommandName];

/** One member's live view of one relationship: commands with an answer, events without gaps, over any number of sockets. */
export class Connection {
  readonly #env: Environment;
  readonly #handlers: ConnectionHandlers;
  readonly #pending = new Pending();
  readonly #streams: Streams;
  readonly #line: Line;
  #syncing = false;
  #resendTimer: unknown = null;
  /** The server's clock minus ours: ids of commands carry a time that the server checks. */
  #clockAheadMs = 0;

  constructor(env: Environment, url: string, ticket: TicketSource, options: ConnectionOptions) {
    this.#env = env;
    this.#handlers = options;
    this.#streams = new Streams(options.cursors ?? null);
    this.#line = new Line(env, {
      url: () => `${url}${queryOf(this.#streams.cursors)}`,
      ticket,
      onState: (state) => options.onState?.(state),
      onFrame: (frame) => this.#receive(frame),
      onError: (error) => options.onError?.(error),
      onEnd: (reason) => this.#end(reason),
    });
    for (const { id, name, input } of options.unacknowledged ?? []) {
      this.#pending.add("command", id, name, input).catch((error: ClientError) => options.onError?.(error));
    }
    this.#line.open();
  }

  get state(): LineState {
    return this.#line.state;
  }

  /** How far both streams were read, for `ConnectionOptions.cursors` of a later connection. */
  get cursors(): Cursors | null {
    return this.#streams.cursors;
  }

  /** Commands that were given and not yet answered, oldest first. */
  get unacknowledged(): UnacknowledgedCommand[] {
    return this.#pending.commands;
  }

  /** Resolves when the server has committed the command. Given while offline, it is sent later, once in effect. */
  async command<Name extends CommandName>(
    name: Name,
    ...[input, options]: InputArguments<Name, CommandOptions>
  ): Promise<OutputOf<Name>> {
    const id = options?.id ?? this.#newId();
    return (await this.#ask("command", id, name, input)) as OutputOf<Name>;
  }

  async query<Name extends QueryName>(name: Name, ...[input]: InputArguments<Name>): Promise<OutputOf<Name>> {
    return (await this.#ask("query", this.#newId(), name, input)) as OutputOf<Name>;
  }

  /** Many commands in one frame and one commit. Each has its own result: one refusal does not undo the others. */
  async batch(items: readonly BatchItem[]): Promise<PromiseSettledResult<unknown>[]> {
    this.#requireOpen();
    const given = items.map((item) => ({ ...item, id: item.id ?? this.#newId() }));
    const answers = given.map(async ({ id, name, input }) => this.#pending.add("command", id, name, input));
    this.#send(this.#pending.frames(given.map(({ id }) => id)));
    return Promise.allSettled(answers);
  }

  /** A phone tells when the app comes to the front or goes to the back: in front it looks who is there, and whether the line lives. */
  setForeground(foreground: boolean): void {
    this.#line.setForeground(foreground);
  }

  /** Says good-bye. What has no answer yet is rejected, and kept in `unacknowledged` until then. */
  close(): void {
    this.#line.close();
  }

  #ask(kind: "command" | "query", id: string, name: string, input: unknown): Promise<unknown> {
    this.#requireOpen();
    const answer = this.#pending.add(kind, id, name, input);
    this.#send(this.#pending.frames([id]));
    return answer;
  }

  #receive(frame: ServerFrame): void {
    switch (frame.type) {
      case "ready":
        this.#clockAheadMs = frame.serverTime - this.#env.now();
        this.#catchUp(frame);
        this.#resend();
        break;
      case "synced":
        this.#catchUp(frame);
        break;
      case "events":
        this.#accept(frame.events);
        break;
      case "result":
        this.#settle(frame);
        break;
      case "results":
        for (const result of frame.results) this.#settle(result);
        break;
      case "presence":
        this.#handlers.onPresence?.(frame.members);
        break;
      case "error":
        this.#refused(frame);
        break;
    }
  }

  #catchUp(frame: Extract<ServerFrame, { type: "ready" | "synced" }>): void {
    this.#syncing = false;
    if (frame.events !== undefined) this.#accept(frame.events);
    this.#streams.reset(frame.cursors);
    if (frame.snapshot !== undefined) {
      this.#handlers.onSnapshot?.(frame.snapshot as OutputOf<"insights.snapshot">);
    }
  }

  #accept(events: readonly EventMessage[]): void {
    const { fresh, gap } = this.#streams.accept(events);
    if (fresh.length > 0) this.#handlers.onEvents?.(fresh as RelationshipEvent[]);
    if (gap) this.#sync();
  }

  #settle(result: Extract<ServerFrame, { type: "result" }>): void {
    if (!result.ok) {
      this.#pending.fail(result.id, result.error as ErrorBody);
      return;
    }
    if (result.events !== undefined) this.#accept(result.events);
    if (this.#streams.isBehind(result.cursors)) this.#sync();
    this.#pending.succeed(result.id, result.data);
  }

  /** Asks for what was missed. Events that overtake the answer are part of it, and are not shown twice. */
  #sync(): void {
    const cursors = this.#streams.cursors;
    if (this.#syncing || cursors === null) return;
    this.#syncing = true;
    this.#send([JSON.stringify({ type: "sync", cursors })]);
  }

  #refused(frame: Extract<ServerFrame, { type: "error" }>): void {
    const error = frame.error as ErrorBody;
    if (frame.id !== undefined) this.#pending.fail(frame.id, error);
    else if (error.code === "rate_limited") this.#resendLater(new ClientError(error).retryAfterMs);
    else this.#handlers.onError?.(new ClientError(error));
  }

  // The refusal does not say which frames were dropped, and repeating a command is safe.
  #resendLater(delayMs: number): void {
    if (this.#resendTimer !== null) return;
    this.#resendTimer = this.#env.setTimeout(() => {
      this.#resendTimer = null;
      if (this.#syncing) {
        this.#syncing = false;
        this.#sync();
      }
      this.#resend();
    }, delayMs);
  }

  #resend(): void {
    this.#send(this.#pending.frames());
  }

  #send(frames: readonly string[]): void {
    for (const frame of frames) this.#line.send(frame);
  }

  #end(reason: EndReason): void {
    if (this.#resendTimer !== null) this.#env.clearTimeout(this.#resendTimer);
    this.#handlers.onEnd?.(reason);
    this.#pending.failAll(() => endError(reason));
  }

  #requireOpen(): void {
    if (this.#line.state === "closed") throw endError("closed");
  }

  #newId(): string {
    return uuidv7(this.#env.now() + this.#clockAheadMs);
  }
}

function endError(reason: EndReason): ClientError {
  switch (reason) {
    case "session_ended":
      return new ClientError({ code: "unauthenticated", message: "The session has ended", retryable: false });
    case "membership_ended":
      return new ClientError({ code: "not_found", message: "No such relationship", retryable: false });
    case "client_too_old":
      return new ClientError({ code: "client_too_old", message: "This client must be updated", retryable: false });
    case "closed":
      return new ClientError({ code: "closed", message: "The connection was closed", retryable: false });
  }
}

function queryOf(cursors: Cursors | null): string {
  if (cursors === null) return "";
  return `?epoch=${cursors.epoch}&couple=${cursors.couple}&own=${cursors.own}`;
}
