import * as z from "zod";

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
  mail: "mail",
  audit: "aud",
} as const;

export type IdKind = keyof typeof ID_PREFIXES;

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/**
 * A UUID version 7 (RFC 9562 section 5.7): 48 bits of `nowMs`, then random bits, so that ids sort by creation.
 * @param nowMs epoch milliseconds
 */
export function uuidv7(nowMs: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, Math.floor(nowMs / 2 ** 32));
  view.setUint32(2, nowMs % 2 ** 32);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  let text = "";
  for (let i = 0; i < 16; i++) {
    text += HEX[bytes[i] ?? 0];
    if (i === 3 || i === 5 || i === 7 || i === 9) text += "-";
  }
  return text;
}

/** Epoch milliseconds written into a UUIDv7. */
export function uuidv7Time(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

export function newId(kind: IdKind, nowMs: number): string {
  return `${ID_PREFIXES[kind]}_${uuidv7(nowMs)}`;
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
export const commandIdSchema = z.string().regex(new RegExp(`^${UUID_V7}$`), "Expected a UUID version 7");
