import * as z from "zod";
import { requiredText } from "../../protocol/text.ts";
import { dateSchema } from "../calendar.ts";
import { editInput } from "../edits.ts";
import { pageInput, pageOf } from "../paging.ts";
import { QUESTION_CATEGORIES } from "./catalogue.ts";

/** How long an answer may be. */
export const TEXT_LIMITS = { text: 2_000 } as const;

export const questionSchema = z.strictObject({
  id: z.string(),
  category: z.enum(QUESTION_CATEGORIES),
  question: z.string(),
});

const answerSchema = z.strictObject({
  text: z.string(),
  version: z.int(),
  isShown: z.boolean().describe("Whether my partner can read it"),
  createdAt: z.int(),
  updatedAt: z.int(),
});

export const dayOutput = z.strictObject({
  date: z.string().describe("The couple's day, by the home time zone"),
  question: questionSchema.nullable().describe("Null when every question came up within the last year"),
  mine: answerSchema.nullable(),
  partner: z
    .strictObject({
      hasAnswered: z.boolean(),
      text: z.string().nullable().describe("Null until both have answered, or until my partner shows it"),
    })
    .nullable()
    .describe("Null while I am alone"),
});
export type QuestionDay = z.output<typeof dayOutput>;

const date = dateSchema.describe("The couple's day; default today, back to 30 days").optional();

export const todayInput = z.strictObject({ date });

export const answerInput = z.strictObject({
  date,
  questionId: z.string().max(64).optional().describe("The question that I read; refused when the day has another one"),
  text: requiredText(TEXT_LIMITS.text),
  version: editInput.version.optional().describe("Of my answer that this edits; absent for the first"),
  keepBoth: editInput.keepBoth,
});
export type AnswerInput = z.output<typeof answerInput>;

export const revealInput = z.strictObject({ date: dateSchema.describe("The couple's day") });

export const historyInput = z.strictObject(pageInput);
export const historyPage = pageOf(
  z.strictObject({
    date: z.string(),
    question: questionSchema,
    mine: answerSchema.nullable(),
    partnerText: z.string().nullable(),
  }),
);
export type HistoryEntry = z.output<typeof historyPage>["items"][number];
