import * as z from "zod";
import { achievementSchema, pointsPage } from "../domain/achievements/schema.ts";
import { columnsOf, CONTENT, type ContentTable } from "../domain/content.ts";
import { exportedColumns } from "../domain/export/rows.ts";
import { importSchema } from "../domain/imports/schema.ts";
import { notificationSchema } from "../domain/inbox/schema.ts";
import { preferencesSchema } from "../domain/inbox/preferences.ts";
import { streaksSchema } from "../domain/insights/schema.ts";
import { memberSchema, relationshipSchema } from "../domain/membership/schema.ts";

export const EXPORT_FORMAT = "better-together-export";
/** Grows when a field goes or changes its meaning; a new field or table leaves it as it is. */
export const EXPORT_VERSION = 1;

/** Table by table: what its rows are, and what of the other member's is among them. */
export const TABLE_NOTES: Readonly<Record<string, string>> = {
  daily_checkins:
    "A day's check-in by either member, scores from 1 to 10; of the other's, notes only where they were shared",
  activities: "What was planned and done together; ratings by the member in slot 1 and in slot 2",
  shared_goals: "Goals and how far they came",
  important_dates: "Dates that matter, with how they come back",
  communication_log: "Conversations that either member recorded",
  challenge_participation: "Challenges that were taken up; challenge_id names one of the catalogue",
  challenge_entries: "What either member entered for a challenge on a day",
  daily_answers: "Answers to the question of a day; the other's only when both had answered",
  notes: "Notes, one's own and those that the other shared",
  photos: "What is known of photos; their bytes are fetched one by one by an address of photos.address",
};

const value = z.union([z.string(), z.number(), z.null()]);

function tableSchema(table: ContentTable): z.ZodType {
  const author = columnsOf(table, "author");
  const shape = Object.fromEntries(
    exportedColumns(table).map((column) => [column, author.includes(column) ? z.string() : value.optional()]),
  );
  return z.array(z.strictObject(shape)).describe(TABLE_NOTES[table.table] ?? table.table);
}

const text = z.string().nullable();

/**
 * One person's data of one relationship: their own in full, what belongs to both, and of the other's what was shared with
 * them. Times are epoch milliseconds, dates `YYYY-MM-DD`. A row of the other member has neither its times nor how private
 * it is. An author who has left is `former_member`. The bytes of photos are not in here: they are fetched one by one, each
 * by the address that `photos.address` gives for it.
 */
export const exportSchema = z.strictObject({
  format: z.literal(EXPORT_FORMAT),
  version: z.literal(EXPORT_VERSION),
  exportedAt: z.int(),
  userId: z.string().describe("Whose export this is"),
  account: z
    .strictObject({
      id: z.string(),
      email: z.string(),
      name: z.string(),
      nickname: text,
      profile_photo_url: text,
      phone_number: text,
      timezone: z.string(),
      love_language_primary: text,
      love_language_secondary: text,
      role: z.string(),
      created_at: z.string(),
    })
    .nullable(),
  relationship: relationshipSchema,
  members: z.array(memberSchema),
  streaks: streaksSchema
    .extend({ hidden: z.boolean().describe("I asked not to be shown streaks; they are in here all the same") })
    .describe("As they stand, with the longest ever"),
  achievements: z.array(achievementSchema).describe("Those that are earned"),
  points: pointsPage.describe("The balance, and the newest entries of the ledger"),
  preferences: preferencesSchema.extend({ timezone: z.string() }),
  appDays: z.array(z.string()).describe("Days on which I opened the app, as far back as they are kept"),
  imports: z.array(importSchema).describe("What I brought in from files"),
  calendarFeeds: z
    .array(z.strictObject({ createdAt: z.int(), revokedAt: z.int().nullable() }))
    .describe("Calendar addresses that I made, without what opens them"),
  tables: z.strictObject(Object.fromEntries(CONTENT.map((table) => [table.table, tableSchema(table)]))),
  inbox: z
    .array(notificationSchema.extend({ archivedAt: z.int().nullable() }))
    .describe("My notifications, newest first, also those that I put away"),
});
