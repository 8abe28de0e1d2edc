import type { ErrorBody, ErrorCode } from "../protocol/errors.ts";
import { BATCH_FRAME_MAX_BYTES, BATCH_MAX_COMMANDS, FRAME_MAX_BYTES } from "../protocol/limits.ts";
import { ClientError } from "./errors.ts";

type Kind = "command" | "query";

interface Entry {
  kind: Kind;
  /** The frame without its type, as JSON. */
  json: string;
  bytes: number;
  answer: Promise<unknown>;
  settle: (outcome: Outcome) => void;
}

type Outcome = { ok: true; data: unknown } | { ok: false; error: ClientError };

/** A command without an answer, as an app may keep it over a restart and send it again with the same id. */
export interface UnacknowledgedCommand {
  id: string;
  name: string;
  input: unknown;
}

// `{"type":"batch","commands":[]}` and some room.
const BATCH_ENVELOPE_BYTES = 64;

/** Operations that wait for their result, oldest first. They survive the loss of the socket. */
export class Pending {
  readonly #entries = new Map<string, Entry>();

  /**
   * Remembers an operation. The promise settles with the server's answer, however many sockets later.
   * @throws ClientError `payload_too_large` for what no frame can carry, `idempotency_conflict` for an id that waits
   * with another input; with the same input it is the same command, and has the same answer
   */
  add(kind: Kind, id: string, name: string, input: unknown): Promise<unknown> {
    const json = JSON.stringify({ id, name, input: input ?? {} });
    const known = this.#entries.get(id);
    if (known?.json === json) return known.answer;
    if (known !== undefined) {
      throw refusal("idempotency_conflict", "This command id waits for its answer with another input");
    }
    const bytes = new TextEncoder().encode(json).length;
    if (bytes + BATCH_ENVELOPE_BYTES > FRAME_MAX_BYTES) {
      throw refusal("payload_too_large", `A frame has at most ${FRAME_MAX_BYTES} bytes`);
    }
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const settle = (outcome: Outcome): void => (outcome.ok ? resolve(outcome.data) : reject(outcome.error));
    this.#entries.set(id, { kind, json, bytes, answer: promise, settle });
    return promise;
  }

  succeed(id: string, data: unknown): void {
    this.#settle(id, { ok: true, data });
  }

  fail(id: string, error: ErrorBody): void {
    this.#settle(id, { ok: false, error: new ClientError(error) });
  }

  failAll(error: () => ClientError): void {
    for (const id of this.#entries.keys()) this.#settle(id, { ok: false, error: error() });
  }

  get commands(): UnacknowledgedCommand[] {
    const commands = [...this.#entries.values()].filter((entry) => entry.kind === "command");
    return commands.map((entry) => JSON.parse(entry.json) as UnacknowledgedCommand);
  }

  /** Frames that ask for everything that waits, or for `ids` of it; commands keep their order and share frames. */
  frames(ids: Iterable<string> = this.#entries.keys()): string[] {
    const entries = [...ids].flatMap((id) => this.#entries.get(id) ?? []);
    const queries = entries.filter((entry) => entry.kind === "query").map((entry) => frameOf("query", entry));
    return [...batchFrames(entries.filter((entry) => entry.kind === "command")), ...queries];
  }

  #settle(id: string, outcome: Outcome): void {
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    entry?.settle(outcome);
  }
}

function refusal(code: ErrorCode, message: string): ClientError {
  return new ClientError({ code, message, retryable: false });
}

function frameOf(kind: Kind, entry: Entry): string {
  return `{"type":"${kind}",${entry.json.slice(1)}`;
}

function batchFrames(commands: readonly Entry[]): string[] {
  const [only] = commands;
  if (only !== undefined && commands.length === 1) return [frameOf("command", only)];
  const frames: string[] = [];
  let batch: string[] = [];
  let bytes = BATCH_ENVELOPE_BYTES;
  const finish = (): void => {
    if (batch.length > 0) frames.push(`{"type":"batch","commands":[${batch.join(",")}]}`);
    batch = [];
    bytes = BATCH_ENVELOPE_BYTES;
  };
  for (const command of commands) {
    if (batch.length === BATCH_MAX_COMMANDS || bytes + command.bytes + 1 > BATCH_FRAME_MAX_BYTES) finish();
    batch.push(command.json);
    bytes += command.bytes + 1;
  }
  finish();
  return frames;
}
