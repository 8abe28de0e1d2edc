import * as z from "zod";
import { AppError } from "../../protocol/errors.ts";
import { idSchema } from "../../protocol/ids.ts";
import { listPlannedActivities } from "../activities/store.ts";
import { addDays, localDate } from "../calendar.ts";
import type { Member } from "../couple.ts";
import { defineService, type ServiceContext } from "../service.ts";
import { findFeed } from "./feed-store.ts";
import { seriesOf, type CalendarEntry } from "./ical.ts";
import { milestoneTitle } from "./milestone-job.ts";
import { nextMilestones } from "./milestones.ts";
import { DATES_MAX } from "./rules.ts";
import { listDates } from "./store.ts";

const ACTIVITIES_MAX = 500;
const MILESTONES_MAX = 40;
const MILESTONES_BACK_DAYS = 366;
const MILESTONES_AHEAD_DAYS = 5 * 366;

/** What a private thing says of itself: a calendar is shown on screens that others look at. */
const BUSY = { summary: "Busy", description: null, location: null, isBusy: true } as const;

function dateEntries(ctx: ServiceContext, viewerId: string): CalendarEntry[] {
  return listDates(ctx.sql, viewerId, null, DATES_MAX).flatMap((row) => {
    const { version, updatedAt } = row;
    const words =
      row.visibility === "private"
        ? BUSY
        : { summary: row.name, description: row.description, location: null, isBusy: false };
    return seriesOf(row).map(({ suffix, date, rule }) => {
      return { id: `${row.id}${suffix}`, date, rule, version, updatedAt, ...words };
    });
  });
}

function activityEntries(ctx: ServiceContext, viewerId: string): CalendarEntry[] {
  return listPlannedActivities(ctx.sql, viewerId, ACTIVITIES_MAX).flatMap((row) => {
    if (row.plannedDate === null) return [];
    const { id, plannedDate: date, version, updatedAt } = row;
    const words =
      row.visibility === "private"
        ? BUSY
        : { summary: row.name, description: row.description, location: row.location, isBusy: false };
    return [{ id, date, rule: null, version, updatedAt, ...words }];
  });
}

function milestoneEntries(ctx: ServiceContext, today: string): CalendarEntry[] {
  const { startDate, id, createdAt } = ctx.relationship;
  if (startDate === null) return [];
  const last = addDays(today, MILESTONES_AHEAD_DAYS);
  return nextMilestones(startDate, addDays(today, -MILESTONES_BACK_DAYS), MILESTONES_MAX)
    .filter(({ date }) => date <= last)
    .map((milestone) => ({
      id: `milestone-${milestone.date}-${id}`,
      date: milestone.date,
      rule: null,
      version: 1,
      updatedAt: createdAt,
      summary: milestoneTitle(milestone),
      description: null,
      location: null,
      isBusy: false,
    }));
}

/** @throws AppError `not_found` for a feed that never was, `gone` for one that must not be read any more */
function requireReader(ctx: ServiceContext, feedId: string): Member {
  const feed = findFeed(ctx.sql, feedId);
  if (feed === null) throw new AppError("not_found", "No such calendar");
  const reader = ctx.members.find(({ userId }) => userId === feed.userId);
  const { status } = ctx.relationship;
  if (feed.revokedAt !== null || reader === undefined || status === "frozen" || status === "ended") {
    throw new AppError("gone", "This calendar address no longer works");
  }
  return reader;
}

/** What the calendar of one member holds. The partner's private things are not in it in any form. */
export const readFeed = defineService({
  name: "dates.feed",
  input: z.strictObject({ feedId: idSchema("feed") }),
  readOnly: true,
  run(ctx, { feedId }): CalendarEntry[] {
    const { userId, timezone } = requireReader(ctx, feedId);
    return [
      ...dateEntries(ctx, userId),
      ...activityEntries(ctx, userId),
      ...milestoneEntries(ctx, localDate(ctx.now, timezone)),
    ];
  },
});

export const services = [readFeed];
