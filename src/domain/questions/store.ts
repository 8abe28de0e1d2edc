import type { Sql } from "../sql.ts";

export interface AnswerRow {
  id: string;
  userId: string;
  date: string;
  questionId: string;
  text: string;
  /** `sealed` until both have answered or its author shows it; `private` for what is answered alone. */
  visibility: "private" | "sealed" | "shared";
  version: number;
  textVersions: string;
  createdAt: number;
  updatedAt: number;
}

const COLUMNS = `id, user_id AS userId, question_date AS date, question_id AS questionId, answer AS text, visibility,
  row_version AS version, text_versions AS textVersions, created_at AS createdAt, updated_at AS updatedAt`;

/** The question that the couple has had since its first answer on `date`. */
export function findCoupleQuestionId(sql: Sql, date: string): string | null {
  const row = sql.first<{ id: string }>("SELECT question_id AS id FROM daily_questions WHERE question_date = ?", date);
  return row?.id ?? null;
}

export function insertCoupleQuestion(sql: Sql, date: string, questionId: string): void {
  sql.run(
    "INSERT INTO daily_questions (question_date, question_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
    date,
    questionId,
  );
}

/** Questions of the couple's days from `from` to `to`, but for `except`. */
export function listCoupleQuestionIds(sql: Sql, from: string, to: string, except: string): string[] {
  const rows = sql.all<{ id: string }>(
    `SELECT question_id AS id FROM daily_questions
     WHERE question_date BETWEEN ? AND ? AND question_date <> ?`,
    from,
    to,
    except,
  );
  return rows.map((row) => row.id);
}

/** Questions that `userId` answered alone from `from` to `to`, but for `except`. */
export function listPrivateQuestionIds(sql: Sql, userId: string, from: string, to: string, except: string): string[] {
  const rows = sql.all<{ id: string }>(
    `SELECT question_id AS id FROM daily_answers
     WHERE question_date BETWEEN ? AND ? AND question_date <> ? AND user_id = ? AND visibility = 'private'`,
    from,
    to,
    except,
    userId,
  );
  return rows.map((row) => row.id);
}

/** What `userId` answered to the couple's question of `date`, whoever asks: what of it may be shown is for the caller. */
export function findCoupleAnswer(sql: Sql, userId: string, date: string): AnswerRow | null {
  return sql.first<AnswerRow>(
    `SELECT ${COLUMNS} FROM daily_answers WHERE user_id = ? AND question_date = ? AND visibility <> 'private'`,
    userId,
    date,
  );
}

/** What `userId` answered alone. */
export function findPrivateAnswer(sql: Sql, userId: string, date: string, questionId: string): AnswerRow | null {
  return sql.first<AnswerRow>(
    `SELECT ${COLUMNS} FROM daily_answers
     WHERE question_date = ? AND question_id = ? AND user_id = ? AND visibility = 'private' ORDER BY id LIMIT 1`,
    date,
    questionId,
    userId,
  );
}

export function insertAnswer(sql: Sql, row: AnswerRow): void {
  sql.run(
    `INSERT INTO daily_answers (id, user_id, question_date, question_id, answer, visibility, row_version, text_versions,
       created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    row.id,
    row.userId,
    row.date,
    row.questionId,
    row.text,
    row.visibility,
    row.version,
    row.textVersions,
    row.createdAt,
    row.updatedAt,
  );
}

/** Writes the text of `changed` as the next version of it, and returns that. */
export function saveAnswer(sql: Sql, changed: AnswerRow, now: number): AnswerRow {
  const row = { ...changed, version: changed.version + 1, updatedAt: now };
  sql.run(
    "UPDATE daily_answers SET answer = ?, row_version = ?, text_versions = ?, updated_at = ? WHERE id = ?",
    row.text,
    row.version,
    row.textVersions,
    row.updatedAt,
    row.id,
  );
  return row;
}

/** Makes an answer readable for both. */
export function unsealAnswer(sql: Sql, id: string): void {
  sql.run("UPDATE daily_answers SET visibility = 'shared' WHERE id = ?", id);
}

export interface HistoryKey {
  date: string;
  questionId: string;
}

// Greater than every date and every id.
const AFTER_ALL: HistoryKey = { date: "~", questionId: "~" };

/** Days and questions of which `viewerId` may read an answer, the newest first. */
export function listHistoryKeys(sql: Sql, viewerId: string, before: HistoryKey | null, limit: number): HistoryKey[] {
  const { date, questionId } = before ?? AFTER_ALL;
  return sql.all<HistoryKey>(
    `SELECT DISTINCT question_date AS date, question_id AS questionId FROM daily_answers
     WHERE (question_date, question_id) < (?, ?) AND (user_id = ? OR visibility = 'shared')
     ORDER BY question_date DESC, question_id DESC LIMIT ?`,
    date,
    questionId,
    viewerId,
    limit,
  );
}

/** The answers from `from` to `to` that `viewerId` may read. */
export function listReadableAnswers(sql: Sql, viewerId: string, from: string, to: string): AnswerRow[] {
  return sql.all<AnswerRow>(
    `SELECT ${COLUMNS} FROM daily_answers
     WHERE question_date BETWEEN ? AND ? AND (user_id = ? OR visibility = 'shared')`,
    from,
    to,
    viewerId,
  );
}
