import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { columnsOf, CONTENT, type ContentTable } from "../../src/domain/content.ts";
import type { TestCouple } from "../support/couple.ts";

export interface Seeds {
  /** Whose row, of which class: "private", "shared", "joint", or "sealed" or with "hidden notes" where there is such. */
  who: "a" | "b";
  kind: string;
  table: string;
  /** What its words are, each in its own column. */
  words: string[];
}

/** Of the facts that a table insists on. */
const FACTS: Readonly<Record<string, Record<string, string | number>>> = {
  daily_checkins: { connection_score: 7, mood_score: 6 },
  activities: { activity_type: "date_night", completed_date: "2026-05-02", photos: "[]", status: "completed" },
  shared_goals: { goal_type: "custom", target_count: 3, status: "active", start_date: "2026-05-01" },
  important_dates: { date_value: "2020-05-01", event_type: "custom", is_recurring: 0 },
  communication_log: { communication_type: "deep_talk", communication_date: "2026-05-01" },
  challenge_participation: { start_date: "2026-05-01", target_end_date: "2026-05-08", status: "completed" },
  challenge_entries: { entry_date: "2026-05-02", completion_status: 1 },
  daily_answers: { question_id: "memories_01" },
  notes: { note_date: "2026-05-01" },
  photos: { content_type: "image/jpeg", size_bytes: 9, status: "stored" },
};
const NO_WORDS = new Set(["photos"]);
const START = Date.UTC(2026, 4, 1);

function kindsOf({ table, belongs }: ContentTable): string[] {
  if (belongs === "joint") return ["private", "joint"];
  if (table === "daily_checkins") return ["private", "shared", "hidden notes"];
  return table === "daily_answers" ? ["private", "sealed", "shared"] : ["private", "shared"];
}

/**
 * Writes a row of every class of every table for `who`, past every rule, and returns them with their words, each of which
 * occurs once. @param markup follows each word
 */
export async function seedContent(
  couple: TestCouple,
  who: "a" | "b",
  kinds: (kind: string) => boolean,
  markup = "",
): Promise<Seeds[]> {
  const seeds: Seeds[] = [];
  const statements: [string, (string | number)[]][] = [];
  const userId = couple[who].userId;
  for (const [place, table] of CONTENT.entries()) {
    for (const [index, kind] of kindsOf(table).entries()) {
      if (!kinds(kind)) continue;
      const [key = "", author = ""] = [columnsOf(table, "key")[0], columnsOf(table, "author")[0]];
      const word = (column: string): string => `w${place}${who}${index}${column.replaceAll("_", "")}w${markup}`;
      const columns = columnsOf(table, "words").filter((column) => !NO_WORDS.has(column));
      const date = new Date(START + index * 86_400_000).toISOString().slice(0, 10);
      const idIn = (of: string, kindOf: string): string => `row-${of}-${who}-${kindOf.replace(" ", "-")}`;
      const id = idIn(table.table, kind);
      const row: Record<string, string | number> = {
        ...FACTS[table.table],
        ...Object.fromEntries(columns.map((column) => [column, word(column)])),
        id,
        [author]: userId,
        visibility: kind === "hidden notes" ? "shared" : kind,
        created_at: START,
        updated_at: START,
      };
      if (key !== "id") row[key] = date;
      if (table.table === "daily_checkins") row["notes_visibility"] = kind === "hidden notes" ? "private" : kind;
      if (table.table === "daily_answers") row["question_date"] = date;
      if (table.table === "photos") row["object_key"] = id;
      if (table.table === "challenge_participation") row["challenge_id"] = `challenge-${who}-${index}`;
      if (table.table === "challenge_entries") {
        row["participation_id"] = idIn("challenge_participation", kind === "shared" ? "joint" : kind);
      }
      const names = Object.keys(row);
      statements.push([
        `INSERT INTO ${table.table} (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`,
        Object.values(row),
      ]);
      seeds.push({ who, kind, table: table.table, words: columns.map(word) });
    }
  }
  await runInDurableObject(env.RELATIONSHIP.getByName(couple.relationshipId), (_, state) => {
    for (const [statement, binds] of statements) state.storage.sql.exec(statement, ...binds).toArray();
  });
  return seeds;
}
