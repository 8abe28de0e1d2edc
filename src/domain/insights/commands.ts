import { defineQuery } from "../command.ts";
import { readDashboard } from "./dashboard.ts";
import { readTrends } from "./means.ts";
import { shownStreaks } from "./overview.ts";
import {
  dashboardSchema,
  nothing,
  snapshotSchema,
  streaksInput,
  streaksSchema,
  trendsInput,
  trendsSchema,
} from "./schema.ts";
import { scores } from "./scores.ts";
import { readSnapshot } from "./snapshot.ts";
import { why } from "./why.ts";

const dashboard = defineQuery({
  name: "insights.dashboard",
  summary: "Everything the home screen shows, in one answer",
  input: nothing,
  output: dashboardSchema,
  cacheable: true,
  run: (ctx) => readDashboard(ctx),
});

const streaks = defineQuery({
  name: "insights.streaks",
  summary: "My streak, my partner's and ours",
  input: streaksInput,
  output: streaksSchema,
  cacheable: true,
  run: (ctx, input) => shownStreaks(ctx, input.longest),
});

const trends = defineQuery({
  name: "insights.trends",
  summary: "Scores of both by local day over 7, 30 or 90 days, and their means",
  input: trendsInput,
  output: trendsSchema,
  cacheable: true,
  run: (ctx, input) => readTrends(ctx, input.days),
});

const snapshot = defineQuery({
  name: "insights.snapshot",
  summary: "What a client needs after a long gap: open things and the check-ins of 90 days, fewer where they are long",
  input: nothing,
  output: snapshotSchema,
  run: (ctx) => readSnapshot(ctx),
});

export const operations = [dashboard, streaks, trends, snapshot, ...scores, why];
