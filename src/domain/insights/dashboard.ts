import { sumPoints } from "../achievements/store.ts";
import { localDate } from "../calendar.ts";
import type { MemberContext } from "../context.ts";
import { countUnread } from "../inbox/store.ts";
import { readProfile } from "../membership/profile.ts";
import { daysTogether } from "./daily.ts";
import { readWindowMeans } from "./means.ts";
import {
  activeChallenges,
  activeGoals,
  newestAwards,
  plannedActivities,
  recentCheckins,
  shownStreaks,
  todaysCheckins,
  upcomingDates,
} from "./overview.ts";
import type { Dashboard } from "./schema.ts";

const AVERAGE_DAYS = 7;
const UPCOMING_DAYS = 30;

/** Everything the home screen shows. It changes with a write or with a member's day, never in between. */
export function readDashboard(ctx: MemberContext): Dashboard {
  const homeToday = localDate(ctx.now, ctx.relationship.homeTimezone);
  return {
    profile: readProfile(ctx),
    today: ctx.today,
    daysTogether: daysTogether(ctx.relationship.startDate, homeToday),
    checkins: todaysCheckins(ctx),
    streaks: shownStreaks(ctx),
    recentCheckins: recentCheckins(ctx, 10),
    goals: activeGoals(ctx, 5),
    activities: plannedActivities(ctx, 5),
    dates: upcomingDates(ctx, UPCOMING_DAYS),
    challenges: activeChallenges(ctx, 3),
    achievements: newestAwards(ctx, 10),
    points: sumPoints(ctx.sql, ctx.me.userId),
    unread: countUnread(ctx.sql, ctx.me.userId),
    averages: { days: AVERAGE_DAYS, ...readWindowMeans(ctx, AVERAGE_DAYS) },
  };
}
