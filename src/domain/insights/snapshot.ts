import { SNAPSHOT_MAX_BYTES } from "../../protocol/limits.ts";
import { sumPoints } from "../achievements/store.ts";
import { addDays } from "../calendar.ts";
import { listEntries, toEntry } from "../challenges/entry-store.ts";
import { readProgress } from "../challenges/progress.ts";
import { listActiveParticipations, toParticipation } from "../challenges/store.ts";
import type { MemberContext } from "../context.ts";
import { countUnread, listNotifications, toNotification } from "../inbox/store.ts";
import { readProfile } from "../membership/profile.ts";
import { activeGoals, newestAwards, plannedActivities, recentCheckins, upcomingDates } from "./overview.ts";
import type { Snapshot } from "./schema.ts";

/** The cursors and the frame around it come on top. */
const BUDGET_BYTES = SNAPSHOT_MAX_BYTES - 4 * 1024;
const UPCOMING_DAYS = 60;

interface Window {
  checkinDays: number;
  /** Of each kind of open thing. */
  items: number;
  entries: number;
}

/**
 * From what a client would like to what fits in any case: a couple may write the longest texts there are, in characters
 * that take six bytes each in JSON.
 */
const WINDOWS: readonly Window[] = [
  { checkinDays: 90, items: 50, entries: 60 },
  { checkinDays: 30, items: 20, entries: 20 },
  { checkinDays: 14, items: 10, entries: 8 },
  { checkinDays: 7, items: 5, entries: 2 },
  { checkinDays: 3, items: 2, entries: 1 },
  { checkinDays: 1, items: 2, entries: 0 },
];

/** What a client needs when the event log no longer reaches back to it: at most 256 KiB of JSON with its cursors. */
export function readSnapshot(ctx: MemberContext): Snapshot {
  for (const window of WINDOWS) {
    const snapshot = readWindow(ctx, window);
    if (jsonBytes(snapshot) <= BUDGET_BYTES) return snapshot;
  }
  throw new Error("The smallest snapshot is too large");
}

function readWindow(ctx: MemberContext, window: Window): Snapshot {
  const checkinsFrom = addDays(ctx.today, 1 - window.checkinDays);
  return {
    profile: readProfile(ctx),
    today: ctx.today,
    checkinsFrom,
    itemsMax: window.items,
    // Two a day, and those of a partner who is a day ahead.
    checkins: recentCheckins(ctx, 2 * (window.checkinDays + 2), checkinsFrom),
    goals: activeGoals(ctx, window.items),
    activities: plannedActivities(ctx, window.items),
    dates: upcomingDates(ctx, UPCOMING_DAYS).slice(0, window.items),
    challenges: listActiveParticipations(ctx.sql, ctx.me.userId, window.items).map((row) => ({
      participation: toParticipation(row, ctx.members),
      progress: readProgress(ctx, row),
      entries: listEntries(ctx.sql, {
        participationId: row.id,
        viewerId: ctx.me.userId,
        before: null,
        limit: window.entries,
      }).map(toEntry),
    })),
    achievements: newestAwards(ctx, window.items),
    points: sumPoints(ctx.sql, ctx.me.userId),
    notifications: listNotifications(ctx.sql, {
      userId: ctx.me.userId,
      unreadOnly: true,
      beforeId: null,
      limit: window.items,
    }).map(toNotification),
    unread: countUnread(ctx.sql, ctx.me.userId),
  };
}

function jsonBytes(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).byteLength;
}
