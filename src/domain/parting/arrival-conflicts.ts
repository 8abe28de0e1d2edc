import { assert } from "../../lib/assert.ts";
import { columnsOf, CONTENT, type ContentTable } from "../content.ts";
import type { Context } from "../context.ts";
import type { SqlValue } from "../sql.ts";
import { fillFacts, findAuthorOf, findInPlace, insertArrival } from "./arrival-store.ts";
import { derivedId } from "./derived-id.ts";
import type { ContentRow } from "./page-store.ts";

/** Tables in which an author has one row in a place: what arrives for a place that is taken cannot stand beside it. */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  daily_checkins: ["user_id", "checkin_date"],
  challenge_entries: ["participation_id", "user_id", "entry_date"],
};

/** What a person said there, and how a note calls it. */
const SAID: Readonly<Record<string, string>> = {
  connection_score: "Connection",
  mood_score: "Mood",
  relationship_satisfaction: "Satisfaction",
  gratitude_note: "Grateful for",
  support_needed: "Support needed",
  highlight_of_day: "Highlight of the day",
  entry_content: "Challenge entry",
  reflection: "Reflection",
};

const DATE_COLUMNS = ["checkin_date", "entry_date"] as const;

/**
 * Two rows in one place, such as two check-ins of one date: the one that is here stays, since the partner may have seen
 * it, and whatever the arriving one says beyond it becomes a private note of its author. So no word is lost, and no
 * private word ends up in a row that somebody else reads.
 * @returns whether there was a row, so that `row` must not be inserted
 */
export function keepBeside(ctx: Context, table: ContentTable, row: ContentRow, authorId: string): boolean {
  const place = PLACES[table.table];
  const present = place === undefined ? null : findInPlace(ctx.sql, table, row, place);
  if (place === undefined || present === null) return false;
  if (present["id"] === row["id"]) return true;
  if (present["visibility"] === "private") {
    const facts = columnsOf(table, "fact").filter((column) => column in SAID && present[column] === null);
    const missing = Object.fromEntries(facts.map((column) => [column, row[column] ?? null]));
    if (Object.values(missing).some((value) => value !== null)) {
      fillFacts(ctx.sql, table, row, place, missing);
      Object.assign(present, missing);
    }
  }
  const lines = Object.entries(SAID).flatMap(([column, label]) => {
    const said = row[column] ?? null;
    return said === null || includes(present[column] ?? null, said) ? [] : [`${label}: ${said}`];
  });
  if (lines.length > 0) writeNote(ctx, row, authorId, lines.join("\n\n"));
  return true;
}

function includes(present: SqlValue, said: SqlValue): boolean {
  if (typeof present === "string" && typeof said === "string") return present.includes(said);
  return present === said;
}

function writeNote(ctx: Context, row: ContentRow, authorId: string, body: string): void {
  const notes = CONTENT.find(({ table }) => table === "notes");
  assert(notes !== undefined, "notes are content");
  const date = DATE_COLUMNS.map((column) => row[column]).find((value) => typeof value === "string") ?? "";
  const id = derivedId(String(row["id"]), authorId, "note");
  if (findAuthorOf(ctx.sql, notes, id) !== null) return;
  insertArrival(ctx.sql, notes, {
    id,
    user_id: authorId,
    note_date: date,
    title: `Also written on ${date}`,
    body,
    visibility: "private",
    row_version: 1,
    created_at: row["created_at"] ?? ctx.now,
    updated_at: ctx.now,
  });
}
