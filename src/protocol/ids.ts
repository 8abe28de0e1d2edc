import * as z from "zod";
import { uuidv7 } from "./uuid.ts";

export { uuidv7, uuidv7Time } from "./uuid.ts";

/** Prefixes say what an id names, so that a misplaced id is seen at once in a log or a request. */
export const ID_PREFIXES = {
  user: "usr",
  session: "ses",
  relationship: "rel",
  invitation: "inv",
  checkin: "chk",
  activity: "act",
  goal: "goal",
  date: "date",
  conversation: "conv",
  participation: "part",
  entry: "ent",
  award: "awd",
  notification: "ntf",
  point: "pt",
  answer: "ans",
  note: "note",
  photo: "pho",
  import: "imp",
  pause: "pau",
  recovery: "rcv",
  feed: "feed",
  mail: "mail",
  audit: "aud",
} as const;

export type IdKind = keyof typeof ID_PREFIXES;

export function newId(kind: IdKind, nowMs: number): string {
  return `${ID_PREFIXES[kind]}_${uuidv7(nowMs)}`;
}

/** The least id of `kind` that can be made at `nowMs` or later. */
export function firstIdAt(kind: IdKind, nowMs: number): string {
  const time = nowMs.toString(16).padStart(12, "0");
  return `${ID_PREFIXES[kind]}_${time.slice(0, 8)}-${time.slice(8)}`;
}

const UUID_V7 = "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";

/** Schema of an id of `kind`. */
export function idSchema(kind: IdKind): z.ZodString {
  return z
    .string()
    .regex(new RegExp(`^${ID_PREFIXES[kind]}_${UUID_V7}$`), `Expected an id that starts with ${ID_PREFIXES[kind]}_`);
}

export const relationshipIdSchema = idSchema("relationship");

/** Command ids are chosen by the client, so that a repeated request is known as the same one. */
const COMMAND_ID = new RegExp(`^${UUID_V7}$`);
export const commandIdSchema = z.string().regex(COMMAND_ID, "Expected a UUID version 7");

export function isCommandId(id: string): boolean {
  return COMMAND_ID.test(id);
}
