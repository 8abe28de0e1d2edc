import { replayEvidence } from "../achievements/evidence.ts";
import { progressOf, unitsDone } from "../challenges/rules.ts";
import { replayStreak } from "../checkins/streak-facts.ts";
import { ENGAGEMENT_FORMULAS, engagementInputs } from "./engagement.ts";
import { HEALTH_FORMULAS, healthInputs } from "./health.ts";
import type { Why } from "./why-schema.ts";

/**
 * The number that follows from the sources of an answer to "why?", and from nothing else: no table is read and no clock
 * is asked. Of points, give it the answer with the rows of all pages in `sources`.
 */
export function replayWhy(why: Why): number | null {
  switch (why.subject) {
    case "streak":
      return replayStreak(why.sources);
    case "health":
      return HEALTH_FORMULAS[why.ruleVersion]?.(healthInputs(why.sources)).score ?? null;
    case "engagement":
      return ENGAGEMENT_FORMULAS[why.ruleVersion]?.(engagementInputs(why.sources)).score ?? null;
    case "achievement":
      return replayEvidence(why.sources, why.threshold);
    case "points":
      return why.sources.reduce((sum, { points }) => sum + points, 0);
    case "goal":
      return goalPercent(why.sources);
    case "challenge":
      return challengePercent(why.sources);
  }
}

/** How much of its target a goal has reached, in whole per cent from 0 to 100, rounded down. */
export function goalPercent({ progress, targetCount }: { progress: number; targetCount: number }): number {
  return Math.max(0, Math.min(100, Math.floor((progress * 100) / targetCount)));
}

function challengePercent(sources: Extract<Why, { subject: "challenge" }>["sources"]): number {
  const members = sources.memberIds.map((userId) => {
    const dates = sources.completed.filter((row) => row.userId === userId).map(({ date }) => date);
    return { userId, done: unitsDone(sources, sources.startDate, dates) };
  });
  return progressOf(sources, members).couple;
}
