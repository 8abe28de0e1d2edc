import { DREAMS, FUTURE } from "./texts-ahead.ts";
import { EVERYDAY, FUN } from "./texts-daily.ts";
import { INTIMACY, SUPPORT } from "./texts-heart.ts";
import { GRATITUDE, MEMORIES } from "./texts-past.ts";
import { US, VALUES } from "./texts-together.ts";

const TEXTS = {
  memories: MEMORIES,
  dreams: DREAMS,
  everyday: EVERYDAY,
  gratitude: GRATITUDE,
  intimacy: INTIMACY,
  future: FUTURE,
  values: VALUES,
  fun: FUN,
  support: SUPPORT,
  us: US,
} as const;

export type QuestionCategory = keyof typeof TEXTS;

export interface Question {
  id: string;
  category: QuestionCategory;
  question: string;
}

export const QUESTION_CATEGORIES = Object.keys(TEXTS) as [QuestionCategory, ...QuestionCategory[]];

/** Every question of the day. There are more than a year has days, so that none has to come back within one. */
export const QUESTIONS: readonly Question[] = QUESTION_CATEGORIES.flatMap((category) =>
  TEXTS[category].map((question, index) => ({
    id: `${category}_${String(index + 1).padStart(2, "0")}`,
    category,
    question,
  })),
);

const byId = new Map(QUESTIONS.map((question) => [question.id, question]));

export function findQuestion(id: string): Question | null {
  return byId.get(id) ?? null;
}
