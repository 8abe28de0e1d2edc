import * as z from "zod";
import { AppError } from "../../protocol/errors.ts";
import { dateSchema, localDate } from "../calendar.ts";
import { defineCommand, defineQuery } from "../command.ts";
import type { Context, MemberContext } from "../context.ts";
import { defineEvent } from "../events.ts";
import {
  ENGAGEMENT_FORMULAS,
  ENGAGEMENT_VERSION,
  engagementInputs,
  type EngagementInputs,
  type EngagementScore,
  type EngagementSources,
} from "./engagement.ts";
import { HEALTH_FORMULAS, HEALTH_VERSION, healthInputs, type HealthInputs, type HealthScore } from "./health.ts";
import { nothing } from "./schema.ts";
import { engagementInput, engagementOutput, healthInput, healthOutput, openedOutput } from "./score-schema.ts";
import { insertAppDay } from "./score-store.ts";
import { readEngagementSources, readHealthSources } from "./sources.ts";

/** A member opened the app on a day. It is told to nobody but that member's own devices. */
const appOpened = defineEvent(
  "app.opened",
  "A member opened the app for the first time on a day of theirs",
  z.strictObject({ date: dateSchema }),
  { counted: false },
);

/** The health score of `date` by the formula `version`. @throws Error for a version that never was */
export function healthOn(ctx: Context, date: string, version = HEALTH_VERSION): HealthScore & { inputs: HealthInputs } {
  const formula = HEALTH_FORMULAS[version];
  if (formula === undefined) throw new Error(`No health score of version ${version}`);
  const inputs = healthInputs(readHealthSources(ctx, date));
  return { ...formula(inputs), inputs };
}

/** The engagement score that follows from `sources`. @throws Error for a version that never was */
export function engagementOf(
  sources: EngagementSources,
  version = ENGAGEMENT_VERSION,
): EngagementScore & { inputs: EngagementInputs } {
  const formula = ENGAGEMENT_FORMULAS[version];
  if (formula === undefined) throw new Error(`No engagement score of version ${version}`);
  const inputs = engagementInputs(sources);
  return { ...formula(inputs), inputs };
}

/** @throws AppError `invalid_input` for a day after `today` */
export function requireScoredDate(date: string | undefined, today: string): string {
  if (date === undefined || date <= today) return date ?? today;
  throw new AppError("invalid_input", "That day has not come yet", {
    issues: [{ path: "date", message: "Must not be after today" }],
  });
}

/** The day of the couple's home zone, which is the same for both. */
export function homeToday(ctx: MemberContext): string {
  return localDate(ctx.now, ctx.relationship.homeTimezone);
}

const health = defineQuery({
  name: "insights.health",
  summary:
    "Our health score of a day with its version, parts, weights and inputs; null where there is too little to say",
  input: healthInput,
  output: healthOutput,
  run(ctx, input) {
    const date = requireScoredDate(input.date, homeToday(ctx));
    return { ...healthOn(ctx, date, input.version), date };
  },
});

const engagement = defineQuery({
  name: "insights.engagement",
  summary: "My own engagement score of a day of mine; my partner's is theirs alone",
  input: engagementInput,
  output: engagementOutput,
  run(ctx, input) {
    const date = requireScoredDate(input.date, ctx.today);
    const sources = readEngagementSources(ctx, ctx.me.userId, date);
    return { ...engagementOf(sources, input.version), date };
  },
});

const opened = defineCommand({
  name: "insights.opened",
  summary: "Count that I opened the app today: once a day, and nobody but me sees it",
  input: nothing,
  output: openedOutput,
  events: [appOpened],
  run(ctx) {
    const date = ctx.today;
    const isNew = insertAppDay(ctx.sql, ctx.me.userId, date);
    if (isNew) ctx.emit(appOpened, { date }, { to: ctx.me.userId });
    return { date, isNew };
  },
});

export const scores = [health, engagement, opened];
