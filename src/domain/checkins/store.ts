import type { Sql } from "../sql.ts";
import { ENTRY_WINDOW_DAYS } from "./rules.ts";
import type { Checkin } from "./schema.ts";
import type { Pause } from "./streaks.ts";

type Visibility = "private" | "shared";

export interface CheckinRow {
  id: string;
  userId: string;
  date: string;
  connection: number | null;
  mood: number | null;
  satisfaction: number | null;
  gratitudeNote: string | null;
  supportNeeded: string | null;
  highlight: string | null;
  visibility: Visibility;
  notesVisibility: Visibility;
  lateDays: number;
  version: number;
  createdAt: number;
  updatedAt: number;
}

/** Which fields an edit replaces, as bits of `UpsertCheckin.sent`. */
export const SENT = {
  connection: 1,
  mood: 2,
  satisfaction: 4,
  gratitudeNote: 8,
  supportNeeded: 16,
  highlight: 32,
  notesPrivate: 64,
} as const;

/** In the order of their bits in `SENT`. */
const NOTE_FIELDS = ["gratitudeNote", "supportNeeded", "highlight"] as const;

export interface UpsertCheckin extends Omit<CheckinRow, "version" | "createdAt" | "updatedAt"> {
  sent: number;
  now: number;
  partnerId: string | null;
  /** The edit names no version: it changes nothing where it would replace a note that is there. */
  isBlind: boolean;
}

export interface UpsertedRow {
  id: string;
  version: number;
  lateDays: number;
  visibility: Visibility;
  notesVisibility: Visibility;
  isEmpty: 0 | 1;
  hasGratitude: 0 | 1;
  partnerDone: 0 | 1;
}

/**
 * Inserts or edits the one row of (member, date), and answers in the same statement what the command has to know about
 * it: a check-in is the most frequent command, so nothing is read before. No row: a blind edit would lose a note.
 */
const UPSERT = `INSERT INTO daily_checkins
    (id, user_id, checkin_date, connection_score, mood_score, relationship_satisfaction, gratitude_note, support_needed,
     highlight_of_day, visibility, notes_visibility, late_days, created_at, updated_at)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13)
  ON CONFLICT (user_id, checkin_date) DO UPDATE SET
    connection_score = iif(?14 & 1, excluded.connection_score, connection_score),
    mood_score = iif(?14 & 2, excluded.mood_score, mood_score),
    relationship_satisfaction = iif(?14 & 4, excluded.relationship_satisfaction, relationship_satisfaction),
    gratitude_note = iif(?14 & 8, excluded.gratitude_note, gratitude_note),
    support_needed = iif(?14 & 16, excluded.support_needed, support_needed),
    highlight_of_day = iif(?14 & 32, excluded.highlight_of_day, highlight_of_day),
    notes_visibility = iif(?14 & 64, excluded.notes_visibility, notes_visibility),
    text_versions = iif(?14 & 56, json_patch(text_versions, replace(?16, '"new"', row_version + 1)), text_versions),
    row_version = row_version + 1,
    updated_at = excluded.updated_at
  WHERE NOT ?17 OR NOT (
    (?14 & 8 AND gratitude_note IS NOT NULL AND gratitude_note IS NOT excluded.gratitude_note)
    OR (?14 & 16 AND support_needed IS NOT NULL AND support_needed IS NOT excluded.support_needed)
    OR (?14 & 32 AND highlight_of_day IS NOT NULL AND highlight_of_day IS NOT excluded.highlight_of_day))
  RETURNING id, row_version AS version, late_days AS lateDays, visibility, notes_visibility AS notesVisibility,
    COALESCE(connection_score, mood_score, relationship_satisfaction, gratitude_note, support_needed,
      highlight_of_day) IS NULL AS isEmpty,
    gratitude_note IS NOT NULL AS hasGratitude,
    EXISTS (SELECT 1 FROM daily_checkins AS other
      WHERE other.user_id = ?15 AND other.checkin_date = ?3 AND other.visibility = 'shared') AS partnerDone`;

export function upsertCheckin(sql: Sql, row: UpsertCheckin): UpsertedRow | null {
  return sql.first<UpsertedRow>(
    UPSERT,
    row.id,
    row.userId,
    row.date,
    row.connection,
    row.mood,
    row.satisfaction,
    row.gratitudeNote,
    row.supportNeeded,
    row.highlight,
    row.visibility,
    row.notesVisibility,
    row.lateDays,
    row.now,
    row.sent,
    row.partnerId,
    TEXTS_SENT[(row.sent >> 3) & 7] ?? "{}",
    row.isBlind ? 1 : 0,
  );
}

/** For each combination of the three notes' bits: a patch that says which of them are new. */
const TEXTS_SENT = Array.from({ length: 8 }, (_, bits) => {
  const fields = NOTE_FIELDS.filter((_field, index) => (bits & (1 << index)) !== 0);
  return JSON.stringify(Object.fromEntries(fields.map((field) => [field, "new"])));
});

const COLUMNS = `id, user_id AS userId, checkin_date AS date, connection_score AS connection, mood_score AS mood,
  relationship_satisfaction AS satisfaction, gratitude_note AS gratitudeNote, support_needed AS supportNeeded,
  highlight_of_day AS highlight, visibility, notes_visibility AS notesVisibility, late_days AS lateDays,
  row_version AS version, created_at AS createdAt, updated_at AS updatedAt`;

/** After every date and every id that a row can have. */
const BEFORE_ALL = ["9999-12-31", "\u{10ffff}"] as const;

export interface CheckinFilter {
  from?: string | undefined;
  to?: string | undefined;
  userId?: string | undefined;
  /** The (date, user id) of the last row already seen. */
  after?: readonly [string, string] | null;
}

/** Check-ins that `viewerId` may see, newest date first. */
export function listCheckins(sql: Sql, viewerId: string, limit: number, filter: CheckinFilter = {}): CheckinRow[] {
  const from = filter.from ?? "";
  const [date, userId] = filter.after ?? BEFORE_ALL;
  // The cursor's date bounds the range that is read; the row value only parts the two rows of that date.
  const to = filter.to === undefined || filter.to > date ? date : filter.to;
  if (filter.userId !== undefined) {
    return sql.all<CheckinRow>(
      `SELECT ${COLUMNS} FROM daily_checkins
       WHERE user_id = ? AND checkin_date BETWEEN ? AND ? AND (checkin_date, user_id) < (?, ?)
         AND (visibility <> 'private' OR user_id = ?)
       ORDER BY checkin_date DESC LIMIT ?`,
      filter.userId,
      from,
      to,
      date,
      userId,
      viewerId,
      limit,
    );
  }
  return sql.all<CheckinRow>(
    `SELECT ${COLUMNS} FROM daily_checkins
     WHERE checkin_date BETWEEN ? AND ? AND (checkin_date, user_id) < (?, ?)
       AND (visibility <> 'private' OR user_id = ?)
     ORDER BY checkin_date DESC, user_id DESC LIMIT ?`,
    from,
    to,
    date,
    userId,
    viewerId,
    limit,
  );
}

/** What `viewerId` may see of the check-ins of one date, one row a member. */
export function listCheckinsOn(sql: Sql, viewerId: string, date: string): CheckinRow[] {
  return sql.all<CheckinRow>(
    `SELECT ${COLUMNS} FROM daily_checkins WHERE checkin_date = ? AND (visibility <> 'private' OR user_id = ?)`,
    date,
    viewerId,
  );
}

/** A member's own check-in of a date, and at which version each of its notes was last changed (JSON). */
export function findOwnCheckin(sql: Sql, userId: string, date: string): (CheckinRow & { textVersions: string }) | null {
  return sql.first(
    `SELECT ${COLUMNS}, text_versions AS textVersions FROM daily_checkins WHERE user_id = ? AND checkin_date = ?`,
    userId,
    date,
  );
}

/** Shows a check-in to both. */
export function shareCheckin(sql: Sql, row: CheckinRow, notesVisibility: Visibility, now: number): void {
  sql.run(
    `UPDATE daily_checkins SET visibility = 'shared', notes_visibility = ?, row_version = row_version + 1, updated_at = ?
     WHERE user_id = ? AND checkin_date = ?`,
    notesVisibility,
    now,
    row.userId,
    row.date,
  );
}

/** Whether `userId` wants to be shown streaks. */
export function saveStreaksHidden(sql: Sql, userId: string, hidden: boolean): void {
  sql.run("UPDATE members SET hidden_streaks = ? WHERE user_id = ?", hidden ? 1 : 0, userId);
}

/**
 * A row as `viewerId` sees it: private notes are their author's, and so is every trace of them. When it was last edited
 * the partner never learns, or the answer would differ where there are private notes.
 */
export function toCheckin(row: CheckinRow, viewerId: string): Checkin {
  const own = row.userId === viewerId;
  const hidden = !own && row.notesVisibility === "private";
  return {
    id: row.id,
    userId: row.userId,
    date: row.date,
    connection: row.connection,
    mood: row.mood,
    satisfaction: row.satisfaction,
    gratitudeNote: hidden ? null : row.gratitudeNote,
    supportNeeded: hidden ? null : row.supportNeeded,
    highlight: hidden ? null : row.highlight,
    isPrivate: row.visibility === "private",
    notesPrivate: own ? row.notesVisibility === "private" : null,
    lateDays: row.lateDays,
    createdAt: row.createdAt,
    updatedAt: own ? row.updatedAt : null,
    version: own ? row.version : null,
  };
}

/** One member's counted days of one month; bit 0 is the first of the month. */
export interface MonthRow {
  userId: string;
  /** Months since year 0. */
  month: number;
  shared: number;
  private: number;
}

/** Days that count for streaks, from `fromDate` to `toDate`, a row for each member and month. */
export function listCountedMonths(sql: Sql, fromDate: string, toDate: string): MonthRow[] {
  return sql.all<MonthRow>(
    `SELECT user_id AS userId,
       CAST(substr(checkin_date, 1, 4) AS INTEGER) * 12 + CAST(substr(checkin_date, 6, 2) AS INTEGER) - 1 AS month,
       SUM(iif(visibility = 'shared', 1 << CAST(substr(checkin_date, 9, 2) AS INTEGER) - 1, 0)) AS shared,
       SUM(iif(visibility = 'private', 1 << CAST(substr(checkin_date, 9, 2) AS INTEGER) - 1, 0)) AS private
     FROM daily_checkins
     WHERE checkin_date BETWEEN ? AND ? AND late_days <= ?
     GROUP BY 1, 2`,
    fromDate,
    toDate,
    ENTRY_WINDOW_DAYS,
  );
}

/** The relationship's pauses, the oldest first. */
export function listPauses(sql: Sql): Pause[] {
  return sql.all<Pause>('SELECT from_date AS "from", to_date AS "to" FROM relationship_pauses ORDER BY from_date');
}

/** The date of the first check-in, or null. */
export function findFirstDate(sql: Sql): string | null {
  return sql.first<{ date: string | null }>("SELECT MIN(checkin_date) AS date FROM daily_checkins")?.date ?? null;
}

/** Distinct dates with a check-in that the couple may count, at most `atMost`. Newest first: old private rows are not met. */
export function countCheckinDates(sql: Sql, solo: boolean, atMost: number): number {
  return counted(
    sql.first(
      `SELECT COUNT(*) AS count FROM (SELECT DISTINCT checkin_date FROM daily_checkins
         WHERE visibility <> 'private' OR ? ORDER BY checkin_date DESC LIMIT ?)`,
      solo ? 1 : 0,
      atMost,
    ),
  );
}

/** Distinct dates with a gratitude note that the couple may count, at most `atMost`. */
export function countGratitudeDates(sql: Sql, solo: boolean, atMost: number): number {
  return counted(
    sql.first(
      `SELECT COUNT(*) AS count FROM (SELECT DISTINCT checkin_date FROM daily_checkins
         WHERE gratitude_note IS NOT NULL AND ((visibility <> 'private' AND notes_visibility <> 'private') OR ?)
         ORDER BY checkin_date DESC LIMIT ?)`,
      solo ? 1 : 0,
      atMost,
    ),
  );
}

function counted(row: { count: number } | null): number {
  return row?.count ?? 0;
}
