import { messagesJson, isReader } from "../domain/events.ts";
import type { Dispatcher, Outcome } from "../domain/dispatch.ts";
import { errorText, log } from "../lib/log.ts";
import type { Actor } from "../protocol/actor.ts";
import { errorBody, type ErrorBody } from "../protocol/errors.ts";
import { clientFrameSchema, CLOSE, type ClientFrame } from "../protocol/frames.ts";
import { fieldIssues } from "../protocol/issues.ts";
import { BATCH_FRAME_MAX_BYTES, FRAME_MAX_BYTES } from "../protocol/limits.ts";
import type { CatchUp } from "./catch-up.ts";
import { internal } from "./replies.ts";
import type { Connection, Sockets } from "./sockets.ts";

const COMMANDS_PER_TOKEN = 20;
const SYNC_TOKENS = 4;

interface Parts {
  dispatcher: Dispatcher;
  sockets: Sockets;
  catchUp: CatchUp;
  relationshipId: () => string;
  /** Whether both are parted: then nobody learns whether the other is here. */
  isFrozen: () => boolean;
  /** Closes every socket of both and makes their tokens worthless. */
  closeSockets: () => void;
}

/** Turns frames into operations and operations into frames. Holds no rule of its own. */
export class FrameHandler {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Handles one message of `socket`; never throws, since others wait behind it. @returns whether something was written */
  handle(socket: WebSocket, message: string | ArrayBuffer, now: number): boolean {
    try {
      return this.#handle(socket, message, now);
    } catch (error) {
      log.error("frame_failed", { relationshipId: this.#parts.relationshipId(), error: errorText(error) });
      this.#refuse(socket, errorBody("internal", "Something went wrong on our side"));
      return false;
    }
  }

  #handle(socket: WebSocket, message: string | ArrayBuffer, now: number): boolean {
    const { sockets } = this.#parts;
    const connection = sockets.speaking(socket, now);
    if (connection === null) return false;
    const admission = sockets.admit(socket, connection, now);
    if (admission === "refused")
      this.#refuse(socket, errorBody("rate_limited", "Too many messages", { retryAfterSeconds: 1 }));
    if (admission !== "admitted") return false;
    const frame = this.#parse(socket, message);
    if (frame === null) return false;
    sockets.charge(connection, extraTokens(frame));
    return this.#run(socket, connection, frame, now);
  }

  #parse(socket: WebSocket, message: string | ArrayBuffer): ClientFrame | null {
    if (typeof message !== "string") {
      this.#refuse(socket, errorBody("invalid_frame", "Frames are JSON text, not binary"));
      return null;
    }
    const bytes = byteLength(message);
    if (bytes > BATCH_FRAME_MAX_BYTES) return this.#tooBig(socket, BATCH_FRAME_MAX_BYTES);
    const mayBeBig = message.startsWith('{"type":"batch"');
    if (bytes > FRAME_MAX_BYTES && !mayBeBig) return this.#tooBig(socket, FRAME_MAX_BYTES);
    let json: unknown;
    try {
      json = JSON.parse(message);
    } catch {
      // The parser's message quotes the frame, which may be somebody's words.
      this.#refuse(socket, errorBody("invalid_frame", "The frame is not JSON"));
      return null;
    }
    const parsed = clientFrameSchema.safeParse(json);
    if (!parsed.success) {
      const error = errorBody("invalid_frame", "The frame is not one of the protocol", {
        issues: fieldIssues(parsed.error),
      });
      this.#refuse(socket, error, idOf(json));
      return null;
    }
    if (bytes > FRAME_MAX_BYTES && parsed.data.type !== "batch") return this.#tooBig(socket, FRAME_MAX_BYTES);
    return parsed.data;
  }

  #run(socket: WebSocket, connection: Connection, frame: ClientFrame, now: number): boolean {
    const { sockets, catchUp } = this.#parts;
    const { actor } = connection;
    const { userId } = actor;
    switch (frame.type) {
      case "command":
      case "query": {
        const outcome = this.#dispatch(frame.type, frame, actor, now);
        sockets.send(socket, resultFrame(frame.id, outcome, userId));
        if (outcome.ok) sockets.broadcast(outcome.events, now, socket);
        if (closesSockets(outcome)) this.#parts.closeSockets();
        return frame.type === "command" && outcome.ok && !outcome.replayed;
      }
      case "batch": {
        const outcomes = frame.commands.map((command) => this.#dispatch("command", command, actor, now));
        const results = frame.commands.map(({ id }, index) => resultFrame(id, outcomes[index] as Outcome, userId));
        sockets.send(socket, `{"type":"results","results":[${results.join(",")}]}`);
        sockets.broadcast(
          outcomes.flatMap((outcome) => (outcome.ok ? outcome.events : [])),
          now,
          socket,
        );
        if (outcomes.some(closesSockets)) this.#parts.closeSockets();
        return outcomes.some((outcome) => outcome.ok && !outcome.replayed);
      }
      case "sync":
        sockets.send(socket, `{"type":"synced",${catchUp.fields(userId, frame.cursors, now)}}`);
        return false;
      case "presence":
        sockets.send(socket, this.#presenceFrame(now));
        return false;
    }
  }

  /** Tells every socket who is here. */
  announcePresence(now: number): void {
    const { sockets } = this.#parts;
    if (sockets.open.size === 0 || this.#parts.isFrozen()) return;
    const frame = this.#presenceFrame(now);
    for (const socket of sockets.open.keys()) sockets.send(socket, frame);
  }

  #presenceFrame(now: number): string {
    if (this.#parts.isFrozen()) return JSON.stringify({ type: "presence", members: [] });
    const present = this.#parts.sockets.present(now);
    const members = this.#parts.dispatcher.memberIds().map((userId) => ({ userId, online: present.has(userId) }));
    return JSON.stringify({ type: "presence", members });
  }

  #dispatch(
    kind: "command" | "query",
    frame: { id: string; name: string; input?: unknown },
    { userId, signedInAt }: Actor,
    now: number,
  ): Outcome {
    const { name, input } = frame;
    const commandId = kind === "command" ? frame.id : null;
    try {
      return this.#parts.dispatcher.dispatch({ kind, name, input, userId, signedInAt, commandId, now });
    } catch (error) {
      return internal(error, { relationshipId: this.#parts.relationshipId(), command: frame.name });
    }
  }

  #tooBig(socket: WebSocket, limit: number): null {
    this.#refuse(socket, errorBody("payload_too_large", `A frame has at most ${limit} bytes`));
    this.#parts.sockets.close(socket, CLOSE.tooBig, "frame too big");
    return null;
  }

  #refuse(socket: WebSocket, error: ErrorBody, id?: string): void {
    this.#parts.sockets.send(
      socket,
      JSON.stringify(id === undefined ? { type: "error", error } : { type: "error", id, error }),
    );
  }
}

function closesSockets(outcome: Outcome): boolean {
  return outcome.ok && outcome.closesSockets;
}

// A batch is worth a message for each twenty of its commands, a snapshot five.
function extraTokens(frame: ClientFrame): number {
  if (frame.type === "batch") return Math.floor(frame.commands.length / COMMANDS_PER_TOKEN);
  return frame.type === "sync" ? SYNC_TOKENS : 0;
}

function resultFrame(id: string, outcome: Outcome, userId: string): string {
  const head = `{"type":"result","id":${JSON.stringify(id)},"ok":${outcome.ok}`;
  if (!outcome.ok) return `${head},"error":${JSON.stringify(outcome.error)}}`;
  const events = outcome.events.filter((event) => isReader(event, userId));
  const tail = events.length === 0 ? "}" : `,"events":${messagesJson(events)}}`;
  return `${head},${outcome.json.slice(1, -1)}${tail}`;
}

function idOf(json: unknown): string | undefined {
  const id: unknown = typeof json === "object" && json !== null && "id" in json ? json.id : undefined;
  return typeof id === "string" && id.length >= 1 && id.length <= 64 ? id : undefined;
}

function byteLength(text: string): number {
  // A UTF-16 unit is at most three bytes, so that short frames need no counting.
  return text.length * 3 <= FRAME_MAX_BYTES ? text.length : new TextEncoder().encode(text).length;
}
