import * as z from "zod";
import { defineEvent } from "../events.ts";

export const questionAnswered = defineEvent(
  "question.answered",
  "A member answered the question of a day; what they wrote stays sealed until both have",
  z.strictObject({ date: z.string() }),
);

export const answerEdited = defineEvent(
  "question.answer_edited",
  "A member changed an answer that is still sealed; goes to all devices of that member",
  z.strictObject({ date: z.string(), version: z.int() }),
  { counted: false },
);

export const answersShown = defineEvent(
  "question.answers_shown",
  "Answers can be read by both now: the author showed one, or both have answered",
  z.strictObject({ date: z.string(), userIds: z.array(z.string()).min(1) }),
  { counted: false },
);
