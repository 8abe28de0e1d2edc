import { AppError } from "../../protocol/errors.ts";
import { defineCommand, defineQuery } from "../command.ts";
import type { MemberContext } from "../context.ts";
import { editTexts } from "../edits.ts";
import { notificationCreated, notify } from "../inbox/notify.ts";
import { decodeCursor, page } from "../paging.ts";
import { illegalTransition } from "../transitions.ts";
import type { Question } from "./catalogue.ts";
import { coupleToday, findOwnAnswer, readDay, readQuestion, toMine } from "./day.ts";
import { answerEdited, answersShown, questionAnswered } from "./events.ts";
import { readHistory } from "./history.ts";
import { requireOpenDate } from "./rules.ts";
import {
  answerInput,
  dayOutput,
  historyInput,
  historyPage,
  revealInput,
  TEXT_LIMITS,
  todayInput,
  type AnswerInput,
} from "./schema.ts";
import {
  findCoupleAnswer,
  insertAnswer,
  insertCoupleQuestion,
  listHistoryKeys,
  saveAnswer,
  unsealAnswer,
  type AnswerRow,
} from "./store.ts";

function requireQuestion(ctx: MemberContext, date: string, questionId: string | undefined): Question {
  const question = readQuestion(ctx, date, ctx.me.userId);
  if (question === null) throw new AppError("not_found", "There is no question on this day");
  if (questionId === undefined || questionId === question.id) return question;
  throw new AppError("conflict", "This day has another question");
}

function tellPartner(ctx: MemberContext, date: string, title: string, message: string): void {
  if (ctx.partner === null) return;
  const { userId } = ctx.partner;
  notify(ctx, { userId, type: "partner_activity", title, message, actionUrl: `/questions/${date}` });
}

function theirs(ctx: MemberContext, date: string): AnswerRow | null {
  return ctx.partner === null ? null : findCoupleAnswer(ctx.sql, ctx.partner.userId, date);
}

function newAnswer(ctx: MemberContext, date: string, questionId: string, text: string): AnswerRow {
  return {
    id: ctx.newId("answer"),
    userId: ctx.me.userId,
    date,
    questionId,
    text,
    visibility: ctx.solo ? "private" : "sealed",
    version: 1,
    textVersions: "{}",
    createdAt: ctx.now,
    updatedAt: ctx.now,
  };
}

function answerFirst(ctx: MemberContext, input: AnswerInput, date: string, question: Question): void {
  if (input.version !== undefined) throw new AppError("edit_conflict", "There is no answer to edit", { row: null });
  const row = newAnswer(ctx, date, question.id, input.text);
  insertAnswer(ctx.sql, row);
  ctx.emit(questionAnswered, { date });
  if (ctx.solo) return;
  insertCoupleQuestion(ctx.sql, date, question.id);
  const other = theirs(ctx, date);
  if (other === null) {
    tellPartner(ctx, date, "An answer is waiting", "Your partner answered the question of the day. Yours opens both.");
    return;
  }
  for (const { id } of [row, other]) unsealAnswer(ctx.sql, id);
  ctx.emit(answersShown, { date, userIds: [other.userId, row.userId] });
  tellPartner(ctx, date, "Both of you have answered", "Read what your partner wrote.");
}

function editAnswer(ctx: MemberContext, input: AnswerInput, before: AnswerRow): void {
  // What the other has answered to, or can have read, stays as it was.
  if (theirs(ctx, before.date) !== null) throw illegalTransition("both_answered");
  if (before.visibility === "shared") throw illegalTransition("shown");
  const { text, textVersions } = editTexts(before, input, TEXT_LIMITS, () => toMine(before));
  const row = saveAnswer(ctx.sql, { ...before, text: text ?? before.text, textVersions }, ctx.now);
  // When and how often somebody thinks again is their own business.
  ctx.emit(answerEdited, { date: row.date, version: row.version }, { to: ctx.me.userId });
}

const answer = defineCommand({
  name: "questions.answer",
  summary: "Answer the question of a day, or edit my answer while my partner cannot read it",
  input: answerInput,
  output: dayOutput,
  events: [questionAnswered, answerEdited, answersShown, notificationCreated],
  run(ctx, input) {
    const date = requireOpenDate(input.date, coupleToday(ctx));
    const question = requireQuestion(ctx, date, input.questionId);
    const before = findOwnAnswer(ctx, ctx.me.userId, date, question.id);
    if (before === null) answerFirst(ctx, input, date, question);
    else editAnswer(ctx, input, before);
    return readDay(ctx, date);
  },
});

const reveal = defineCommand({
  name: "questions.reveal",
  summary: "Let my partner read my answer before they have answered; cannot be undone, and the answer stays as it is",
  input: revealInput,
  output: dayOutput,
  events: [answersShown, notificationCreated],
  run(ctx, input) {
    const { date } = input;
    const mine = findCoupleAnswer(ctx.sql, ctx.me.userId, date);
    if (mine === null) throw new AppError("not_found", "You have no sealed answer on this day");
    if (mine.visibility === "shared") throw illegalTransition("shown");
    unsealAnswer(ctx.sql, mine.id);
    ctx.emit(answersShown, { date, userIds: [ctx.me.userId] });
    tellPartner(ctx, date, "An answer is open", "Your partner lets you read their answer already.");
    return readDay(ctx, date);
  },
});

const today = defineQuery({
  name: "questions.today",
  summary: "The question of the couple's day, my answer, and what I may know of my partner's",
  input: todayInput,
  output: dayOutput,
  run: (ctx, input) => readDay(ctx, requireOpenDate(input.date, coupleToday(ctx))),
});

const history = defineQuery({
  name: "questions.history",
  summary: "Answers that I may read, newest day first",
  input: historyInput,
  output: historyPage,
  run(ctx, input) {
    const key = decodeCursor(input.cursor, ["string", "string"]);
    const before = key === null ? null : { date: String(key[0]), questionId: String(key[1]) };
    const keys = listHistoryKeys(ctx.sql, ctx.me.userId, before, input.limit + 1);
    return page(
      readHistory(ctx, keys),
      input.limit,
      ({ date, question }) => [date, question.id],
      (entry) => entry,
    );
  },
});

export const operations = [answer, reveal, today, history];
