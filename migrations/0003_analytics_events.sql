-- Product analytics, experiments, revenue reports and error logs.
-- No address of a device and no user-agent string is stored anywhere: only a coarse device class, the browser's and
-- the system's family, and for visitors who are not signed in a hash whose salt changes daily. No text that a couple
-- wrote reaches these tables.

CREATE TABLE analytics_events (
  id TEXT PRIMARY KEY NOT NULL,
  event_name TEXT NOT NULL,
  event_category TEXT NOT NULL CHECK (event_category IN
    ('user_action', 'feature_usage', 'conversion', 'engagement', 'system', 'error', 'payment', 'partner')),
  user_id TEXT REFERENCES users (id),
  relationship_id TEXT REFERENCES relationships (id),
  session_id TEXT,
  visitor_hash TEXT,
  event_data TEXT CHECK (json_valid(event_data)),
  page_url TEXT,
  referrer_url TEXT,
  device_type TEXT NOT NULL DEFAULT 'unknown' CHECK (device_type IN ('desktop', 'mobile', 'tablet', 'unknown')),
  browser TEXT,
  os TEXT,
  created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX analytics_events_created ON analytics_events (created_at, event_category);
CREATE INDEX analytics_events_name ON analytics_events (event_name, created_at);
CREATE INDEX analytics_events_user ON analytics_events (user_id, created_at) WHERE user_id IS NOT NULL;

CREATE TABLE page_views (
  id TEXT PRIMARY KEY NOT NULL,
  user_id TEXT REFERENCES users (id),
  relationship_id TEXT REFERENCES relationships (id),
  session_id TEXT NOT NULL,
  visitor_hash TEXT,
  page_path TEXT NOT NULL,
  page_title TEXT,
  referrer TEXT,
  duration_seconds INTEGER CHECK (duration_seconds >= 0),
  bounce INTEGER NOT NULL DEFAULT 0 CHECK (bounce IN (0, 1)),
  device_type TEXT NOT NULL DEFAULT 'unknown' CHECK (device_type IN ('desktop', 'mobile', 'tablet', 'unknown')),
  created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX page_views_created ON page_views (created_at, page_path);
CREATE INDEX page_views_session ON page_views (session_id, created_at);
CREATE INDEX page_views_user ON page_views (user_id) WHERE user_id IS NOT NULL;

-- Visits as analytics sees them; the sessions of sign-in are another table.
CREATE TABLE user_sessions (
  id TEXT PRIMARY KEY NOT NULL,
  user_id TEXT REFERENCES users (id),
  relationship_id TEXT REFERENCES relationships (id),
  visitor_hash TEXT,
  session_start_at INTEGER NOT NULL,
  session_end_at INTEGER CHECK (session_end_at >= session_start_at),
  duration_seconds INTEGER CHECK (duration_seconds >= 0),
  pages_viewed INTEGER NOT NULL DEFAULT 0 CHECK (pages_viewed >= 0),
  events_count INTEGER NOT NULL DEFAULT 0 CHECK (events_count >= 0),
  device_type TEXT NOT NULL DEFAULT 'unknown' CHECK (device_type IN ('desktop', 'mobile', 'tablet', 'unknown')),
  browser TEXT,
  os TEXT,
  entry_page TEXT,
  exit_page TEXT,
  converted INTEGER NOT NULL DEFAULT 0 CHECK (converted IN (0, 1)),
  conversion_value_cents INTEGER CHECK (conversion_value_cents >= 0)
) STRICT;

CREATE INDEX user_sessions_start ON user_sessions (session_start_at);
CREATE INDEX user_sessions_user ON user_sessions (user_id, session_start_at) WHERE user_id IS NOT NULL;

-- Also the daily totals, without any relationship, that hourly summaries are folded into when they grow old.
CREATE TABLE feature_usage_metrics (
  id TEXT PRIMARY KEY NOT NULL,
  feature_name TEXT NOT NULL,
  metric_date TEXT NOT NULL CHECK (metric_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
  total_users INTEGER NOT NULL DEFAULT 0 CHECK (total_users >= 0),
  new_users INTEGER NOT NULL DEFAULT 0 CHECK (new_users >= 0),
  active_users INTEGER NOT NULL DEFAULT 0 CHECK (active_users >= 0),
  total_interactions INTEGER NOT NULL DEFAULT 0 CHECK (total_interactions >= 0),
  average_time_spent_seconds REAL CHECK (average_time_spent_seconds >= 0),
  completion_rate REAL CHECK (completion_rate BETWEEN 0 AND 1),
  satisfaction_score REAL CHECK (satisfaction_score BETWEEN 1 AND 10),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (feature_name, metric_date)
) STRICT;

CREATE INDEX feature_usage_metrics_date ON feature_usage_metrics (metric_date);

CREATE TABLE conversion_funnels (
  id TEXT PRIMARY KEY NOT NULL,
  funnel_name TEXT NOT NULL,
  user_id TEXT REFERENCES users (id),
  relationship_id TEXT REFERENCES relationships (id),
  session_id TEXT,
  step_name TEXT NOT NULL,
  step_order INTEGER NOT NULL CHECK (step_order >= 1),
  completed INTEGER NOT NULL DEFAULT 0 CHECK (completed IN (0, 1)),
  dropped_off INTEGER NOT NULL DEFAULT 0 CHECK (dropped_off IN (0, 1)),
  time_to_complete_seconds INTEGER CHECK (time_to_complete_seconds >= 0),
  created_at INTEGER NOT NULL,
  CHECK (completed = 0 OR dropped_off = 0)
) STRICT;

CREATE INDEX conversion_funnels_name ON conversion_funnels (funnel_name, created_at);

CREATE TABLE ab_test_variants (
  id TEXT PRIMARY KEY NOT NULL,
  test_name TEXT NOT NULL,
  variant_name TEXT NOT NULL,
  description TEXT,
  is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
  traffic_percentage INTEGER NOT NULL DEFAULT 0 CHECK (traffic_percentage BETWEEN 0 AND 100),
  start_date TEXT NOT NULL CHECK (start_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
  end_date TEXT CHECK (end_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
  created_at INTEGER NOT NULL,
  CHECK (end_date >= start_date),
  UNIQUE (test_name, variant_name)
) STRICT;

-- The unit is what the draw was made for: once drawn, it stays.
CREATE TABLE ab_test_assignments (
  id TEXT PRIMARY KEY NOT NULL,
  test_name TEXT NOT NULL,
  variant_id TEXT NOT NULL REFERENCES ab_test_variants (id),
  unit_kind TEXT NOT NULL CHECK (unit_kind IN ('user', 'relationship', 'visitor')),
  unit_id TEXT NOT NULL,
  user_id TEXT REFERENCES users (id),
  relationship_id TEXT REFERENCES relationships (id),
  session_id TEXT,
  assigned_at INTEGER NOT NULL,
  converted INTEGER NOT NULL DEFAULT 0 CHECK (converted IN (0, 1)),
  conversion_value_cents INTEGER CHECK (conversion_value_cents >= 0),
  UNIQUE (test_name, unit_kind, unit_id)
) STRICT;

CREATE INDEX ab_test_assignments_variant ON ab_test_assignments (variant_id, converted);

CREATE TABLE revenue_analytics (
  id TEXT PRIMARY KEY NOT NULL,
  analytics_date TEXT NOT NULL UNIQUE CHECK (analytics_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
  subscription_revenue_cents INTEGER NOT NULL DEFAULT 0 CHECK (subscription_revenue_cents >= 0),
  credits_revenue_cents INTEGER NOT NULL DEFAULT 0 CHECK (credits_revenue_cents >= 0),
  addons_revenue_cents INTEGER NOT NULL DEFAULT 0 CHECK (addons_revenue_cents >= 0),
  gift_revenue_cents INTEGER NOT NULL DEFAULT 0 CHECK (gift_revenue_cents >= 0),
  total_revenue_cents INTEGER NOT NULL DEFAULT 0 CHECK (total_revenue_cents >= 0),
  new_subscriptions INTEGER NOT NULL DEFAULT 0 CHECK (new_subscriptions >= 0),
  canceled_subscriptions INTEGER NOT NULL DEFAULT 0 CHECK (canceled_subscriptions >= 0),
  refunds_cents INTEGER NOT NULL DEFAULT 0 CHECK (refunds_cents >= 0),
  -- The exact figure; the two after it are rounded once, for display.
  mrr_x12_cents INTEGER NOT NULL DEFAULT 0 CHECK (mrr_x12_cents >= 0),
  mrr_cents INTEGER NOT NULL DEFAULT 0 CHECK (mrr_cents >= 0),
  arr_cents INTEGER NOT NULL DEFAULT 0 CHECK (arr_cents >= 0),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE user_cohorts (
  id TEXT PRIMARY KEY NOT NULL,
  cohort_name TEXT NOT NULL,
  cohort_date TEXT NOT NULL CHECK (cohort_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
  user_id TEXT NOT NULL REFERENCES users (id),
  relationship_id TEXT REFERENCES relationships (id),
  joined_via TEXT NOT NULL DEFAULT 'organic'
    CHECK (joined_via IN ('organic', 'referral', 'paid_ad', 'social', 'partner', 'gift')),
  first_subscription_date TEXT
    CHECK (first_subscription_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
  total_revenue_cents INTEGER NOT NULL DEFAULT 0 CHECK (total_revenue_cents >= 0),
  is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
  created_at INTEGER NOT NULL,
  UNIQUE (user_id, cohort_name)
) STRICT;

CREATE INDEX user_cohorts_date ON user_cohorts (cohort_name, cohort_date);

-- Flushed by objects like relationship_analytics; the id is the row's own number.
CREATE TABLE engagement_scores (
  id INTEGER PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id),
  relationship_id TEXT NOT NULL REFERENCES relationships (id),
  score_date TEXT NOT NULL CHECK (score_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
  score_version INTEGER NOT NULL DEFAULT 1 CHECK (score_version >= 1),
  engagement_score INTEGER NOT NULL CHECK (engagement_score BETWEEN 0 AND 100),
  checkin_completed INTEGER NOT NULL DEFAULT 0 CHECK (checkin_completed IN (0, 1)),
  activities_logged INTEGER NOT NULL DEFAULT 0 CHECK (activities_logged >= 0),
  messages_sent INTEGER NOT NULL DEFAULT 0 CHECK (messages_sent >= 0),
  features_used INTEGER NOT NULL DEFAULT 0 CHECK (features_used >= 0),
  session_duration_seconds INTEGER NOT NULL DEFAULT 0 CHECK (session_duration_seconds >= 0),
  epoch INTEGER NOT NULL DEFAULT 0 CHECK (epoch >= 0),
  source_seq INTEGER NOT NULL DEFAULT 0 CHECK (source_seq >= 0),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (user_id, score_date)
) STRICT;

-- Active people of a day, and the deletion after 90 days.
CREATE INDEX engagement_scores_date ON engagement_scores (score_date, engagement_score);

CREATE TABLE partner_analytics (
  id TEXT PRIMARY KEY NOT NULL,
  partner_name TEXT NOT NULL,
  partner_category TEXT NOT NULL,
  analytics_date TEXT NOT NULL CHECK (analytics_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
  total_bookings INTEGER NOT NULL DEFAULT 0 CHECK (total_bookings >= 0),
  total_revenue_cents INTEGER NOT NULL DEFAULT 0 CHECK (total_revenue_cents >= 0),
  commission_cents INTEGER NOT NULL DEFAULT 0 CHECK (commission_cents >= 0),
  average_rating REAL CHECK (average_rating BETWEEN 1 AND 10),
  repeat_bookings INTEGER NOT NULL DEFAULT 0 CHECK (repeat_bookings >= 0),
  cancellations INTEGER NOT NULL DEFAULT 0 CHECK (cancellations >= 0),
  created_at INTEGER NOT NULL,
  UNIQUE (partner_name, analytics_date)
) STRICT;

CREATE TABLE error_logs (
  id TEXT PRIMARY KEY NOT NULL,
  error_type TEXT NOT NULL,
  error_message TEXT NOT NULL,
  stack_trace TEXT,
  user_id TEXT REFERENCES users (id),
  relationship_id TEXT REFERENCES relationships (id),
  session_id TEXT,
  page_url TEXT,
  severity TEXT NOT NULL DEFAULT 'medium' CHECK (severity IN ('low', 'medium', 'high', 'critical')),
  resolved INTEGER NOT NULL DEFAULT 0 CHECK (resolved IN (0, 1)),
  resolved_at INTEGER,
  created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX error_logs_open ON error_logs (severity, created_at) WHERE resolved = 0;
CREATE INDEX error_logs_created ON error_logs (created_at);

CREATE TABLE email_campaign_analytics (
  id TEXT PRIMARY KEY NOT NULL,
  campaign_name TEXT NOT NULL,
  campaign_type TEXT CHECK (campaign_type IN ('welcome', 'engagement', 'retention', 'promotional', 'transactional')),
  sent_date TEXT NOT NULL CHECK (sent_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
  total_sent INTEGER NOT NULL DEFAULT 0 CHECK (total_sent >= 0),
  total_delivered INTEGER NOT NULL DEFAULT 0 CHECK (total_delivered >= 0),
  total_opened INTEGER NOT NULL DEFAULT 0 CHECK (total_opened >= 0),
  total_clicked INTEGER NOT NULL DEFAULT 0 CHECK (total_clicked >= 0),
  total_bounced INTEGER NOT NULL DEFAULT 0 CHECK (total_bounced >= 0),
  total_unsubscribed INTEGER NOT NULL DEFAULT 0 CHECK (total_unsubscribed >= 0),
  open_rate REAL CHECK (open_rate BETWEEN 0 AND 1),
  click_rate REAL CHECK (click_rate BETWEEN 0 AND 1),
  conversion_count INTEGER NOT NULL DEFAULT 0 CHECK (conversion_count >= 0),
  conversion_value_cents INTEGER NOT NULL DEFAULT 0 CHECK (conversion_value_cents >= 0),
  created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX email_campaign_analytics_sent ON email_campaign_analytics (sent_date);

-- Hourly counters flushed by objects: absolute values, replaced by a greater (epoch, source_seq) only. The hour comes
-- first in the key, so that one tree serves the upsert, the reports over all couples and the deletion after 35 days;
-- a look at one relationship lists the hours that it wants. No foreign keys: this is the first table to move to a
-- second analytics database.
CREATE TABLE relationship_event_summaries (
  relationship_id TEXT NOT NULL,
  bucket_at INTEGER NOT NULL CHECK (bucket_at % 3600000 = 0),
  event_name TEXT NOT NULL,
  user_id TEXT NOT NULL,
  event_count INTEGER NOT NULL CHECK (event_count >= 0),
  epoch INTEGER NOT NULL CHECK (epoch >= 0),
  source_seq INTEGER NOT NULL CHECK (source_seq >= 0),
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (bucket_at, relationship_id, event_name, user_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE cohort_retention (
  cohort_date TEXT NOT NULL CHECK (cohort_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
  cohort_unit TEXT NOT NULL CHECK (cohort_unit IN ('day', 'week', 'month')),
  segment TEXT NOT NULL,
  period_index INTEGER NOT NULL CHECK (period_index >= 0),
  cohort_size INTEGER NOT NULL CHECK (cohort_size >= 0),
  retained_count INTEGER NOT NULL CHECK (retained_count BETWEEN 0 AND cohort_size),
  computed_at INTEGER NOT NULL,
  PRIMARY KEY (cohort_date, cohort_unit, segment, period_index)
) STRICT, WITHOUT ROWID;

-- Movements are stored as amounts without a sign, and the database itself checks that they add up, in twelfths.
CREATE TABLE revenue_reports (
  report_month TEXT PRIMARY KEY NOT NULL CHECK (report_month GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]'),
  opening_mrr_x12_cents INTEGER NOT NULL CHECK (opening_mrr_x12_cents >= 0),
  new_mrr_x12_cents INTEGER NOT NULL CHECK (new_mrr_x12_cents >= 0),
  expansion_mrr_x12_cents INTEGER NOT NULL CHECK (expansion_mrr_x12_cents >= 0),
  contraction_mrr_x12_cents INTEGER NOT NULL CHECK (contraction_mrr_x12_cents >= 0),
  churn_mrr_x12_cents INTEGER NOT NULL CHECK (churn_mrr_x12_cents >= 0),
  reactivation_mrr_x12_cents INTEGER NOT NULL CHECK (reactivation_mrr_x12_cents >= 0),
  closing_mrr_x12_cents INTEGER NOT NULL CHECK (closing_mrr_x12_cents >= 0),
  subscription_revenue_cents INTEGER NOT NULL CHECK (subscription_revenue_cents >= 0),
  credits_revenue_cents INTEGER NOT NULL CHECK (credits_revenue_cents >= 0),
  addons_revenue_cents INTEGER NOT NULL CHECK (addons_revenue_cents >= 0),
  gift_revenue_cents INTEGER NOT NULL CHECK (gift_revenue_cents >= 0),
  refunds_cents INTEGER NOT NULL CHECK (refunds_cents >= 0),
  computed_at INTEGER NOT NULL,
  CHECK (
    opening_mrr_x12_cents + new_mrr_x12_cents + expansion_mrr_x12_cents + reactivation_mrr_x12_cents
      - contraction_mrr_x12_cents - churn_mrr_x12_cents = closing_mrr_x12_cents
  )
) STRICT, WITHOUT ROWID;
