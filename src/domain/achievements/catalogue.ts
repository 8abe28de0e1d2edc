/** What an achievement can count. Each metric is a number of the couple that only counts what both may see. */
export type Metric =
  | "checkin_days"
  | "couple_streak"
  | "goals_created"
  | "goals_completed"
  | "date_nights_completed"
  | "challenges_started"
  | "challenges_completed"
  | "deep_talks"
  | "anniversaries_celebrated"
  | "perfect_days"
  | "activity_types_completed"
  | "gratitude_dates";

export type AchievementType = "milestone" | "streak" | "completion" | "special";
export type AchievementCategory =
  | "communication"
  | "activities"
  | "goals"
  | "challenges"
  | "consistency"
  | "milestone"
  | "gratitude";

/** Awarded once per couple, when the metric reaches or jumps past the threshold. */
export interface AchievementRule {
  metric: Metric;
  threshold: number;
  scope: "couple";
}

/** D1's `achievements` table is seeded from these entries. */
export interface Achievement {
  id: string;
  name: string;
  description: string;
  type: AchievementType;
  category: AchievementCategory;
  points: number;
  rule: AchievementRule;
}

/** The order is the order of display; together they are worth 835 points. */
export const ACHIEVEMENTS: readonly Achievement[] = [
  {
    id: "first_checkin",
    name: "Hello, us",
    description: "You checked in for the first time. Every long story has a first line.",
    type: "milestone",
    category: "consistency",
    points: 10,
    rule: { metric: "checkin_days", threshold: 1, scope: "couple" },
  },
  {
    id: "week_streak",
    name: "Seven in a row",
    description: "Both of you checked in on seven days, one after the other.",
    type: "streak",
    category: "consistency",
    points: 25,
    rule: { metric: "couple_streak", threshold: 7, scope: "couple" },
  },
  {
    id: "month_streak",
    name: "A month hand in hand",
    description: "Thirty days of checking in together. This is a habit now.",
    type: "streak",
    category: "consistency",
    points: 100,
    rule: { metric: "couple_streak", threshold: 30, scope: "couple" },
  },
  {
    id: "goal_setter",
    name: "Eyes on the horizon",
    description: "You set your first shared goal.",
    type: "milestone",
    category: "goals",
    points: 15,
    rule: { metric: "goals_created", threshold: 1, scope: "couple" },
  },
  {
    id: "goal_achiever",
    name: "Said and done",
    description: "You reached a goal that you had set together.",
    type: "completion",
    category: "goals",
    points: 50,
    rule: { metric: "goals_completed", threshold: 1, scope: "couple" },
  },
  {
    id: "date_planner",
    name: "Table for two",
    description: "Five date nights, planned and enjoyed.",
    type: "milestone",
    category: "activities",
    points: 75,
    rule: { metric: "date_nights_completed", threshold: 5, scope: "couple" },
  },
  {
    id: "challenge_starter",
    name: "Challenge accepted",
    description: "You started your first challenge together.",
    type: "milestone",
    category: "challenges",
    points: 20,
    rule: { metric: "challenges_started", threshold: 1, scope: "couple" },
  },
  {
    id: "challenge_finisher",
    name: "Across the line together",
    description: "You finished a challenge, both of you, to the last day.",
    type: "completion",
    category: "challenges",
    points: 100,
    rule: { metric: "challenges_completed", threshold: 1, scope: "couple" },
  },
  {
    id: "communicator",
    name: "Ten good talks",
    description: "Ten deep conversations, and surely more to say.",
    type: "milestone",
    category: "communication",
    points: 60,
    rule: { metric: "deep_talks", threshold: 10, scope: "couple" },
  },
  {
    id: "anniversary_keeper",
    name: "A day to remember",
    description: "You celebrated one of your important dates with something done together.",
    type: "special",
    category: "milestone",
    points: 30,
    rule: { metric: "anniversaries_celebrated", threshold: 1, scope: "couple" },
  },
  {
    id: "perfect_week",
    name: "Perfect week",
    description: "Seven days running, both of you checked in and did your daily challenge.",
    type: "streak",
    category: "consistency",
    points: 150,
    rule: { metric: "perfect_days", threshold: 7, scope: "couple" },
  },
  {
    id: "adventure_seeker",
    name: "Something new",
    description: "You did three different kinds of activities together.",
    type: "milestone",
    category: "activities",
    points: 80,
    rule: { metric: "activity_types_completed", threshold: 3, scope: "couple" },
  },
  {
    id: "gratitude_master",
    name: "Thirty thank-yous",
    description: "On thirty days, one of you wrote down what you are grateful for.",
    type: "streak",
    category: "gratitude",
    points: 120,
    rule: { metric: "gratitude_dates", threshold: 30, scope: "couple" },
  },
];

const BY_ID: ReadonlyMap<string, Achievement> = new Map(
  ACHIEVEMENTS.map((achievement) => [achievement.id, achievement]),
);

export function findAchievement(id: string): Achievement | null {
  return BY_ID.get(id) ?? null;
}
