import * as z from "zod";
import type { Context } from "../context.ts";
import { defineEvent } from "../events.ts";
import { notificationTypeSchema, type NotificationPriority, type NotificationType } from "./schema.ts";
import { insertNotification } from "./store.ts";

/** Every command that calls `notify` lists this event. */
export const notificationCreated = defineEvent(
  "notification.created",
  "Something new is in this member's inbox",
  z.strictObject({ type: notificationTypeSchema }),
  { counted: false },
);

export interface NewNotification {
  userId: string;
  type: NotificationType;
  title: string;
  /** Our own words: it may be mirrored to a mail or a lock screen, so nothing that a partner wrote. */
  message: string;
  /** A path inside the app. */
  actionUrl?: string;
  subjectId?: string;
  priority?: NotificationPriority;
}

/** Puts a notification into one member's inbox and tells that member's devices, and nobody else's. */
export function notify(ctx: Context, notification: NewNotification): void {
  const id = ctx.newId("notification");
  insertNotification(ctx.sql, {
    id,
    userId: notification.userId,
    type: notification.type,
    title: notification.title,
    message: notification.message,
    actionUrl: notification.actionUrl ?? null,
    subjectId: notification.subjectId ?? null,
    priority: notification.priority ?? "normal",
    createdAt: ctx.now,
  });
  ctx.emit(notificationCreated, { type: notification.type }, { subjectId: id, to: notification.userId });
}
