import { defineQuery, type Operation } from "../command.ts";
import { readStreaks } from "../checkins/couple-streaks.ts";
import { STREAK_RULE_VERSION } from "../checkins/streaks.ts";
import { readTrends } from "./means.ts";
import { streaksInput, streaksSchema, trendsInput, trendsSchema } from "./schema.ts";

const streaks = defineQuery({
  name: "insights.streaks",
  summary: "My streak, my partner's and ours",
  input: streaksInput,
  output: streaksSchema,
  cacheable: true,
  run: (ctx, input) => ({ ruleVersion: STREAK_RULE_VERSION, ...readStreaks(ctx, input.longest) }),
});

const trends = defineQuery({
  name: "insights.trends",
  summary: "Scores of both by local day over 7, 30 or 90 days, and their means",
  input: trendsInput,
  output: trendsSchema,
  cacheable: true,
  run: (ctx, input) => readTrends(ctx, input.days),
});

export const operations: readonly Operation[] = [streaks, trends];
