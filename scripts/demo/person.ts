import assert from "node:assert/strict";
import { createClient, type Client } from "../../src/client/client.ts";
import type { Connection } from "../../src/client/connection.ts";
import type { SocketConstructor } from "../../src/client/environment.ts";
import type { EndReason, LineState } from "../../src/client/line.ts";
import type { RelationshipEvent } from "../../src/client/operations.ts";
import { localDate } from "../../src/domain/calendar.ts";
import { confirmAddress } from "../mailbox.ts";
import { eventually } from "./stage.ts";

export interface Account {
  name: string;
  email: string;
  password: string;
  timezone: string;
}

type EventName = RelationshipEvent["name"];
type EventOf<Name extends EventName> = Extract<RelationshipEvent, { name: Name }>;

/** Somebody with a phone: the typed client as an app would use it, and a memory of all that it said. */
export class Person {
  readonly account: Account;
  readonly client: Client;
  readonly events: RelationshipEvent[] = [];
  readonly states: LineState[] = [];
  /** With what each socket was opened: a ticket or a resume token. */
  readonly openedWith: string[] = [];
  snapshots = 0;
  presence: { userId: string; online: boolean }[] = [];
  ended: EndReason | null = null;
  userId = "";
  readonly #origin: string;
  readonly #now: () => number;
  #connection: Connection | null = null;

  /**
   * @param origin the server, or the near end of a cable to it
   * @param now what this person's watch shows, in epoch milliseconds
   */
  constructor(origin: string, account: Account, now: () => number = Date.now) {
    this.account = account;
    this.#origin = origin;
    this.#now = now;
    this.client = createClient({
      baseUrl: origin,
      now,
      WebSocket: recordingSocket(this.openedWith),
      // Always the shortest wait before the next try: a demonstration has no crowd to spread.
      random: () => 0,
    });
  }

  get connection(): Connection {
    assert(this.#connection !== null, `${this.account.name} is not connected`);
    return this.#connection;
  }

  /** The day that this person's calendar shows. */
  get today(): string {
    return localDate(this.#now(), this.account.timezone);
  }

  async signUp(): Promise<void> {
    const { name, email, password, timezone } = this.account;
    await this.client.signUp({ name, email, password, timezone });
  }

  async signIn(): Promise<void> {
    const { email, password } = this.account;
    const { user } = await this.client.signIn({ email, password });
    this.userId = user.id;
  }

  /** @param origin where the mailbox is */
  async confirmAddress(origin: string): Promise<void> {
    await confirmAddress(origin, this.account.email);
  }

  async connect(relationshipId: string): Promise<void> {
    this.#connection = this.client.connect(relationshipId, {
      onEvents: (events) => this.events.push(...events),
      onSnapshot: () => this.snapshots++,
      onState: (state) => this.states.push(state),
      onPresence: (members) => {
        this.presence = members;
      },
      onEnd: (reason) => {
        this.ended = reason;
      },
    });
    await this.hasLine("live");
    await eventually(`${this.account.name}'s first snapshot`, () => (this.snapshots > 0 ? true : null));
  }

  /** What the typed client has no call for: bytes, files, and the end of an account. */
  async request(path: string, method = "GET", body?: object | Uint8Array<ArrayBuffer>): Promise<Response> {
    const isBytes = body instanceof Uint8Array;
    const type = isBytes ? "image/png" : "application/json";
    return fetch(new URL(path, this.#origin), {
      method,
      headers: { authorization: `Bearer ${this.client.token ?? ""}`, "content-type": type },
      ...(body === undefined ? {} : { body: isBytes ? body : JSON.stringify(body) }),
    });
  }

  async hasLine(state: LineState): Promise<void> {
    await eventually(`${this.account.name}'s line is ${state}`, () => (this.connection.state === state ? true : null));
  }

  /** The first event of that name that `matches`, now or soon. */
  async sees<Name extends EventName>(
    name: Name,
    matches: (event: EventOf<Name>) => boolean = () => true,
  ): Promise<EventOf<Name>> {
    const isIt = (event: RelationshipEvent): event is EventOf<Name> =>
      event.name === name && matches(event as EventOf<Name>);
    return eventually(`${this.account.name} sees ${name}`, () => this.events.find(isIt) ?? null);
  }

  /** Holds what arrived against the promise of the streams: each number once, in order, none left out. */
  requireGapFree(): void {
    for (const stream of ["couple", "own"] as const) {
      const numbers = this.events.filter((event) => event.stream === stream).map((event) => event.seq);
      const first = numbers[0] ?? 0;
      const expected = numbers.map((_, index) => first + index);
      assert.deepEqual(numbers, expected, `${this.account.name}'s ${stream} stream has no gap`);
    }
  }

  close(): void {
    this.#connection?.close();
  }
}

function recordingSocket(openedWith: string[]): SocketConstructor {
  const Native = globalThis.WebSocket as unknown as SocketConstructor;
  return class extends Native {
    constructor(url: string, protocols: string[]) {
      super(url, protocols);
      openedWith.push(protocols[1]?.split(".")[0] ?? "nothing");
    }
  };
}
