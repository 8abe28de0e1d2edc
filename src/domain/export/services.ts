import * as z from "zod";
import { AppError } from "../../protocol/errors.ts";
import { CONTENT, type ContentTable } from "../content.ts";
import { can } from "../membership/rules.ts";
import { MemberScope } from "../scope.ts";
import { defineService, type ServiceContext } from "../service.ts";
import { readStreaks } from "../checkins/couple-streaks.ts";
import { STREAK_RULE_VERSION } from "../checkins/streaks.ts";
import type { Member } from "../couple.ts";
import type { Notification } from "../inbox/schema.ts";
import { toNotification } from "../inbox/store.ts";
import type { StreaksView } from "../insights/schema.ts";
import { exportedRow } from "./rows.ts";
import {
  countActivityTypes,
  listAppDays,
  listOwnDays,
  listOwnFeeds,
  listOwnImports,
  listOwnMonths,
  listOwnNotifications,
  listVisible,
  namesOf,
  type After,
  type ContentRow,
  type ExportedFeed,
  type ExportedImport,
  type MonthRow,
} from "./store.ts";

/** Of the longest rows that is a few megabytes. */
const PAGE_ROWS = 500;

const userId = z.string().min(1).max(64);
const tables = new Map(CONTENT.map((table) => [table.table, table]));

/** @throws AppError `not_found` when this person is nobody here, or when the state lets nobody take anything along */
function requireExporter(ctx: ServiceContext, id: string): Member {
  const me = ctx.members.find((member) => member.userId === id);
  if (me === undefined) throw new AppError("not_found", "No such relationship");
  const { status } = ctx.relationship;
  if (can(status, "export")) return me;
  throw new AppError("relationship_not_writable", "The relationship's state does not allow this", { current: status });
}

function requireTable(name: string): ContentTable {
  const table = tables.get(name);
  if (table === undefined) throw new AppError("not_found", "No such table");
  return table;
}

export interface ExportPage {
  rows: ContentRow[];
  /** Null on the last page. */
  after: After | null;
}

/** A page of what one member may take along of one table. It says nothing to anybody, and leaves no trace. */
export const exportPageService = defineService({
  name: "export.page",
  input: z.strictObject({
    userId,
    table: z.string(),
    after: z.strictObject({ key: z.string(), author: z.string() }).nullable(),
  }),
  readOnly: true,
  run(ctx, asked): ExportPage {
    requireExporter(ctx, asked.userId);
    const table = requireTable(asked.table);
    const { key, author } = namesOf(table);
    const found = listVisible(ctx.sql, table, asked.userId, asked.after, PAGE_ROWS);
    const last = found.length === PAGE_ROWS ? found.at(-1) : undefined;
    const rows = found.map((row) => exportedRow(table, row, asked.userId, ctx.members)).filter((row) => row !== null);
    return { rows, after: last ? { key: String(last[key]), author: String(last[author]) } : null };
  },
});

export interface ExportMonths {
  months: MonthRow[];
  days: { date: string; mood: number | null }[];
  activityTypes: { type: string; count: number }[];
}

/** What the charts of one member's own months are drawn from. */
export const exportMonthsService = defineService({
  name: "export.months",
  input: z.strictObject({ userId }),
  readOnly: true,
  run(ctx, asked): ExportMonths {
    requireExporter(ctx, asked.userId);
    return {
      months: listOwnMonths(ctx.sql, asked.userId),
      days: listOwnDays(ctx.sql, asked.userId),
      activityTypes: countActivityTypes(ctx.sql, asked.userId),
    };
  },
});

export interface ExportKept {
  appDays: string[];
  imports: ExportedImport[];
  calendarFeeds: ExportedFeed[];
  streaks: StreaksView;
}

/** What else is kept of one member that no list shows them. Streaks are theirs also while they do not want to see them. */
export const exportKeptService = defineService({
  name: "export.kept",
  input: z.strictObject({ userId }),
  readOnly: true,
  run(ctx, asked): ExportKept {
    const me = requireExporter(ctx, asked.userId);
    return {
      appDays: listAppDays(ctx.sql, me.userId),
      imports: listOwnImports(ctx.sql, me.userId),
      calendarFeeds: listOwnFeeds(ctx.sql, me.userId),
      streaks: {
        ruleVersion: STREAK_RULE_VERSION,
        hidden: me.hidesStreaks === 1,
        ...readStreaks(new MemberScope(ctx.couple, ctx.now, me), true),
      },
    };
  },
});

export interface ExportedNotification extends Notification {
  archivedAt: number | null;
}

/** A page of what one member was told, newest first, also of what they put away. */
export const exportInboxService = defineService({
  name: "export.inbox",
  input: z.strictObject({ userId, beforeId: z.string().nullable() }),
  readOnly: true,
  run(ctx, asked): { items: ExportedNotification[]; beforeId: string | null } {
    requireExporter(ctx, asked.userId);
    const rows = listOwnNotifications(ctx.sql, asked.userId, asked.beforeId, PAGE_ROWS);
    const items = rows.map((row) => ({ ...toNotification(row), archivedAt: row.archivedAt }));
    return { items, beforeId: rows.length === PAGE_ROWS ? (rows.at(-1)?.id ?? null) : null };
  },
});

export const services = [exportPageService, exportMonthsService, exportKeptService, exportInboxService];
