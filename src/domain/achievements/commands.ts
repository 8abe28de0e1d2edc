import { defineQuery } from "../command.ts";
import type { MemberContext } from "../context.ts";
import { decodeCursor, page } from "../paging.ts";
import { ACHIEVEMENTS, type Achievement } from "./catalogue.ts";
import { METRICS } from "./metrics.ts";
import { achievementList, nothing, pointsInput, pointsPage, type AchievementView } from "./schema.ts";
import { listAwards, listPoints, sumPoints, type AwardRow } from "./store.ts";

function view(ctx: MemberContext, achievement: Achievement, award: AwardRow | undefined): AchievementView {
  const { rule, ...shown } = achievement;
  const progress = award === undefined ? METRICS[rule.metric](ctx, rule.threshold, "recent") : rule.threshold;
  return {
    ...shown,
    threshold: rule.threshold,
    progress,
    isEarned: award !== undefined,
    earnedDate: award?.earnedDate ?? null,
    earnedAt: award?.earnedAt ?? null,
  };
}

const list = defineQuery({
  name: "achievements.list",
  summary: "All achievements, earned and open, with our progress",
  input: nothing,
  output: achievementList,
  run(ctx) {
    const awards = new Map(listAwards(ctx.sql, ctx.me.userId).map((award) => [award.achievementId, award]));
    return { items: ACHIEVEMENTS.map((achievement) => view(ctx, achievement, awards.get(achievement.id))) };
  },
});

const points = defineQuery({
  name: "achievements.points",
  summary: "Our points: the balance and the ledger behind it, newest first",
  input: pointsInput,
  output: pointsPage,
  run(ctx, input) {
    const key = decodeCursor(input.cursor, ["string"]);
    const rows = listPoints(ctx.sql, ctx.me.userId, key === null ? null : String(key[0]), input.limit + 1);
    return {
      ...page(
        rows,
        input.limit,
        (row) => [row.id],
        (row) => row,
      ),
      balance: sumPoints(ctx.sql, ctx.me.userId),
    };
  },
});

export const operations = [list, points];
