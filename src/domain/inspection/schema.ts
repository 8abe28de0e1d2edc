import * as z from "zod";
import { requiredText } from "../../protocol/text.ts";
import { CONTENT } from "../content.ts";
import { RELATIONSHIP_STATUSES } from "../membership/rules.ts";

const epochMs = z.int().describe("Epoch milliseconds");

export const ROWS_AT_MOST = 20;

/** Which table's newest rows to show, if any. */
export const inspectInput = z.strictObject({
  table: z.enum(CONTENT.map(({ table }) => table)).optional(),
  limit: z.int().min(1).max(ROWS_AT_MOST).default(5),
});

const cell = z.union([z.string(), z.number(), z.null()]);

export const inspectionSchema = z.strictObject({
  relationshipId: z.string(),
  schemaVersion: z.int(),
  status: z.enum(RELATIONSHIP_STATUSES),
  statusVersion: z.int(),
  membershipVersion: z.int(),
  epoch: z.int(),
  createdAt: epochMs,
  lastFlushAt: epochMs.nullable(),
  databaseBytes: z.int(),
  openSockets: z.int(),
  members: z.array(
    z.strictObject({ userId: z.string(), slot: z.int(), joinedAt: epochMs, leftAt: epochMs.nullable() }),
  ),
  schedule: z.array(
    z.strictObject({
      kind: z.string(),
      key: z.string().describe("Of each id only its kind and its last four characters"),
      dueAt: epochMs,
      attempts: z.int(),
      lastError: z.string().nullable().describe("What kind of error, without its message"),
      parkedAt: epochMs.nullable(),
    }),
  ),
  commands: z
    .array(
      z.strictObject({
        memberId: z.string(),
        at: epochMs,
        events: z.array(z.string()).describe("Names of what it led to, as far as the log still has them"),
      }),
    )
    .describe("The last fifty, newest first; never their input"),
  tables: z.array(z.strictObject({ table: z.string(), rows: z.int() })),
  waitingForFlush: z.array(z.strictObject({ table: z.string(), rows: z.int() })),
  absorptions: z.array(
    z.strictObject({
      sourceId: z.string(),
      userId: z.string(),
      rowsTaken: z.int(),
      createdAt: epochMs,
      finishedAt: epochMs.nullable(),
    }),
  ),
  rows: z
    .array(z.record(z.string(), cell))
    .nullable()
    .describe("Of the table that was asked for: every text is masked, and of a private row everything but its keeping"),
});
export type Inspection = z.output<typeof inspectionSchema>;

/** What an operator sends: also why they look, in words that the members will read. */
export const inspectionBody = inspectInput.extend({
  reason: requiredText(500).min(10, "At least 10 characters").describe("The members can read it"),
});

/** What members see of the looks at their relationship: not who looked. */
export const looksAnswer = z.strictObject({
  looks: z.array(
    z.strictObject({
      relationshipId: z.string(),
      at: epochMs,
      role: z.enum(["user", "support", "finance", "admin", "system"]),
      reason: z.string(),
    }),
  ),
});
