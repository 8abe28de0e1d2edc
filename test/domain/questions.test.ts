import { expect, it } from "vitest";
import { addDays } from "../../src/domain/calendar.ts";
import { findQuestion, QUESTION_CATEGORIES, QUESTIONS } from "../../src/domain/questions/catalogue.ts";
import { NO_REPEAT_DAYS, questionOf } from "../../src/domain/questions/rules.ts";
import type { HistoryEntry, QuestionDay } from "../../src/domain/questions/schema.ts";
import type { Page } from "../../src/domain/paging.ts";
import { newId } from "../../src/protocol/ids.ts";
import { createCouple, createSolo, join, NOON, type TestMember } from "../support/couple.ts";
import { eventsOf, rowsOf } from "../support/object.ts";

const day = (member: TestMember, date?: string, now = NOON) =>
  member.run<QuestionDay>("questions.today", date === undefined ? {} : { date }, { now });
const answer = (member: TestMember, text: string, more: object = {}, now = NOON) =>
  member.run<QuestionDay>("questions.answer", { text, ...more }, { now });
const history = async (member: TestMember, input: object = {}) =>
  (await member.run<Page<HistoryEntry>>("questions.history", input)).items;

it("has more questions than a year has days, each once, in ten even categories", () => {
  expect(QUESTIONS.length).toBeGreaterThan(NO_REPEAT_DAYS);
  expect(new Set(QUESTIONS.map(({ question }) => question.toLowerCase())).size).toBe(QUESTIONS.length);
  expect(new Set(QUESTIONS.map(({ id }) => id)).size).toBe(QUESTIONS.length);
  const sizes = QUESTION_CATEGORIES.map((each) => QUESTIONS.filter(({ category }) => category === each).length);
  expect(sizes).toEqual(Array.from({ length: 10 }, () => QUESTIONS.length / 10));
  expect(QUESTIONS.filter(({ question }) => !/^[A-Z][^\n]{14,118}\?$/.test(question))).toEqual([]);
});

it("repeats no question within 365 days, for two years of any couple, and orders them for each couple anew", () => {
  const orders = [NOON, NOON + 1].map((at) => {
    const seed = newId("relationship", at);
    const ids = Array.from(
      { length: 740 },
      (_, index) => questionOf(seed, addDays("2026-01-01", index), new Set())?.id,
    );
    const last = new Map<string | undefined, number>();
    ids.forEach((id, index) => {
      expect(index - (last.get(id) ?? -NO_REPEAT_DAYS - 1)).toBeGreaterThan(NO_REPEAT_DAYS);
      last.set(id, index);
    });
    return ids.slice(0, 30).join(" ");
  });
  expect(new Set(orders).size).toBe(2);
});

it("passes over what came up within the last year, and has none when everything did", () => {
  const seed = newId("relationship", NOON);
  const [first, second] = ["2026-06-15", "2026-06-16"].map((date) => questionOf(seed, date, new Set()));
  expect(questionOf(seed, "2026-06-15", new Set([String(first?.id)]))).toEqual(second);
  expect(questionOf(seed, "2026-06-15", new Set(QUESTIONS.map(({ id }) => id)))).toBeNull();
  expect(questionOf(seed, "1969-12-31", new Set())).not.toBeNull();
});

it("asks both the same on the couple's day, wherever they are, and keeps it once it is answered", async () => {
  const couple = await createCouple({ zones: ["Pacific/Auckland", "Pacific/Honolulu"], homeTimezone: "Europe/Lisbon" });
  const [asked, theirs] = [await day(couple.a), await day(couple.b)];
  expect(asked).toEqual({ ...theirs, date: "2026-06-15", mine: null, partner: { hasAnswered: false, text: null } });
  await answer(couple.a, "x");
  // As if the catalogue had grown since.
  await rowsOf(couple, "UPDATE daily_questions SET question_id = 'fun_01' RETURNING 1");
  expect((await day(couple.b)).question).toEqual(findQuestion("fun_01"));
  const refused = await couple.b.refused("questions.answer", { text: "y", questionId: asked.question?.id });
  expect(refused).toMatchObject({ code: "conflict" });
});

it("opens both answers with the second, and lets the first be edited until then", async () => {
  const couple = await createCouple();
  const { a, b } = couple;
  expect(await answer(a, "first")).toMatchObject({
    mine: { version: 1, isShown: false },
    partner: { hasAnswered: false },
  });
  expect(await day(b)).toMatchObject({ mine: null, partner: { hasAnswered: true, text: null } });
  const stale = { text: "on another phone", version: 2 };
  expect(await a.refused("questions.answer", stale)).toMatchObject({
    code: "edit_conflict",
    details: { row: { text: "first" } },
  });
  expect(await answer(a, "edited", { version: 1 })).toMatchObject({ mine: { text: "edited", version: 2 } });
  expect(await answer(b, "second")).toMatchObject({ mine: { isShown: true }, partner: { text: "edited" } });
  expect(await day(a)).toMatchObject({ mine: { text: "edited", isShown: true }, partner: { text: "second" } });
  for (const member of [a, b]) {
    expect(await member.refused("questions.answer", { text: "again", version: 1 })).toMatchObject({
      code: "illegal_transition",
      details: { current: "both_answered" },
    });
  }
  const names = (await eventsOf(couple))
    .filter(({ name }) => name.startsWith("question."))
    .map(({ name, stream }) => `${stream} ${name}`);
  expect(names.toSorted()).toEqual([
    "couple question.answered",
    "couple question.answered",
    "couple question.answers_shown",
    `${a.userId} question.answer_edited`,
  ]);
});

it("keeps both texts of two devices that answered from the same version", async () => {
  const { a } = await createCouple();
  await answer(a, "first");
  await answer(a, "from the phone", { version: 1 });
  const both = await answer(a, "from the tablet", { version: 1, keepBoth: true });
  expect(both.mine?.text).toBe("from the phone\n\nfrom the tablet");
});

it("shows an answer early when its author wants that, once, and stays open for the other", async () => {
  const { a, b } = await createCouple();
  expect(await a.refused("questions.reveal", { date: "2026-06-15" })).toMatchObject({ code: "not_found" });
  await answer(a, "mine");
  await a.run("questions.reveal", { date: "2026-06-15" });
  expect(await day(b)).toMatchObject({ mine: null, partner: { text: "mine" } });
  expect(await a.refused("questions.reveal", { date: "2026-06-15" })).toMatchObject({ code: "illegal_transition" });
  // What the other can have read is not rewritten behind their back.
  for (const edit of [{ version: 1 }, {}, { version: 1, keepBoth: true }]) {
    const refused = await a.refused("questions.answer", { text: "never said that", ...edit });
    expect(refused).toMatchObject({ code: "illegal_transition", details: { current: "shown" } });
  }
  expect(await day(b)).toMatchObject({ partner: { text: "mine" } });
  expect(await answer(b, "theirs")).toMatchObject({ mine: { isShown: true } });
  expect((await day(a)).partner?.text).toBe("theirs");
});

it("takes answers back to 30 days, never ahead, and names the date", async () => {
  const { a } = await createCouple();
  expect((await answer(a, "late", { date: "2026-05-16" })).date).toBe("2026-05-16");
  for (const date of ["2026-05-15", "2026-06-16"]) {
    const error = await a.refused("questions.answer", { text: "x", date });
    expect([error.code, error.details?.issues?.[0]?.path]).toEqual(["invalid_input", "date"]);
  }
});

it("pages through what I may read: mine, and my partner's only where it is open", async () => {
  const { a, b } = await createCouple();
  const dates = ["2026-06-13", "2026-06-14", "2026-06-15"];
  for (const date of dates) await answer(a, `a ${date}`, { date });
  await answer(b, "b", { date: "2026-06-14" });
  await a.run("questions.reveal", { date: "2026-06-13" });
  const shown = (entries: HistoryEntry[]) =>
    entries.map(({ date, mine, partnerText }) => [date, mine?.text ?? null, partnerText]);
  expect(shown(await history(b))).toEqual([
    ["2026-06-14", "b", "a 2026-06-14"],
    ["2026-06-13", null, "a 2026-06-13"],
  ]);
  const first = await a.run<Page<HistoryEntry>>("questions.history", { limit: 2 });
  expect(shown(first.items)).toEqual([
    ["2026-06-15", "a 2026-06-15", null],
    ["2026-06-14", "a 2026-06-14", "b"],
  ]);
  expect(shown(await history(a, { cursor: first.nextCursor }))).toEqual([["2026-06-13", "a 2026-06-13", null]]);
});

it("keeps what was answered alone private for ever, without a trace in the couple's questions", async () => {
  const [quiet, busy] = [await createSolo(), await createSolo()];
  const alone = await answer(busy.a, "alone");
  expect(alone).toMatchObject({ mine: { text: "alone", isShown: false }, partner: null });
  expect(await answer(busy.a, "alone, edited", { version: 1 })).toMatchObject({ mine: { version: 2 } });
  const [withNothing, withAnswer] = [await join(quiet, "UTC", NOON), await join(busy, "UTC", NOON)];
  // The couple begins as if nothing had been answered.
  for (const { b } of [withNothing, withAnswer]) {
    expect(await day(b)).toMatchObject({ mine: null, partner: { hasAnswered: false, text: null } });
    expect(await history(b)).toEqual([]);
  }
  expect((await day(withAnswer.b)).question).toEqual(questionOf(withAnswer.relationshipId, "2026-06-15", new Set()));
  await answer(withAnswer.a, "together");
  await answer(withAnswer.b, "too");
  expect((await history(withAnswer.b)).map(({ partnerText }) => partnerText)).toEqual(["together"]);
  const own = (await history(withAnswer.a)).map(({ mine }) => String(mine?.text));
  expect(own.toSorted()).toEqual(["alone, edited", "together"]);
});
