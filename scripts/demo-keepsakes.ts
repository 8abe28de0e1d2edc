import type { QuestionCategory } from "../src/domain/questions/catalogue.ts";
import { ANSWERS, NOTES } from "./demo-keepsakes-texts.ts";
import { lampInWindow, sunsetOverRiver } from "./demo-pictures.ts";
import { MONTH_DAYS, type Known, type Month } from "./demo-steps.ts";

/** Yesterday's question is open, since both answered; Grace has answered today's already, and Ada cannot read it yet. */
export function answers(month: Month): void {
  const yesterday = month.date(MONTH_DAYS - 1);
  const today = month.date(MONTH_DAYS);
  for (const [who, time] of [
    ["grace", "13:20"],
    ["ada", "21:05"],
  ] as const) {
    const input = (known: Known) => ({ date: yesterday, text: answerTo(known(`question of ${yesterday}`), who) });
    month.add(who, [MONTH_DAYS - 1, time], "questions.answer", input, { question: yesterday });
  }
  // In New York it is still the evening before when the couple's new day begins in Lisbon.
  month.add("grace", [MONTH_DAYS - 1, "20:20"], "questions.answer", { date: today, text: ANSWERS.waiting });
}

function answerTo(category: string, who: "ada" | "grace"): string {
  return ANSWERS[who][category as QuestionCategory] ?? ANSWERS.waiting;
}

/** Notes of both, one of them private, and a picture from each. */
export function keepsakes(month: Month): void {
  const { recipe, letter, packing } = NOTES;
  month.add("grace", [24, "22:05"], "notes.write", { ...recipe, date: month.date(24) }, { key: "recipe" });
  month.add("ada", [18, "09:40"], "notes.write", { ...letter, date: month.date(17), private: true });
  month.add("ada", [29, "12:15"], "notes.write", { ...packing, date: month.date(29) });
  const river = sunsetOverRiver();
  const walk = { caption: "The river after the anniversary dinner", contentType: "image/png" } as const;
  month.add(
    "ada",
    [17, "23:40"],
    "photos.reserve",
    (known) => ({
      ...walk,
      sizeBytes: river.length,
      subject: { kind: "activity" as const, id: known("date night 17") },
    }),
    { picture: river },
  );
  const lamp = lampInWindow();
  const light = { caption: "I leave it on until you are asleep", contentType: "image/png" } as const;
  month.add("grace", [21, "22:50"], "photos.reserve", { ...light, sizeBytes: lamp.length }, { picture: lamp });
}

/** Ada is reminded of the question in the morning; Grace wants no word about goals. */
export function preferences(month: Month): void {
  month.add("ada", [0, "18:20"], "inbox.update_preferences", { hours: { question: 8 } });
  month.add("grace", [1, "08:10"], "inbox.update_preferences", { channels: { goals: { inbox: false } } });
}
