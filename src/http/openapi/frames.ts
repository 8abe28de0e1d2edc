import * as z from "zod";
import { listEventDefinitions } from "../../domain/event-catalogue.ts";
import { clientFrameSchema, serverFrameSchema, type ClientFrame, type ServerFrame } from "../../protocol/frames.ts";
import * as limits from "../../protocol/limits.ts";
import { CLOSE, PING, PONG, SOCKET_PROTOCOL } from "../../protocol/wire.ts";
import { listErrors } from "./errors.ts";
import { API_VERSION, jsonSchema, ref, type JsonSchema } from "./json-schema.ts";

type FrameTexts<Frame extends { type: string }> = Readonly<Record<Frame["type"], string>>;

const CLIENT_TEXTS: FrameTexts<ClientFrame> = {
  command: "Does one thing of the registry, at most once for its id. Answered by `result`",
  query: "Asks one thing of the registry. Answered by `result`",
  batch: "Up to 100 commands in one frame and one commit. Answered by `results`, one for each, in their order",
  sync: "Asks for what came after the cursors. Answered by `synced`",
  presence: "Asks who is there, at most every 30 seconds while somebody looks. Answered by `presence`",
};

const SERVER_TEXTS: FrameTexts<ServerFrame> = {
  ready: "The first frame: from here on nothing is missed. `resume` opens one later socket of the same session",
  synced: "What came after the cursors, or a snapshot when the log no longer reaches back",
  result: "The answer to a command or a query, sent after the commit; a refusal leaves nothing behind",
  results: "The answers to a batch",
  events: "News, to every other socket that may see them; each stream is numbered without a hole",
  presence: "Who is there, when somebody comes or goes or when asked",
  ended: "The last frame before a close with the same code, for clients whose network delays the close itself",
  error: "A frame was refused; the socket stays open unless a limit closes it",
};

const CLOSE_TEXTS: Readonly<Record<keyof typeof CLOSE, string>> = {
  goingAway: "The server goes; come back with back-off",
  policy: "Too many messages for too long; come back with back-off",
  tooBig: "A frame was larger than allowed",
  sessionEnded: "The session has ended; sign in again, do not come back by yourself",
  membershipEnded:
    "One of the two left, or this one never was a member: /api/relationships says what can still be read",
  clientTooOld: "This server speaks another protocol; update the client",
};

/** The socket's protocol as AsyncAPI 3.0, from the schemas that parse and hold the frames. */
export function asyncApiDocument(host: string): JsonSchema {
  const schemas = eventSchemas();
  const client = messages("client", clientFrameSchema, CLIENT_TEXTS, "input");
  const server = messages("server", serverFrameSchema, SERVER_TEXTS, "output");
  narrowEvents(server["server.events"], Object.keys(schemas));
  client["client.ping"] = bare(
    PING,
    "Every 12 seconds, so that presence is honest; answered without waking the server",
  );
  server["server.pong"] = bare(PONG, "The answer to ping");
  const operation = (action: string, names: string[], summary: string): JsonSchema => {
    const ofChannel = names.map((name) => ({ $ref: `#/channels/relationship/messages/${name}` }));
    return { action, channel: { $ref: "#/channels/relationship" }, summary, messages: ofChannel };
  };
  return {
    asyncapi: "3.0.0",
    info: { title: "Better Together, live", version: API_VERSION, description: DESCRIPTION },
    defaultContentType: "application/json",
    servers: { api: { host, protocol: host.startsWith("localhost") ? "ws" : "wss" } },
    channels: {
      relationship: {
        address: "/api/relationships/{id}/socket",
        description: "One socket of one member. Subprotocols offered: bt.v1 and ticket.<value> or resume.<value>",
        parameters: { id: { description: "The relationship" } },
        messages: Object.fromEntries(
          [...Object.keys(client), ...Object.keys(server)].map((name) => [name, ref("messages", name)]),
        ),
      },
    },
    operations: {
      receive: operation("receive", Object.keys(client), "What a client sends"),
      send: operation("send", Object.keys(server), "What the server sends"),
    },
    components: { schemas, messages: { ...client, ...server } },
    "x-close-codes": closeCodes(),
    "x-limits": shownLimits(),
    "x-errors": listErrors(),
    "x-protocol": SOCKET_PROTOCOL,
  };
}

const DESCRIPTION =
  "A ticket from POST /api/relationships/{id}/tickets opens the first socket; each `ready` hands out the token for the " +
  "next. Give the cursors `epoch`, `couple` and `own` in the query, and `ready` brings what was missed. A sequence that " +
  "is more than one ahead means that something was lost: send `sync`. Commands without an answer are sent again with " +
  "the same id. A newer server may send frames, fields and events that are not listed: pass them over.";

function messages(
  side: string,
  schema: z.ZodType,
  texts: Readonly<Record<string, string>>,
  io: "input" | "output",
): Record<string, JsonSchema> {
  const frames: Record<string, JsonSchema[]> = {};
  for (const frame of membersOf(schema)) {
    const type = typeOf(frame);
    frames[type] = [...(frames[type] ?? []), jsonSchema(frame, io)];
  }
  return Object.fromEntries(
    Object.entries(frames).map(([type, payloads]) => {
      const payload = payloads.length === 1 ? payloads[0] : { oneOf: payloads };
      return [`${side}.${type}`, { name: type, summary: texts[type] ?? "", payload }];
    }),
  );
}

function membersOf(schema: z.ZodType): z.ZodObject[] {
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => membersOf(option as z.ZodType));
  return schema instanceof z.ZodObject ? [schema] : [];
}

function typeOf(frame: z.ZodObject): string {
  const literal: unknown = frame.shape["type"];
  return literal instanceof z.ZodLiteral ? String(literal.value) : "";
}

/** One schema for each event of the log: its name and what its data says. */
function eventSchemas(): Record<string, JsonSchema> {
  return Object.fromEntries(
    listEventDefinitions().map(({ name, summary, data }) => [
      `event.${name}`,
      {
        type: "object",
        description: summary,
        required: ["stream", "seq", "name", "actorId", "occurredAt", "subjectId", "data"],
        properties: {
          stream: { enum: ["couple", "own"] },
          seq: { type: "integer", minimum: 1 },
          name: { const: name },
          actorId: { type: "string", description: "Who did it, or `system`" },
          occurredAt: { type: "integer", description: "Epoch milliseconds" },
          subjectId: { type: ["string", "null"], description: "What it is about" },
          data: jsonSchema(data, "output"),
        },
      },
    ]),
  );
}

function narrowEvents(message: JsonSchema | undefined, names: readonly string[]): void {
  if (message === undefined) return;
  message["payload"] = {
    type: "object",
    required: ["type", "events"],
    properties: {
      type: { const: "events" },
      events: { type: "array", items: { oneOf: names.map((name) => ref("schemas", name)) } },
    },
  };
}

function bare(text: string, summary: string): JsonSchema {
  return { name: text, summary, contentType: "text/plain", payload: { type: "string", const: text } };
}

function closeCodes(): { code: number; meaning: string }[] {
  return (Object.keys(CLOSE) as (keyof typeof CLOSE)[]).map((name) => ({
    code: CLOSE[name],
    meaning: CLOSE_TEXTS[name],
  }));
}

function shownLimits(): { limit: string; value: string }[] {
  const kib = (bytes: number): string => `${bytes / 1024} KiB`;
  const seconds = (ms: number): string => `${ms / 1_000} s`;
  return [
    { limit: "A frame", value: kib(limits.FRAME_MAX_BYTES) },
    { limit: "A batch frame", value: `${kib(limits.BATCH_FRAME_MAX_BYTES)}, ${limits.BATCH_MAX_COMMANDS} commands` },
    { limit: "Messages of a socket", value: "20 a second, 60 at once" },
    { limit: "Sockets of a member", value: String(limits.SOCKETS_PER_MEMBER) },
    { limit: "Life of a ticket", value: seconds(limits.TICKET_TTL_MS) },
    { limit: "Ping", value: `every ${seconds(limits.PING_INTERVAL_MS)}` },
    { limit: "Asking for presence", value: `every ${seconds(limits.PRESENCE_POLL_MS)}` },
  ];
}
