import * as z from "zod";
import { idSchema } from "../../protocol/ids.ts";
import { pageInput, pageOf } from "../paging.ts";

export const NOTIFICATION_TYPES = [
  "reminder",
  "achievement",
  "checkin",
  "anniversary",
  "goal_progress",
  "partner_activity",
] as const;
export const notificationTypeSchema = z.enum(NOTIFICATION_TYPES);
export type NotificationType = z.infer<typeof notificationTypeSchema>;

export const notificationPrioritySchema = z.enum(["low", "normal", "high", "urgent"]);
export type NotificationPriority = z.infer<typeof notificationPrioritySchema>;

export const notificationSchema = z.strictObject({
  id: z.string(),
  type: notificationTypeSchema,
  title: z.string(),
  message: z.string(),
  /** A path inside the app. */
  actionUrl: z.string().nullable(),
  /** The id of what it is about. */
  subjectId: z.string().nullable(),
  priority: notificationPrioritySchema,
  isRead: z.boolean(),
  readAt: z.int().nullable(),
  createdAt: z.int(),
});
export type Notification = z.infer<typeof notificationSchema>;

export const markReadInput = z.strictObject({ ids: z.array(idSchema("notification")).min(1).max(100) });
export const nothing = z.strictObject({});
export const archiveInput = markReadInput;
export const listInput = z.strictObject({
  ...pageInput,
  unreadOnly: z.boolean().default(false),
  type: notificationTypeSchema.optional(),
});

export const notificationPage = pageOf(notificationSchema);
export const unreadCountSchema = z.strictObject({ unread: z.int().nonnegative() });
export const unreadByTypeSchema = z.strictObject({
  /** Types without an unread one are left out. */
  types: z.array(z.strictObject({ type: notificationTypeSchema, unread: z.int().positive() })),
});
export const archivedSchema = z.strictObject({
  archived: z.int().nonnegative(),
  unread: z.int().nonnegative(),
});
export const markedSchema = z.strictObject({
  /** How many were unread until now. */
  marked: z.int().nonnegative(),
  unread: z.int().nonnegative(),
});
