import * as z from "zod";

// Rows of the analytics tables (migrations/0003), as D1 returns them. No address and no user agent is among them.

/** Something that happened on a page, before or around a couple's own object. */
export const analyticsEventsRow = z.strictObject({
  id: z.string(),
  event_name: z.string(),
  event_category: z.enum([
    "user_action",
    "feature_usage",
    "conversion",
    "engagement",
    "system",
    "error",
    "payment",
    "partner",
  ]),
  user_id: z.string().nullable(),
  relationship_id: z.string().nullable(),
  session_id: z.string().nullable(),
  visitor_hash: z.string().nullable(),
  event_data: z.string().nullable(),
  page_url: z.string().nullable(),
  referrer_url: z.string().nullable(),
  device_type: z.enum(["desktop", "mobile", "tablet", "unknown"]),
  browser: z.string().nullable(),
  os: z.string().nullable(),
  created_at: z.int(),
});
export type AnalyticsEvent = z.infer<typeof analyticsEventsRow>;

/** One view of a page. */
export const pageViewsRow = z.strictObject({
  id: z.string(),
  user_id: z.string().nullable(),
  relationship_id: z.string().nullable(),
  session_id: z.string(),
  visitor_hash: z.string().nullable(),
  page_path: z.string(),
  page_title: z.string().nullable(),
  referrer: z.string().nullable(),
  duration_seconds: z.int().nullable(),
  bounce: z.literal([0, 1]),
  device_type: z.enum(["desktop", "mobile", "tablet", "unknown"]),
  created_at: z.int(),
});
export type PageView = z.infer<typeof pageViewsRow>;

/** One visit: page views and events with less than 30 minutes between them. */
export const userSessionsRow = z.strictObject({
  id: z.string(),
  user_id: z.string().nullable(),
  relationship_id: z.string().nullable(),
  visitor_hash: z.string().nullable(),
  session_start_at: z.int(),
  session_end_at: z.int().nullable(),
  duration_seconds: z.int().nullable(),
  pages_viewed: z.int(),
  events_count: z.int(),
  device_type: z.enum(["desktop", "mobile", "tablet", "unknown"]),
  browser: z.string().nullable(),
  os: z.string().nullable(),
  entry_page: z.string().nullable(),
  exit_page: z.string().nullable(),
  converted: z.literal([0, 1]),
  conversion_value_cents: z.int().nullable(),
});
export type UserSession = z.infer<typeof userSessionsRow>;
