import * as z from "zod";
import { BATCH_MAX_COMMANDS } from "./limits.ts";
import { SOCKET_PROTOCOL } from "./wire.ts";

export { CLOSE, PING, PONG, SOCKET_PROTOCOL } from "./wire.ts";

const requestId = z.string().min(1).max(64);
const operationName = z.string().min(1).max(64);

/** How far a client has read each of its two streams, and in which epoch of the object. */
export const cursorsSchema = z.strictObject({
  epoch: z.int().nonnegative(),
  couple: z.int().nonnegative(),
  own: z.int().nonnegative(),
});
export type Cursors = z.infer<typeof cursorsSchema>;

const command = z.strictObject({
  type: z.literal("command"),
  /** UUIDv7; the same id again is the same command. */
  id: requestId,
  name: operationName,
  input: z.unknown().optional(),
});

const query = z.strictObject({
  type: z.literal("query"),
  id: requestId,
  name: operationName,
  input: z.unknown().optional(),
});

const batch = z.strictObject({
  type: z.literal("batch"),
  commands: z
    .array(command.omit({ type: true }))
    .min(1)
    .max(BATCH_MAX_COMMANDS),
});

const sync = z.strictObject({ type: z.literal("sync"), cursors: cursorsSchema });
const presence = z.strictObject({ type: z.literal("presence") });

/** Everything a client may send, besides the bare text `ping`. */
export const clientFrameSchema = z.discriminatedUnion("type", [command, query, batch, sync, presence]);
export type ClientFrame = z.infer<typeof clientFrameSchema>;

const eventMessage = z.strictObject({
  stream: z.enum(["couple", "own"]),
  seq: z.int().positive(),
  name: z.string(),
  actorId: z.string(),
  occurredAt: z.int(),
  subjectId: z.string().nullable(),
  data: z.unknown(),
});
export type EventMessage = z.infer<typeof eventMessage>;

const streamHeads = z.strictObject({ couple: z.int(), own: z.int() });

const error = z.strictObject({
  code: z.string(),
  message: z.string(),
  details: z.record(z.string(), z.unknown()).optional(),
  retryable: z.boolean(),
});

const succeeded = z.strictObject({
  type: z.literal("result"),
  id: requestId,
  ok: z.literal(true),
  data: z.unknown(),
  cursors: streamHeads,
  /** What the command wrote to the streams that its sender reads; absent when the command was a repeated one. */
  events: z.array(eventMessage).optional(),
});
const failed = z.strictObject({ type: z.literal("result"), id: requestId, ok: z.literal(false), error });
const result = z.union([succeeded, failed]);

const catchUp = {
  cursors: cursorsSchema,
  /** What was missed, oldest first; absent when a snapshot takes its place. */
  events: z.array(eventMessage).optional(),
  snapshot: z.unknown().optional(),
};

/** Everything the object sends, besides the bare text `pong`. */
export const serverFrameSchema = z.union([
  /** The first frame: from here on nothing is missed. `resume` opens one later socket of the same session. */
  z.strictObject({
    type: z.literal("ready"),
    protocol: z.literal(SOCKET_PROTOCOL),
    userId: z.string(),
    serverTime: z.int(),
    resume: z.string(),
    ...catchUp,
  }),
  z.strictObject({ type: z.literal("synced"), ...catchUp }),
  result,
  z.strictObject({ type: z.literal("results"), results: z.array(result) }),
  z.strictObject({ type: z.literal("events"), events: z.array(eventMessage) }),
  z.strictObject({
    type: z.literal("presence"),
    members: z.array(z.strictObject({ userId: z.string(), online: z.boolean() })),
  }),
  z.strictObject({ type: z.literal("error"), id: requestId.optional(), error }),
  // The last frame before a close that is for good: some networks hold the close itself back for seconds.
  z.strictObject({ type: z.literal("ended"), code: z.int(), reason: z.string() }),
]);
export type ServerFrame = z.infer<typeof serverFrameSchema>;
