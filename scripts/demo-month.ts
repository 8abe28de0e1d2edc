import type { InputOf } from "../src/client/operations.ts";
import { addDays } from "../src/domain/calendar.ts";
import { answers, keepsakes, preferences } from "./demo-keepsakes.ts";
import { ADA, GRACE, LISTENING, THANKS, type Diary } from "./demo-month-texts.ts";
import { Month, MONTH_DAYS, type Step, type Who } from "./demo-steps.ts";

/** When the two of them paired, by the calendar of Lisbon. */
export const PAIRED_AT = "18:00";

/**
 * Thirty days in the life of the demo couple, in the order in which they happened. Some badges are earned, some are one
 * step away: four of five date nights are done, and the fifth is planned for today.
 * @param startDate the day on which they paired
 */
export function demoMonth(startDate: string): Step[] {
  const month = new Month(startDate);
  profile(month);
  checkins(month, "ada", ADA);
  checkins(month, "grace", GRACE);
  activities(month);
  goals(month);
  challenge(month, { challengeId: "daily_gratitude_7", firstDay: 2, ada: THANKS.ada, grace: THANKS.grace });
  challenge(month, { challengeId: "communication_boost", firstDay: 21, ada: LISTENING.ada, grace: LISTENING.grace });
  conversations(month);
  answers(month);
  keepsakes(month);
  preferences(month);
  inboxes(month);
  return month.steps.toSorted((a, b) => a.at - b.at);
}

const EVENING: Readonly<Record<Who, string>> = { ada: "21:4", grace: "21:1" };

// A few minutes earlier or later every day, as people are.
function evening(who: Who, day: number): string {
  return `${EVENING[who]}${(day * 7) % 10}`;
}

function checkins(month: Month, who: Who, diary: Diary): void {
  for (let day = 0; day < MONTH_DAYS; day++) {
    const connection = score(diary.connection, day);
    const mood = score(diary.mood, day);
    const satisfaction = score(diary.satisfaction, day);
    if (connection === null || mood === null || satisfaction === null) continue;
    const input = { date: month.date(day), connection, mood, satisfaction, ...diary.notes[day] };
    month.add(who, [day, evening(who, day)], "checkins.submit", input);
  }
}

function score(scores: string, day: number): number | null {
  const sign = scores[day];
  if (sign === undefined || sign === ".") return null;
  return sign === "X" ? 10 : Number(sign);
}

function profile(month: Month): void {
  const together = yearsBefore(month.date(17), 3);
  // Their thousandth day is nine days ahead.
  const startDate = addDays(month.date(MONTH_DAYS), 9 - 1_000);
  const about = { version: 1, relationshipType: "partnership", startDate, anniversaryDate: together } as const;
  month.add("ada", [0, "18:04"], "membership.update_profile", about);
  const anniversary = { name: "The day we met", type: "anniversary", date: together, reminderDaysBefore: 7 } as const;
  month.add("ada", [0, "18:07"], "dates.add", anniversary);
  const birthday = { name: "Grace's birthday", type: "birthday", date: yearsBefore(month.date(46), 31) } as const;
  month.add("ada", [1, "09:12"], "dates.add", { ...birthday, description: "No surprise parties. She means it." });
  const move = { name: "Grace moves to Lisbon", type: "milestone", date: month.date(94), repeats: "none" } as const;
  month.add("grace", [13, "16:45"], "dates.add", move);
  const wedding = { name: "Grace's parents' wedding day", type: "anniversary", date: "1984-02-29" } as const;
  month.add("grace", [2, "20:10"], "dates.add", { ...wedding, leapDay: "mar_1", reminderDaysBefore: 14 });
  const call = { name: "Call with both families", type: "custom", date: month.date(18) } as const;
  month.add("ada", [12, "19:00"], "dates.add", { ...call, repeats: "weeks", every: 2, reminderDaysBefore: 1 });
}

function yearsBefore(date: string, years: number): string {
  const [year = "", month = "", day = ""] = date.split("-");
  return `${Number(year) - years}-${month}-${month === "02" && day === "29" ? "28" : day}`;
}

function activities(month: Month): void {
  const dateNights = [
    { day: 3, name: "Film night, same film, two sofas", rating: [8, 9], location: "Two living rooms" },
    { day: 10, name: "Candle-light call", rating: [5, 6], location: "Kitchen tables" },
    {
      day: 17,
      name: "Anniversary dinner",
      rating: [10, 10],
      location: "The place with seven tables",
      costCents: 7_400,
    },
    { day: 24, name: "One recipe, two kitchens", rating: [8, 9], location: "Two kitchens", costCents: 2_150 },
  ];
  for (const { day, name, rating, ...about } of dateNights) {
    const [adas, graces] = rating;
    const key = `date night ${day}`;
    const cost = about.costCents === undefined ? {} : { currency: "EUR" };
    const plan = { name, type: "date_night", plannedDate: month.date(day), ...about, ...cost } as const;
    month.add("ada", [day - 2, "12:30"], "activities.plan", plan, { key });
    month.add("ada", [day, "23:20"], "activities.complete", (known) => ({ id: known(key), rating: adas }));
    month.add("grace", [day, "21:05"], "activities.rate", (known) => ({ id: known(key), rating: graces ?? 8 }));
  }
  const castle = { name: "Up to the castle", type: "adventure", durationMinutes: 240, rating: 9 } as const;
  month.add("grace", [6, "19:10"], "activities.log", castle);
  const paintings = { name: "Dutch paintings, read aloud", type: "learning", durationMinutes: 90, rating: 8 } as const;
  month.add("ada", [20, "20:00"], "activities.log", paintings);
  const run = { name: "Eight kilometres, together on the phone", type: "exercise", durationMinutes: 55 } as const;
  month.add("grace", [27, "18:20"], "activities.log", run);
  const picnic = { name: "Picnic in the park", type: "quality_time", plannedDate: month.date(23) } as const;
  month.add("grace", [19, "13:00"], "activities.plan", picnic, { key: "picnic" });
  month.add("grace", [22, "20:30"], "activities.cancel", (known) => ({ id: known("picnic") }));
  const tonight = {
    name: "Ask me anything, with tea",
    type: "date_night",
    plannedDate: month.date(MONTH_DAYS),
  } as const;
  month.add("grace", [28, "12:40"], "activities.plan", { ...tonight, description: "Ten questions each. No phones." });
  const dancing = { name: "First dance class", type: "learning", plannedDate: month.date(37) } as const;
  month.add("ada", [28, "19:00"], "activities.plan", { ...dancing, location: "The studio by the market" });
}

function goals(month: Month): void {
  const dishes = { name: "Twelve dishes we have never cooked", type: "custom", targetCount: 12 } as const;
  month.add("ada", [1, "20:00"], "goals.create", dishes, { key: "dishes" });
  for (const [day, who] of [
    [3, "ada"],
    [5, "grace"],
    [9, "ada"],
    [14, "grace"],
    [18, "ada"],
    [24, "grace"],
    [28, "ada"],
  ] as const) {
    month.add(who, [day, "20:45"], "goals.add_progress", (known) => ({ id: known("dishes"), delta: 1 }));
  }
  const evenings = { name: "Eight evenings without screens", type: "monthly", targetCount: 8 } as const;
  const until = month.date(MONTH_DAYS);
  month.add("grace", [2, "19:00"], "goals.create", { ...evenings, targetDate: until }, { key: "evenings" });
  for (const [day, who] of [
    [4, "ada"],
    [7, "grace"],
    [14, "ada"],
    [15, "grace"],
    [18, "ada"],
    [20, "grace"],
    [23, "ada"],
    [26, "grace"],
  ] as const) {
    month.add(who, [day, "20:50"], "goals.add_progress", (known) => ({ id: known("evenings"), delta: 1 }));
  }
  const papers = {
    name: "Papers for the move",
    description: "Visa, lease, the cat",
    type: "milestone",
    targetCount: 5,
  } as const;
  month.add("grace", [13, "16:50"], "goals.create", papers, { key: "papers" });
  month.add("grace", [25, "11:15"], "goals.add_progress", (known) => ({ id: known("papers"), delta: 2 }));
}

interface PlayedChallenge {
  challengeId: "daily_gratitude_7" | "communication_boost";
  firstDay: number;
  ada: readonly (string | null)[];
  grace: readonly (string | null)[];
}

function challenge(month: Month, { challengeId, firstDay, ada, grace }: PlayedChallenge): void {
  const startDate = month.date(firstDay);
  month.add("ada", [firstDay, "08:30"], "challenges.start", { challengeId, startDate }, { key: challengeId });
  const write = (who: Who, texts: readonly (string | null)[]): void => {
    for (const [index, content] of texts.entries()) {
      const date = month.date(firstDay + index);
      if (content === null) continue;
      month.add(who, [firstDay + index, "20:55"], "challenges.log_entry", (known) => {
        return { participationId: known(challengeId), date, completed: true, content };
      });
    }
  };
  write("ada", ada);
  write("grace", grace);
}

function conversations(month: Month): void {
  const log = (who: Who, day: number, about: InputOf<"conversations.log">): void => {
    const key = `conversation ${day}`;
    month.add(who, [day, "19:30"], "conversations.log", { date: month.date(day), ...about }, { key });
  };
  log("ada", 4, { type: "deep_talk", topic: "What home means to us", outcome: "positive", durationMinutes: 70 });
  const move = { topic: "Who moves, and when", outcome: "needs_follow_up", durationMinutes: 45 } as const;
  log("grace", 9, { type: "planning", ...move, followUpDate: month.date(13) });
  log("ada", 13, {
    type: "conflict_resolution",
    topic: "The move, said properly",
    outcome: "positive",
    durationMinutes: 95,
  });
  month.add("ada", [13, "21:30"], "conversations.follow_up_done", (known) => {
    return { id: known("conversation 9"), outcome: "positive" as const };
  });
  log("grace", 18, { type: "appreciation", topic: "After the anniversary", outcome: "positive", durationMinutes: 20 });
  log("grace", 20, { type: "deep_talk", topic: "Children, or not, or later", outcome: "neutral", durationMinutes: 60 });
  log("ada", 23, { type: "deep_talk", topic: "My father", outcome: "positive", durationMinutes: 50 });
  const money = { topic: "One account or two", outcome: "needs_follow_up", durationMinutes: 35 } as const;
  log("grace", 26, { type: "deep_talk", ...money, followUpDate: month.date(33) });
}

function inboxes(month: Month): void {
  for (const day of [5, 14, 21, 29]) month.add("ada", [day, "22:10"], "inbox.mark_all_read", {});
  for (const day of [7, 16, 23, 28]) month.add("grace", [day, "22:30"], "inbox.mark_all_read", {});
}
