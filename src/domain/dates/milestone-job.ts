import { DAY_MS } from "../../protocol/limits.ts";
import { addDays, endOfDay, localDate } from "../calendar.ts";
import type { Context } from "../context.ts";
import { notify } from "../inbox/notify.ts";
import type { JobDefinition } from "../jobs.ts";
import { milestoneReached } from "./events.ts";
import type { Milestone } from "./milestone-schema.ts";
import { insertReached } from "./milestone-store.ts";
import { nextMilestones, pastMilestones } from "./milestones.ts";

const MILESTONES_DUE = "milestones.due";
/** After the longest sleep this many are remembered as reached; older ones could not be told anyway. */
const REMEMBERED_MAX = 50;

const startOfDay = (date: string, zone: string): number => endOfDay(addDays(date, -1), zone);

/** What a milestone is called, in our own words. */
export function milestoneTitle({ days, years }: Milestone): string {
  if (years === null) return `${days} days together`;
  return years === 1 ? "One year together" : `${years} years together`;
}

/** When the next milestone from `from` on begins at home, in epoch milliseconds; null without a start date. */
function nextDueAt(ctx: Context, from: string): number | null {
  const { startDate, homeTimezone } = ctx.relationship;
  const [next] = startDate === null ? [] : nextMilestones(startDate, from, 1);
  return next === undefined ? null : startOfDay(next.date, homeTimezone);
}

/** To be called when the start date or the home time zone may have changed. A milestone of today is told at once. */
export function planMilestones(ctx: Context): void {
  const dueAt = nextDueAt(ctx, localDate(ctx.now, ctx.relationship.homeTimezone));
  if (dueAt === null) ctx.unschedule(MILESTONES_DUE, "");
  else ctx.schedule(MILESTONES_DUE, "", dueAt);
}

function tell(ctx: Context, milestone: Milestone): void {
  const { date, days, years } = milestone;
  ctx.emit(milestoneReached, { date, days, years });
  for (const { userId } of ctx.members) {
    notify(ctx, {
      userId,
      type: "anniversary",
      title: milestoneTitle(milestone),
      message: "A good day to look back for a moment, and to celebrate.",
      actionUrl: "/dates",
    });
  }
}

/** Tells what began at home within the last day, each date once for ever; what was slept through is only remembered. */
function reach(ctx: Context): number | null {
  const { startDate, homeTimezone, status } = ctx.relationship;
  if (startDate === null || status === "ended") return null;
  const tomorrow = addDays(localDate(ctx.now, homeTimezone), 1);
  // While paused or frozen nothing is told; what falls into that time is too old afterwards.
  if (status === "active" || status === "solo") {
    const reached = pastMilestones(startDate, tomorrow, REMEMBERED_MAX);
    const dates = reached.map(({ date }) => date);
    const fresh = new Set(insertReached(ctx.sql, dates, ctx.now));
    for (const milestone of reached) {
      const isRecent = ctx.now - startOfDay(milestone.date, homeTimezone) < DAY_MS;
      if (fresh.has(milestone.date) && isRecent) tell(ctx, milestone);
    }
  }
  return nextDueAt(ctx, tomorrow);
}

export const jobs: readonly JobDefinition[] = [{ kind: MILESTONES_DUE, run: reach }];
