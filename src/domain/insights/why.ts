import { AppError } from "../../protocol/errors.ts";
import { findAchievement } from "../achievements/catalogue.ts";
import { METRIC_RULES_VERSION, readEvidence, replayEvidence } from "../achievements/evidence.ts";
import { METRICS } from "../achievements/metrics.ts";
import { listAwards, listPoints, sumPoints } from "../achievements/store.ts";
import { listCompletedDates } from "../challenges/entry-store.ts";
import { participants, readProgress, requireChallenge } from "../challenges/progress.ts";
import { findParticipation } from "../challenges/store.ts";
import { streakBases, type StreakOf } from "../checkins/couple-streaks.ts";
import { streakFacts } from "../checkins/streak-facts.ts";
import { foldStreak, STREAK_RULE_VERSION } from "../checkins/streaks.ts";
import { defineQuery } from "../command.ts";
import type { MemberContext } from "../context.ts";
import { findGoal } from "../goals/store.ts";
import { decodeCursor, page } from "../paging.ts";
import { ENGAGEMENT_VERSION } from "./engagement.ts";
import { HEALTH_VERSION } from "./health.ts";
import { goalPercent } from "./replay.ts";
import { engagementOf, healthOn, homeToday, requireScoredDate } from "./scores.ts";
import { readEngagementSources, readHealthSources } from "./sources.ts";
import { whyInput, whyOutput, type Why, type WhyInput } from "./why-schema.ts";

/** Points, goals and challenges count by rules that have had one version. */
const COUNT_RULES_VERSION = 1;

function ofStreak(ctx: MemberContext, of: StreakOf): Why {
  if (ctx.me.hidesStreaks === 1) throw new AppError("not_found", "You asked not to be shown streaks");
  const basis = streakBases(ctx)[of];
  if (basis === null) throw new AppError("not_found", "There is no partner");
  const members = basis.members.map(({ days }) => days);
  return {
    subject: "streak",
    of,
    ruleVersion: STREAK_RULE_VERSION,
    value: foldStreak(members, basis.until, ctx.pauses).current,
    sources: streakFacts(basis, ctx.pauses),
  };
}

function ofHealth(ctx: MemberContext, input: { date?: string | undefined; version?: number | undefined }): Why {
  const date = requireScoredDate(input.date, homeToday(ctx));
  const ruleVersion = input.version ?? HEALTH_VERSION;
  const { pauses, checkins, due, ...facts } = readHealthSources(ctx, date);
  return {
    subject: "health",
    ruleVersion,
    value: healthOn(ctx, date, ruleVersion).score,
    sources: {
      ...facts,
      pauses: pauses.map(({ from, to }) => ({ from, to })),
      checkins: [...checkins],
      due: [...due],
    },
  };
}

function ofEngagement(ctx: MemberContext, input: { date?: string | undefined; version?: number | undefined }): Why {
  const date = requireScoredDate(input.date, ctx.today);
  const ruleVersion = input.version ?? ENGAGEMENT_VERSION;
  const sources = readEngagementSources(ctx, ctx.me.userId, date);
  return {
    subject: "engagement",
    ruleVersion,
    value: engagementOf(sources, ruleVersion).score,
    sources: {
      ...sources,
      activities: [...sources.activities],
      challengeEntries: [...sources.challengeEntries],
      conversations: [...sources.conversations],
    },
  };
}

function ofAchievement(ctx: MemberContext, id: string): Why {
  const achievement = findAchievement(id);
  if (achievement === null) throw new AppError("not_found", "No such achievement");
  const award = listAwards(ctx.sql, ctx.me.userId).find(({ achievementId }) => achievementId === id);
  const earnedDate = award?.earnedDate ?? null;
  const sources = readEvidence(ctx, achievement, award ?? null);
  const { metric, threshold } = achievement.rule;
  const value = award === undefined ? METRICS[metric](ctx, threshold, "recent") : replayEvidence(sources, threshold);
  return {
    subject: "achievement",
    id,
    ruleVersion: METRIC_RULES_VERSION,
    metric,
    threshold,
    earnedDate,
    progress: award === undefined ? value : threshold,
    value,
    sources,
  };
}

function ofPoints(ctx: MemberContext, { limit, cursor }: Extract<WhyInput, { subject: "points" }>): Why {
  const key = decodeCursor(cursor, ["string"]);
  const rows = listPoints(ctx.sql, ctx.me.userId, key === null ? null : String(key[0]), limit + 1);
  const { items, nextCursor } = page(
    rows,
    limit,
    (row) => [row.id],
    ({ id, points, reason, subjectId }) => ({ id, points, reason, subjectId }),
  );
  return {
    subject: "points",
    ruleVersion: COUNT_RULES_VERSION,
    value: sumPoints(ctx.sql, ctx.me.userId),
    sources: items,
    nextCursor,
  };
}

function ofGoal(ctx: MemberContext, id: string): Why {
  const goal = findGoal(ctx.sql, id, ctx.me.userId);
  if (goal === null) throw new AppError("not_found", "No such goal");
  const { progress, targetCount, status } = goal;
  return {
    subject: "goal",
    ruleVersion: COUNT_RULES_VERSION,
    value: goalPercent(goal),
    sources: { id, progress, targetCount, status },
  };
}

function ofChallenge(ctx: MemberContext, id: string): Why {
  const row = findParticipation(ctx.sql, id, ctx.me.userId);
  if (row === null) throw new AppError("not_found", "No such challenge participation");
  const { cadence, days } = requireChallenge(row.challengeId);
  const memberIds = participants(ctx, row).map(({ userId }) => userId);
  return {
    subject: "challenge",
    ruleVersion: COUNT_RULES_VERSION,
    value: readProgress(ctx, row).couple,
    sources: {
      challengeId: row.challengeId,
      cadence,
      days,
      startDate: row.startDate,
      memberIds,
      completed: memberIds.flatMap((userId) => {
        return listCompletedDates(ctx.sql, id, userId, days).map((date) => ({ userId, date }));
      }),
    },
  };
}

function explain(ctx: MemberContext, input: WhyInput): Why {
  switch (input.subject) {
    case "streak":
      return ofStreak(ctx, input.of);
    case "health":
      return ofHealth(ctx, input);
    case "engagement":
      return ofEngagement(ctx, input);
    case "achievement":
      return ofAchievement(ctx, input.id);
    case "points":
      return ofPoints(ctx, input);
    case "goal":
      return ofGoal(ctx, input.id);
    case "challenge":
      return ofChallenge(ctx, input.id);
  }
}

export const why = defineQuery({
  name: "insights.why",
  summary: "Why a number is what it is: the rows behind it and the version of the rule that gives it from them",
  input: whyInput,
  output: whyOutput,
  run: explain,
});
