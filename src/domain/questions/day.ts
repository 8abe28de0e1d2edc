import { addDays, localDate } from "../calendar.ts";
import type { Context, MemberContext } from "../context.ts";
import type { Member } from "../couple.ts";
import { findQuestion, type Question } from "./catalogue.ts";
import { NO_REPEAT_DAYS, questionOf } from "./rules.ts";
import type { QuestionDay } from "./schema.ts";
import {
  findCoupleAnswer,
  findCoupleQuestionId,
  findPrivateAnswer,
  listCoupleQuestionIds,
  listPrivateQuestionIds,
  type AnswerRow,
} from "./store.ts";

/** The day whose question is today's, for both wherever they are. */
export function coupleToday(ctx: Context): string {
  return localDate(ctx.now, ctx.relationship.homeTimezone);
}

/**
 * The question of `date`. Alone, a person goes through an order of their own, and nothing of it is known to the couple
 * that they may become.
 */
export function readQuestion(ctx: Context, date: string, userId: string): Question | null {
  const [from, to] = [addDays(date, -NO_REPEAT_DAYS), addDays(date, NO_REPEAT_DAYS)];
  if (ctx.solo) {
    return questionOf(userId, date, new Set(listPrivateQuestionIds(ctx.sql, userId, from, to, date)));
  }
  const stored = findCoupleQuestionId(ctx.sql, date);
  if (stored !== null) return findQuestion(stored);
  return questionOf(ctx.relationship.id, date, new Set(listCoupleQuestionIds(ctx.sql, from, to, date)));
}

/** My own answer of that day, as a member of this couple or alone. */
export function findOwnAnswer(ctx: Context, userId: string, date: string, questionId: string): AnswerRow | null {
  return ctx.solo ? findPrivateAnswer(ctx.sql, userId, date, questionId) : findCoupleAnswer(ctx.sql, userId, date);
}

/** Whether `member` still has today's question to answer; what the evening's reminder asks. */
export function isQuestionOpen(ctx: Context, member: Pick<Member, "userId">, date = coupleToday(ctx)): boolean {
  const question = readQuestion(ctx, date, member.userId);
  return question !== null && findOwnAnswer(ctx, member.userId, date, question.id) === null;
}

type Mine = NonNullable<QuestionDay["mine"]>;

export function toMine({ text, version, visibility, createdAt, updatedAt }: AnswerRow): Mine {
  return { text, version, isShown: visibility === "shared", createdAt, updatedAt };
}

/** The partner's part as I may know it: that there is an answer, and its text once it is unsealed. */
function partnerOf(ctx: MemberContext, date: string): QuestionDay["partner"] {
  if (ctx.partner === null) return null;
  const theirs = findCoupleAnswer(ctx.sql, ctx.partner.userId, date);
  return { hasAnswered: theirs !== null, text: theirs?.visibility === "shared" ? theirs.text : null };
}

export function readDay(ctx: MemberContext, date: string): QuestionDay {
  const question = readQuestion(ctx, date, ctx.me.userId);
  const mine = question === null ? null : findOwnAnswer(ctx, ctx.me.userId, date, question.id);
  return { date, question, mine: mine === null ? null : toMine(mine), partner: partnerOf(ctx, date) };
}
