import * as z from "zod";
import { text } from "../../protocol/text.ts";
import { dateSchema, daysBetween, localDate } from "../calendar.ts";
import { ENTRY_WINDOW_DAYS } from "../checkins/rules.ts";
import { scoreSchema } from "../checkins/schema.ts";
import type { MemberContext } from "../context.ts";
import { issue, parsedRow, writtenOf, type ImportSession } from "./session.ts";
import { insertImportedCheckin, listMyCheckinDates, type ImportedCheckin } from "./store.ts";

const NOTE_MAX_CHARS = 500;
// A note of spaces says nothing.
const note = text(NOTE_MAX_CHARS)
  .nullable()
  .default(null)
  .transform((words) => (words?.trim() === "" ? null : words));
const score = scoreSchema.nullable().default(null);

/** One check-in of mine in a file. */
export const checkinShape = {
  date: dateSchema,
  connection: score,
  mood: score,
  satisfaction: score,
  gratitudeNote: note,
  supportNeeded: note,
  highlight: note,
  notesPrivate: z.boolean().default(false),
};
const checkinRow = z
  .strictObject(checkinShape)
  .refine(({ date: _date, notesPrivate: _private, ...said }) => Object.values(said).some((value) => value !== null), {
    message: "At least one score or note is needed",
    path: ["connection"],
  });

/**
 * Check-ins as of today: days that are there stay as they are, and what is older than the entry window counts for no
 * streak. With `isPrivate` the days before the partner came are mine alone; scores of later ones both see, as always.
 */
export function importCheckins(ctx: MemberContext, isPrivate: boolean): ImportSession {
  const known = new Set(listMyCheckinDates(ctx.sql, ctx.me.userId));
  const inFile = new Set<string>();
  const { partner } = ctx;
  const togetherSince = partner === null ? null : localDate(partner.joinedAt, ctx.me.timezone);
  const rows: ImportedCheckin[] = [];
  return {
    judge(value) {
      const parsed = parsedRow(checkinRow, value);
      if ("issues" in parsed) return parsed.issues;
      const { notesPrivate, ...row } = parsed.row;
      if (row.date > ctx.today) return issue("date", "Must not be in your future");
      if (inFile.has(row.date)) return issue("date", "The same date twice in the file");
      inFile.add(row.date);
      if (known.has(row.date)) return "skipped";
      const alone = togetherSince === null || (isPrivate && row.date < togetherSince);
      rows.push({
        ...row,
        id: ctx.newId("checkin"),
        userId: ctx.me.userId,
        visibility: alone ? "private" : "shared",
        notesVisibility: isPrivate || notesPrivate ? "private" : "shared",
        lateDays: daysBetween(row.date, ctx.today),
        now: ctx.now,
      });
      return "ok";
    },
    write(importId) {
      for (const row of rows) insertImportedCheckin(ctx.sql, row, importId);
      const counted = ctx.solo ? rows : rows.filter((row) => row.visibility === "shared");
      if (counted.length > 0) ctx.touch("checkin_days", "gratitude_dates");
      if (counted.some((row) => row.lateDays <= ENTRY_WINDOW_DAYS)) ctx.touch("couple_streak", "perfect_days");
      ctx.closedMonths.forget();
      return writtenOf(rows);
    },
  };
}
