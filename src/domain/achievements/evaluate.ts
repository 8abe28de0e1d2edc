import { localDate } from "../calendar.ts";
import type { Context } from "../context.ts";
import { notify } from "../inbox/notify.ts";
import { ACHIEVEMENTS, type Achievement, type Metric } from "./catalogue.ts";
import { achievementDropped, achievementEarned } from "./events.ts";
import { METRICS, type Reach } from "./metrics.ts";
import {
  ACHIEVEMENT_POINTS,
  deleteAward,
  insertAward,
  insertPoints,
  listAllAwardedIds,
  listOwnAwards,
  shareAward,
} from "./store.ts";

const byMetric = Map.groupBy(ACHIEVEMENTS, ({ rule }) => rule.metric);
const byId = new Map(ACHIEVEMENTS.map((achievement) => [achievement.id, achievement]));

/**
 * Awards what the touched metrics have reached or jumped past, in the transaction of the write that moved them. A
 * metric whose achievements are all earned costs nothing.
 * @param awarded ids of the earned achievements; grows with what is earned now
 */
export function evaluateAchievements(ctx: Context, touched: ReadonlySet<Metric>, awarded: Set<string>): void {
  for (const metric of touched) evaluateMetric(ctx, metric, awarded, "recent");
}

/**
 * For the moment at which a partner joins: drops what one person earned alone and what does not hold for the couple,
 * then awards what does. Whoever keeps the earned ids in memory reads them again afterwards.
 * @param manner `silent` where a history moves in: nobody is told again of what they have done long ago
 */
export function reevaluateAll(ctx: Context, manner: Manner = "told"): void {
  for (const { achievementId, earnedBy } of ctx.solo ? [] : listOwnAwards(ctx.sql)) {
    const achievement = byId.get(achievementId);
    if (achievement !== undefined && holds(ctx, achievement)) {
      shareAward(ctx.sql, achievementId);
    } else {
      deleteAward(ctx.sql, achievementId);
      // Only the one who had it may learn that there was something.
      const points = achievement?.points ?? 0;
      ctx.emit(achievementDropped, { achievementId, points }, { subjectId: achievementId, to: earnedBy });
    }
  }
  const awarded = new Set(listAllAwardedIds(ctx.sql));
  for (const metric of byMetric.keys()) evaluateMetric(ctx, metric, awarded, "all", manner);
}

function holds(ctx: Context, { rule }: Achievement): boolean {
  return METRICS[rule.metric](ctx, rule.threshold, "all") >= rule.threshold;
}

type Manner = "told" | "silent";

function evaluateMetric(
  ctx: Context,
  metric: Metric,
  awarded: Set<string>,
  reach: Reach,
  manner: Manner = "told",
): void {
  const open = (byMetric.get(metric) ?? []).filter(({ id }) => !awarded.has(id));
  if (open.length === 0) return;
  const farthest = Math.max(...open.map(({ rule }) => rule.threshold));
  const value = METRICS[metric](ctx, farthest, reach);
  for (const achievement of open) {
    if (value < achievement.rule.threshold) continue;
    award(ctx, achievement);
    if (manner === "told") congratulate(ctx, achievement);
    awarded.add(achievement.id);
  }
}

function award(ctx: Context, { id, points }: Achievement): void {
  const alone = ctx.solo ? (ctx.members[0]?.userId ?? null) : null;
  const earnedDate = localDate(ctx.now, ctx.relationship.homeTimezone);
  insertAward(ctx.sql, ctx.newId("award"), { achievementId: id, earnedDate, earnedAt: ctx.now, earnedBy: alone });
  insertPoints(ctx.sql, {
    id: ctx.newId("point"),
    points,
    reason: ACHIEVEMENT_POINTS,
    subjectId: id,
    memberId: alone,
    createdAt: ctx.now,
  });
  ctx.emit(achievementEarned, { achievementId: id, points }, { subjectId: id });
}

function congratulate(ctx: Context, { id, name, points }: Achievement): void {
  for (const { userId } of ctx.members) {
    notify(ctx, {
      userId,
      type: "achievement",
      title: "Achievement earned",
      message: `${name}: ${points} points.`,
      actionUrl: `/achievements/${id}`,
      subjectId: id,
    });
  }
}
