export type ChallengeCadence = "daily" | "weekly" | "monthly" | "milestone";
export type ChallengeDifficulty = "beginner" | "intermediate" | "advanced";
export type ChallengeCategory = "communication" | "intimacy" | "adventure" | "gratitude" | "quality_time" | "support";

/** A challenge that every couple may start. D1's `challenges` table is seeded from these entries. */
export interface ChallengeTemplate {
  id: string;
  name: string;
  description: string;
  /** Whether an entry counts for its day or for its week. */
  cadence: ChallengeCadence;
  days: number;
  difficulty: ChallengeDifficulty;
  category: ChallengeCategory;
  /** What to do, in order; each is a sentence or two for both partners. */
  instructions: readonly string[];
}

/** The order is the order of display. */
export const CHALLENGES: readonly ChallengeTemplate[] = [
  {
    id: "daily_gratitude_7",
    name: "Seven days of thank you",
    description:
      "Once a day for a week, tell your partner one thing you are grateful to them for. The smaller and more exact, the better.",
    cadence: "daily",
    days: 7,
    difficulty: "beginner",
    category: "gratitude",
    instructions: [
      "Look out for one thing that your partner did, said or simply was today.",
      "Say it to them, and say why it mattered to you. “You made tea before I asked” beats “you are great”.",
      "Write the sentence down here, so that you can both read the week again at its end.",
    ],
  },
  {
    id: "quality_time_30",
    name: "Half an hour, just us",
    description: "Thirty days with thirty minutes for each other every day, and every screen out of reach.",
    cadence: "daily",
    days: 30,
    difficulty: "intermediate",
    category: "quality_time",
    instructions: [
      "Agree in the morning when today's half hour will be.",
      "Put phones, televisions and laptops in another room; living apart, a call with nothing else open counts.",
      "Walk, cook, play, or sit and talk. There is no right way to spend it, only together.",
      "Note in a line what you did. A day that slipped by is no failure: pick it up tomorrow.",
    ],
  },
  {
    id: "date_night_weekly",
    name: "Four weeks of date nights",
    description:
      "One planned date a week for four weeks. You take turns: whoever plans decides, the other lets themselves be surprised.",
    cadence: "weekly",
    days: 28,
    difficulty: "intermediate",
    category: "adventure",
    instructions: [
      "Decide who plans the first and third date, and who the second and fourth.",
      "Fix day and hour by the start of the week, so that nothing else gets there first.",
      "It need not cost anything: a picnic on the carpet is a date when it is meant as one.",
      "Afterwards, each of you writes down a favourite moment.",
    ],
  },
  {
    id: "deep_conversations",
    name: "Questions that go deeper",
    description:
      "Two weeks, two long talks about what you dream of and what you hold dear. For evenings without a clock.",
    cadence: "weekly",
    days: 14,
    difficulty: "advanced",
    category: "communication",
    instructions: [
      "Find an hour without interruption, and agree that nothing has to be solved in it.",
      "First week, dreams. What would you regret never having tried? Where do you see us in ten years? What did you wish for as a child that still moves you?",
      "Second week, values. What did your family teach you about love, and what will you do otherwise? When did you last change your mind about something important? What must never be missing from our home?",
      "One asks, the other answers in full; then you swap. Asking back is welcome, arguing is not.",
      "Write down one thing that you did not know before.",
    ],
  },
  {
    id: "acts_of_service",
    name: "A helping hand a day",
    description: "For seven days, do one thing each day that makes your partner's life lighter, without being asked.",
    cadence: "daily",
    days: 7,
    difficulty: "beginner",
    category: "support",
    instructions: [
      "Notice what weighs on your partner today: an errand, a chore, a call that they put off.",
      "Take it off their hands without announcing it and without keeping score.",
      "If you are on the receiving end, a thank-you is all it needs.",
      "Record what you did; at the end of the week tell each other which one helped most.",
    ],
  },
  {
    id: "adventure_month",
    name: "A month of firsts",
    description: "Every week for four weeks, do something together that neither of you has done before.",
    cadence: "weekly",
    days: 28,
    difficulty: "intermediate",
    category: "adventure",
    instructions: [
      "Each of you writes five things that you have never done, from a new dish to a night under the stars.",
      "Draw one each week, and let chance have the last word.",
      "Do it together, even when it turns out badly; those make the best stories.",
      "Keep one sentence about how it was, and whether you would do it again.",
    ],
  },
  {
    id: "communication_boost",
    name: "Hear me, hear you",
    description: "Fourteen days of practising two habits of good talk: listening to the end, and speaking of yourself.",
    cadence: "daily",
    days: 14,
    difficulty: "intermediate",
    category: "communication",
    instructions: [
      "Take ten minutes. One of you speaks for five about the day, the other only listens.",
      "The listener says back what they heard, and asks “did I get that right?” before answering.",
      "When something bothers you, begin with “I”: what you felt, when, and what you would wish for. Leave out “you always”.",
      "Swap, then note what was easy today and what was not.",
    ],
  },
  {
    id: "intimacy_builder",
    name: "Closer every day",
    description:
      "Three weeks of small guided exercises in closeness, at a pace that both of you set. Either may say “not today”, and that is fine.",
    cadence: "daily",
    days: 21,
    difficulty: "advanced",
    category: "intimacy",
    instructions: [
      "Before you begin, tell each other what feels good, what does not, and which word means stop.",
      "First week, presence: look into each other's eyes for two minutes, or hold each other for a minute without speaking.",
      "Second week, touch: a slow hand, back or neck massage in turns; the one who receives says what they like.",
      "Third week, openness: share something tender each day, such as a memory of us, a wish or a worry.",
      "Write down how close you felt. Your words can stay private if you want them to.",
    ],
  },
];

const BY_ID: ReadonlyMap<string, ChallengeTemplate> = new Map(CHALLENGES.map((challenge) => [challenge.id, challenge]));

export function findChallenge(id: string): ChallengeTemplate | null {
  return BY_ID.get(id) ?? null;
}
