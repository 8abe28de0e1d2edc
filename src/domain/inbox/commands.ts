import * as z from "zod";
import { AppError } from "../../protocol/errors.ts";
import { defineCommand, defineQuery } from "../command.ts";
import type { MemberContext } from "../context.ts";
import { defineEvent } from "../events.ts";
import { decodeCursor, page } from "../paging.ts";
import { preferenceOperations } from "./preference-commands.ts";
import {
  archivedSchema,
  archiveInput,
  listInput,
  markedSchema,
  markReadInput,
  nothing,
  notificationPage,
  unreadByTypeSchema,
  unreadCountSchema,
} from "./schema.ts";
import {
  archive,
  countOwned,
  countUnread,
  countUnreadByType,
  listNotifications,
  markAllRead,
  markRead,
  toNotification,
} from "./store.ts";

const notificationRead = defineEvent(
  "notification.read",
  "A member read notifications; goes to all devices of that member",
  // No ids: everything up to now.
  z.strictObject({ ids: z.array(z.string()).nullable(), unread: z.int() }),
  { counted: false },
);

const notificationArchived = defineEvent(
  "notification.archived",
  "A member put notifications away; goes to all devices of that member",
  z.strictObject({ ids: z.array(z.string()), unread: z.int() }),
  { counted: false },
);

/** @throws AppError `not_found` when one of `ids` is not mine, as if it did not exist */
function requireOwned(ctx: MemberContext, ids: readonly string[]): void {
  if (countOwned(ctx.sql, ctx.me.userId, ids) < ids.length) throw new AppError("not_found", "No such notification");
}

function tellDevices(ctx: MemberContext, ids: string[] | null, marked: number): z.output<typeof markedSchema> {
  const unread = ids === null ? 0 : countUnread(ctx.sql, ctx.me.userId);
  if (marked > 0) ctx.emit(notificationRead, { ids, unread }, { to: ctx.me.userId });
  return { marked, unread };
}

export const operations = [
  defineCommand({
    name: "inbox.mark_read",
    summary: "Mark notifications of mine as read",
    capability: "inbox",
    input: markReadInput,
    output: markedSchema,
    events: [notificationRead],
    run(ctx, input) {
      const ids = [...new Set(input.ids)];
      requireOwned(ctx, ids);
      const marked = markRead(ctx.sql, ctx.me.userId, ids, ctx.now);
      return tellDevices(ctx, marked, marked.length);
    },
  }),
  defineCommand({
    name: "inbox.mark_all_read",
    summary: "Mark all notifications of mine as read",
    capability: "inbox",
    input: nothing,
    output: markedSchema,
    events: [notificationRead],
    run(ctx) {
      return tellDevices(ctx, null, markAllRead(ctx.sql, ctx.me.userId, ctx.now));
    },
  }),
  defineCommand({
    name: "inbox.archive",
    summary: "Put notifications of mine away: they count as read and are listed no longer",
    capability: "inbox",
    input: archiveInput,
    output: archivedSchema,
    events: [notificationArchived],
    run(ctx, input) {
      const ids = [...new Set(input.ids)];
      requireOwned(ctx, ids);
      markRead(ctx.sql, ctx.me.userId, ids, ctx.now);
      const archived = archive(ctx.sql, ctx.me.userId, ids, ctx.now);
      const unread = countUnread(ctx.sql, ctx.me.userId);
      if (archived > 0) ctx.emit(notificationArchived, { ids, unread }, { to: ctx.me.userId });
      return { archived, unread };
    },
  }),
  defineQuery({
    name: "inbox.list",
    summary: "My notifications, newest first",
    capability: "inbox",
    input: listInput,
    output: notificationPage,
    run(ctx, input) {
      const key = decodeCursor(input.cursor, ["string"]);
      const rows = listNotifications(ctx.sql, {
        userId: ctx.me.userId,
        unreadOnly: input.unreadOnly,
        type: input.type,
        beforeId: key === null ? null : String(key[0]),
        limit: input.limit + 1,
      });
      return page(rows, input.limit, (row) => [row.id], toNotification);
    },
  }),
  defineQuery({
    name: "inbox.unread_count",
    summary: "How many of my notifications are unread",
    capability: "inbox",
    input: nothing,
    output: unreadCountSchema,
    run(ctx) {
      return { unread: countUnread(ctx.sql, ctx.me.userId) };
    },
  }),
  defineQuery({
    name: "inbox.unread_by_type",
    summary: "How many of my notifications of each type are unread",
    capability: "inbox",
    input: nothing,
    output: unreadByTypeSchema,
    run(ctx) {
      return { types: countUnreadByType(ctx.sql, ctx.me.userId) };
    },
  }),
  ...preferenceOperations,
];
