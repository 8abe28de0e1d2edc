import { findAchievement } from "../achievements/catalogue.ts";
import { listAwards } from "../achievements/store.ts";
import { listPlannedActivities, toActivity } from "../activities/store.ts";
import { localDate } from "../calendar.ts";
import { listEntriesOn } from "../challenges/entry-store.ts";
import { participants, readProgress } from "../challenges/progress.ts";
import { listActiveParticipations, toParticipation } from "../challenges/store.ts";
import { readStreaks } from "../checkins/couple-streaks.ts";
import { STREAK_RULE_VERSION } from "../checkins/streaks.ts";
import { listCheckins, listCheckinsOn, toCheckin } from "../checkins/store.ts";
import type { MemberContext } from "../context.ts";
import { DATES_MAX, upcoming } from "../dates/rules.ts";
import { shownDates } from "../dates/shown.ts";
import { listDates } from "../dates/store.ts";
import { listActiveGoals, toGoal } from "../goals/store.ts";
import type { Dashboard, StreaksView } from "./schema.ts";

/** The three streaks, or none of them for a member who does not want to be shown any. */
export function shownStreaks(ctx: MemberContext, withLongest = false): StreaksView {
  if (ctx.me.hidesStreaks === 1) {
    return { ruleVersion: STREAK_RULE_VERSION, hidden: true, mine: null, partner: null, ours: null };
  }
  return { ruleVersion: STREAK_RULE_VERSION, hidden: false, ...readStreaks(ctx, withLongest) };
}

/** Check-ins that I may see, newest first. */
export function recentCheckins(ctx: MemberContext, limit: number, from?: string): Dashboard["recentCheckins"] {
  return listCheckins(ctx.sql, ctx.me.userId, limit, { from }).map((row) => toCheckin(row, ctx.me.userId));
}

/** What each of us entered for our own today. */
export function todaysCheckins(ctx: MemberContext): Dashboard["checkins"] {
  const { partner, me, sql } = ctx;
  const partnerDate = partner === null ? null : localDate(ctx.now, partner.timezone);
  const find = (userId: string, date: string) => {
    const row = listCheckinsOn(sql, me.userId, date).find((candidate) => candidate.userId === userId);
    return row === undefined ? null : toCheckin(row, me.userId);
  };
  return {
    mine: find(me.userId, ctx.today),
    partner: partner === null || partnerDate === null ? null : find(partner.userId, partnerDate),
    partnerDate,
  };
}

export function activeGoals(ctx: MemberContext, limit: number): Dashboard["goals"] {
  return listActiveGoals(ctx.sql, ctx.me.userId, limit).map((row) => toGoal(row, ctx.members));
}

export function plannedActivities(ctx: MemberContext, limit: number): Dashboard["activities"] {
  return listPlannedActivities(ctx.sql, ctx.me.userId, limit).map((row) => toActivity(row, ctx.members));
}

/** Important dates that come in the next `days` days, the soonest first. */
export function upcomingDates(ctx: MemberContext, days: number): Dashboard["dates"] {
  const rows = listDates(ctx.sql, ctx.me.userId, null, DATES_MAX);
  return shownDates(ctx, upcoming(rows, ctx.today, days));
}

/** Challenges under way with their progress, and whether each of us did today's part. */
export function activeChallenges(ctx: MemberContext, limit: number): Dashboard["challenges"] {
  const rows = listActiveParticipations(ctx.sql, ctx.me.userId, limit);
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  const dates = new Map(ctx.members.map(({ userId, timezone }) => [userId, localDate(ctx.now, timezone)]));
  const entries = [...new Set(dates.values())].flatMap((date) => listEntriesOn(ctx.sql, ids, date, ctx.me.userId));
  return rows.map((row) => ({
    participation: toParticipation(row, ctx.members),
    progress: readProgress(ctx, row),
    today: participants(ctx, row).map(({ userId }) => {
      const date = dates.get(userId) ?? ctx.today;
      const entry = entries.find(
        (each) => each.participationId === row.id && each.userId === userId && each.date === date,
      );
      return { userId, date, completed: entry === undefined ? null : entry.completed === 1 };
    }),
  }));
}

/** Achievements that I may see, the newest first. */
export function newestAwards(ctx: MemberContext, limit: number): Dashboard["achievements"] {
  return listAwards(ctx.sql, ctx.me.userId)
    .toSorted((a, b) => b.earnedAt - a.earnedAt)
    .slice(0, limit)
    .map(({ achievementId, earnedDate, earnedAt }) => {
      const achievement = findAchievement(achievementId);
      return {
        id: achievementId,
        name: achievement?.name ?? achievementId,
        points: achievement?.points ?? 0,
        earnedDate,
        earnedAt,
      };
    });
}
