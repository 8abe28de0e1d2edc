import type { MemberContext } from "../context.ts";
import { findQuestion } from "./catalogue.ts";
import { toMine } from "./day.ts";
import type { HistoryEntry } from "./schema.ts";
import { listReadableAnswers, type HistoryKey } from "./store.ts";

/** One entry for each of `keys`, which are in order and of answers that I may read. */
export function readHistory(ctx: MemberContext, keys: readonly HistoryKey[]): HistoryEntry[] {
  const [newest, oldest] = [keys[0], keys.at(-1)];
  if (newest === undefined || oldest === undefined) return [];
  const rows = listReadableAnswers(ctx.sql, ctx.me.userId, oldest.date, newest.date);
  return keys.flatMap(({ date, questionId }) => {
    const question = findQuestion(questionId);
    if (question === null) return [];
    const there = rows.filter((row) => row.date === date && row.questionId === questionId);
    const own = there.filter(({ userId }) => userId === ctx.me.userId);
    // Of an answer from a time alone and one as a couple to the very same question, the newer says more.
    const mine = own.toSorted((a, b) => b.createdAt - a.createdAt)[0];
    const partner = there.find(({ userId }) => userId !== ctx.me.userId);
    return [{ date, question, mine: mine === undefined ? null : toMine(mine), partnerText: partner?.text ?? null }];
  });
}
