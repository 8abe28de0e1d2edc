import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { CONTENT, type ContentTable } from "../../src/domain/content.ts";
import { namesOf, type ContentRow } from "../../src/domain/parting/page-store.ts";
import { newId } from "../../src/protocol/ids.ts";
import { NOON } from "../support/couple.ts";
import { rowsOf } from "../support/object.ts";

/** What a row of each table needs beyond its key, its author and its class. */
const FILLING: Readonly<Record<string, ContentRow>> = {
  daily_checkins: { connection_score: 7, mood_score: 6, late_days: 0, notes_visibility: "shared" },
  activities: { activity_type: "date_night", status: "completed", completed_date: "2026-06-01", cost_cents: 1250 },
  shared_goals: {
    goal_type: "custom",
    target_count: 5,
    current_progress: 2,
    status: "active",
    start_date: "2026-05-01",
  },
  important_dates: { date_value: "2020-02-29", event_type: "anniversary", is_recurring: 1, leap_day: "mar_1" },
  communication_log: { communication_type: "deep_talk", communication_date: "2026-06-02", outcome: "positive" },
  challenge_participation: {
    challenge_id: "gratitude",
    start_date: "2026-06-01",
    target_end_date: "2026-07-01",
    status: "abandoned",
  },
  challenge_entries: { entry_date: "2026-06-03", completion_status: 1 },
  daily_answers: { question_date: "2026-06-04", question_id: "q1" },
  notes: { note_date: "2026-06-05" },
  photos: { content_type: "image/png", status: "stored" },
};

const WORDS: Readonly<Record<string, string>> = {
  daily_checkins: "gratitude_note",
  activities: "activity_name",
  shared_goals: "goal_name",
  important_dates: "event_name",
  communication_log: "topic",
  challenge_participation: "completion_notes",
  challenge_entries: "entry_content",
  daily_answers: "answer",
  notes: "body",
  photos: "caption",
};

const KINDS: Readonly<Record<string, Parameters<typeof newId>[0]>> = {
  daily_checkins: "checkin",
  activities: "activity",
  shared_goals: "goal",
  important_dates: "date",
  communication_log: "conversation",
  challenge_participation: "participation",
  challenge_entries: "entry",
  daily_answers: "answer",
  notes: "note",
  photos: "photo",
};

export interface SeededRow {
  table: string;
  author: string;
  visibility: string;
  /** Its own words, found nowhere else. */
  words: string;
  id: string;
}

interface Authors {
  mine: string;
  theirs: string;
}

let dates = 0;

/** A row of `author` with words of its own, ready for `insertRows`. */
export function contentRow(table: ContentTable, author: string, visibility: string, more: ContentRow = {}): ContentRow {
  const names = namesOf(table);
  const id = newId(KINDS[table.table] ?? "note", NOON);
  dates += 1;
  return {
    id,
    ...FILLING[table.table],
    ...(names.key === "checkin_date" && { checkin_date: dayOf(dates) }),
    [names.author]: author,
    visibility,
    [WORDS[table.table] ?? ""]: `${table.table} of ${author}, ${visibility}, ${id}`,
    created_at: NOON,
    updated_at: NOON,
    ...more,
  };
}

function dayOf(number: number): string {
  return new Date(Date.UTC(2024, 0, number)).toISOString().slice(0, 10);
}

/** Puts rows into an object past every rule. */
export async function insertRows(relationshipId: string, rows: readonly [string, ContentRow][]): Promise<void> {
  await runInDurableObject(env.RELATIONSHIP.getByName(relationshipId), (_, state) => {
    for (const [table, row] of rows) {
      const columns = Object.keys(row);
      state.storage.sql
        .exec(
          `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
          ...Object.values(row),
        )
        .toArray();
    }
  });
}

const FILE = new Uint8Array([137, 80, 78, 71, 1, 2, 3]);

/** One row of each class by each author in every table that members write, with references and files. */
export async function seedEverything(relationshipId: string, { mine, theirs }: Authors): Promise<SeededRow[]> {
  const rows: [string, ContentRow][] = [];
  const seeded: SeededRow[] = [];
  for (const table of CONTENT) {
    for (const author of [mine, theirs]) {
      for (const visibility of ["private", table.belongs === "own" ? "shared" : "joint"]) {
        const row = contentRow(table, author, visibility);
        if (table.table === "activities")
          Object.assign(row, { satisfaction_rating_user1: 8, satisfaction_rating_user2: 3 });
        if (table.table === "challenge_entries") {
          row["participation_id"] = idOf(
            seeded,
            "challenge_participation",
            author,
            visibility === "shared" ? "joint" : "private",
          );
        }
        if (table.table === "photos") {
          const objectKey = `relationships/${relationshipId}/${row["id"]}`;
          const note = idOf(seeded, "notes", author, visibility);
          Object.assign(row, {
            object_key: objectKey,
            size_bytes: FILE.length,
            subject_kind: "note",
            subject_id: note,
          });
          await env.FILES.put(objectKey, FILE, { httpMetadata: { contentType: "image/png" } });
        }
        rows.push([table.table, row]);
        const words = String(row[WORDS[table.table] ?? ""]);
        seeded.push({ table: table.table, author, visibility, words, id: String(row["id"]) });
      }
    }
  }
  await insertRows(relationshipId, rows);
  return seeded;
}

export function idOf(seeded: readonly SeededRow[], table: string, author: string, visibility: string): string {
  const row = seeded.find((one) => one.table === table && one.author === author && one.visibility === visibility);
  if (row === undefined) throw new Error(`no ${visibility} row of ${author} in ${table}`);
  return row.id;
}

/** Every row that members wrote, by table, in the order of its key. */
export async function contentOf(relationshipId: string, author?: string): Promise<Record<string, ContentRow[]>> {
  const content: Record<string, ContentRow[]> = {};
  for (const table of CONTENT) {
    const names = namesOf(table);
    const columns = Object.keys(table.columns).join(", ");
    const all = await rowsOf<ContentRow>(
      { relationshipId },
      `SELECT ${columns} FROM ${table.table} ORDER BY ${names.key}`,
    );
    content[table.table] = author === undefined ? all : all.filter((row) => row[names.author] === author);
  }
  return content;
}

export async function filesOf(relationshipId: string): Promise<string[]> {
  const { objects } = await env.FILES.list({ prefix: `relationships/${relationshipId}/` });
  return objects.map(({ key }) => key);
}
