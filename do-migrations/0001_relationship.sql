-- Everything one couple does. Rows carry their author and a class: private (author only), shared (the author's, seen by
-- both) or joint. A person alone writes private rows, and they stay private when a partner joins.

CREATE TABLE _meta (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  relationship_id TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('solo', 'active', 'paused', 'frozen', 'ended')),
  relationship_type TEXT NOT NULL CHECK (relationship_type IN ('dating', 'engaged', 'married', 'partnership')),
  start_date TEXT,
  anniversary_date TEXT,
  home_timezone TEXT NOT NULL,
  membership_version INTEGER NOT NULL,
  epoch INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  last_flush_at INTEGER
) STRICT;

CREATE TABLE members (
  user_id TEXT PRIMARY KEY,
  slot INTEGER NOT NULL CHECK (slot IN (1, 2)),
  display_name TEXT NOT NULL,
  timezone TEXT NOT NULL,
  joined_at INTEGER NOT NULL,
  left_at INTEGER,
  membership_version INTEGER NOT NULL,
  preferences TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(preferences)),
  hidden_streaks INTEGER NOT NULL DEFAULT 0 CHECK (hidden_streaks IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX members_live_slot ON members (slot) WHERE left_at IS NULL;

CREATE TABLE daily_checkins (
  id TEXT NOT NULL,
  user_id TEXT NOT NULL REFERENCES members (user_id),
  checkin_date TEXT NOT NULL,
  connection_score INTEGER CHECK (connection_score BETWEEN 1 AND 10),
  mood_score INTEGER CHECK (mood_score BETWEEN 1 AND 10),
  relationship_satisfaction INTEGER CHECK (relationship_satisfaction BETWEEN 1 AND 10),
  gratitude_note TEXT,
  support_needed TEXT,
  highlight_of_day TEXT,
  visibility TEXT NOT NULL CHECK (visibility IN ('private', 'shared')),
  notes_visibility TEXT NOT NULL CHECK (notes_visibility IN ('private', 'shared')),
  -- Days between the date and the author's own day when it was first entered; more than 2 do not count for streaks.
  late_days INTEGER NOT NULL DEFAULT 0 CHECK (late_days >= 0),
  row_version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (user_id, checkin_date)
) STRICT, WITHOUT ROWID;
CREATE INDEX daily_checkins_by_date ON daily_checkins (checkin_date, user_id);
-- Dates with a note of gratitude, counted until the achievement for thirty of them is earned.
CREATE INDEX daily_checkins_gratitude ON daily_checkins (checkin_date) WHERE gratitude_note IS NOT NULL;

CREATE TABLE activities (
  id TEXT PRIMARY KEY,
  activity_name TEXT NOT NULL,
  activity_type TEXT NOT NULL CHECK (activity_type IN ('date_night', 'quality_time', 'adventure', 'relaxation', 'learning', 'exercise', 'social', 'custom')),
  description TEXT,
  location TEXT,
  planned_date TEXT,
  completed_date TEXT,
  duration_minutes INTEGER CHECK (duration_minutes > 0),
  cost_cents INTEGER CHECK (cost_cents >= 0),
  currency TEXT,
  satisfaction_rating_user1 INTEGER CHECK (satisfaction_rating_user1 BETWEEN 1 AND 10),
  satisfaction_rating_user2 INTEGER CHECK (satisfaction_rating_user2 BETWEEN 1 AND 10),
  notes TEXT,
  photos TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(photos)),
  status TEXT NOT NULL CHECK (status IN ('planned', 'completed', 'cancelled')),
  created_by_user_id TEXT NOT NULL REFERENCES members (user_id),
  visibility TEXT NOT NULL CHECK (visibility IN ('private', 'joint')),
  row_version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX activities_by_status ON activities (status, planned_date, id);
CREATE INDEX activities_completed ON activities (activity_type, completed_date) WHERE status = 'completed';
-- Finds what was done on a date that comes back every year or month, without reading the years between.
CREATE INDEX activities_by_month_day ON activities (substr(completed_date, 6)) WHERE status = 'completed';

CREATE TABLE shared_goals (
  id TEXT PRIMARY KEY,
  goal_name TEXT NOT NULL,
  goal_description TEXT,
  goal_type TEXT NOT NULL CHECK (goal_type IN ('weekly', 'monthly', 'milestone', 'custom')),
  target_count INTEGER NOT NULL CHECK (target_count > 0),
  current_progress INTEGER NOT NULL DEFAULT 0,
  status TEXT NOT NULL CHECK (status IN ('active', 'completed', 'paused', 'cancelled')),
  start_date TEXT NOT NULL,
  target_date TEXT,
  completion_date TEXT,
  created_by_user_id TEXT NOT NULL REFERENCES members (user_id),
  visibility TEXT NOT NULL CHECK (visibility IN ('private', 'joint')),
  row_version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX shared_goals_by_status ON shared_goals (status, target_date, id);

CREATE TABLE important_dates (
  id TEXT PRIMARY KEY,
  date_value TEXT NOT NULL,
  event_name TEXT NOT NULL,
  event_type TEXT NOT NULL CHECK (event_type IN ('anniversary', 'milestone', 'birthday', 'holiday', 'custom')),
  description TEXT,
  is_recurring INTEGER NOT NULL CHECK (is_recurring IN (0, 1)),
  recurrence_pattern TEXT,
  reminder_days_before INTEGER NOT NULL DEFAULT 7 CHECK (reminder_days_before BETWEEN 0 AND 365),
  created_by_user_id TEXT NOT NULL REFERENCES members (user_id),
  visibility TEXT NOT NULL CHECK (visibility IN ('private', 'joint')),
  row_version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE communication_log (
  id TEXT PRIMARY KEY,
  communication_type TEXT NOT NULL CHECK (communication_type IN ('deep_talk', 'conflict_resolution', 'planning', 'appreciation', 'check_in', 'custom')),
  topic TEXT,
  description TEXT,
  outcome TEXT CHECK (outcome IN ('positive', 'neutral', 'needs_follow_up')),
  duration_minutes INTEGER CHECK (duration_minutes > 0),
  initiated_by_user_id TEXT NOT NULL REFERENCES members (user_id),
  communication_date TEXT NOT NULL,
  follow_up_needed INTEGER NOT NULL DEFAULT 0 CHECK (follow_up_needed IN (0, 1)),
  follow_up_date TEXT,
  visibility TEXT NOT NULL CHECK (visibility IN ('private', 'shared')),
  row_version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX communication_log_by_type ON communication_log (communication_type, communication_date, id);
CREATE INDEX communication_log_by_date ON communication_log (communication_date, id);

CREATE TABLE challenge_participation (
  id TEXT PRIMARY KEY,
  challenge_id TEXT NOT NULL,
  start_date TEXT NOT NULL,
  target_end_date TEXT NOT NULL,
  actual_end_date TEXT,
  status TEXT NOT NULL CHECK (status IN ('active', 'completed', 'paused', 'abandoned')),
  -- The local date on which the running pause began; resuming moves the target date by the days since.
  paused_date TEXT,
  -- Pauses that are over, [first day, day of resuming] each: perfect days ask nothing of a paused challenge.
  pauses TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(pauses)),
  progress_percentage INTEGER NOT NULL DEFAULT 0 CHECK (progress_percentage BETWEEN 0 AND 100),
  completion_notes TEXT,
  created_by_user_id TEXT NOT NULL REFERENCES members (user_id),
  visibility TEXT NOT NULL CHECK (visibility IN ('private', 'joint')),
  row_version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
-- A private one is nobody else's business: it never stands in the way of the partner's or of the couple's.
CREATE UNIQUE INDEX challenge_participation_live
  ON challenge_participation (challenge_id, (CASE visibility WHEN 'private' THEN created_by_user_id ELSE '' END))
  WHERE status IN ('active', 'paused');
-- Who gave up on the first day may begin again on that day.
CREATE UNIQUE INDEX challenge_participation_start
  ON challenge_participation (challenge_id, start_date, (CASE visibility WHEN 'private' THEN created_by_user_id ELSE '' END))
  WHERE status <> 'abandoned';
CREATE INDEX challenge_participation_by_status ON challenge_participation (status, start_date, id);
CREATE INDEX challenge_participation_by_end ON challenge_participation (actual_end_date);

CREATE TABLE challenge_entries (
  id TEXT PRIMARY KEY,
  participation_id TEXT NOT NULL REFERENCES challenge_participation (id) ON DELETE CASCADE,
  user_id TEXT NOT NULL REFERENCES members (user_id),
  entry_date TEXT NOT NULL,
  entry_content TEXT,
  reflection TEXT,
  completion_status INTEGER NOT NULL CHECK (completion_status IN (0, 1)),
  visibility TEXT NOT NULL CHECK (visibility IN ('private', 'shared')),
  row_version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (participation_id, user_id, entry_date)
) STRICT;

CREATE TABLE user_achievements (
  id TEXT PRIMARY KEY,
  achievement_id TEXT NOT NULL UNIQUE,
  earned_date TEXT NOT NULL,
  earned_at INTEGER NOT NULL,
  -- Empty means both.
  earned_by_user_id TEXT REFERENCES members (user_id),
  notes TEXT
) STRICT;

CREATE TABLE points (
  id TEXT PRIMARY KEY,
  member_id TEXT REFERENCES members (user_id),
  points INTEGER NOT NULL,
  reason TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (reason, subject_id)
) STRICT;

CREATE TABLE notifications (
  -- Sorts by creation.
  id TEXT NOT NULL,
  user_id TEXT NOT NULL REFERENCES members (user_id),
  notification_type TEXT NOT NULL CHECK (notification_type IN ('reminder', 'achievement', 'checkin', 'anniversary', 'goal_progress', 'partner_activity')),
  title TEXT NOT NULL,
  message TEXT NOT NULL,
  action_url TEXT,
  subject_id TEXT,
  is_read INTEGER NOT NULL DEFAULT 0 CHECK (is_read IN (0, 1)),
  read_at INTEGER,
  priority TEXT NOT NULL DEFAULT 'normal' CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
  scheduled_for INTEGER,
  sent_at INTEGER,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (user_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX notifications_unread ON notifications (user_id) WHERE is_read = 0;

-- A buffer for clients that reconnect: ids and facts, no text. The tables above are the truth.
CREATE TABLE relationship_events (
  stream TEXT NOT NULL,
  seq INTEGER NOT NULL,
  name TEXT NOT NULL,
  actor_id TEXT NOT NULL,
  occurred_at INTEGER NOT NULL,
  subject_id TEXT,
  data TEXT NOT NULL,
  -- Whether analytics count it: an act of a member that is not private to a member of a couple.
  counted INTEGER NOT NULL CHECK (counted IN (0, 1)),
  PRIMARY KEY (stream, seq)
) STRICT, WITHOUT ROWID;

-- Hourly counters, folded from the log before each flush. A row waits for the flush while source_seq is greater than
-- flushed_seq.
CREATE TABLE event_summaries (
  bucket_at INTEGER NOT NULL,
  event_name TEXT NOT NULL,
  user_id TEXT NOT NULL,
  event_count INTEGER NOT NULL,
  source_seq INTEGER NOT NULL,
  flushed_seq INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (bucket_at, event_name, user_id)
) STRICT, WITHOUT ROWID;

-- Days whose snapshot in D1 changed with what was written since; a day waits for the flush like a counter does.
CREATE TABLE snapshot_dates (
  analytics_date TEXT PRIMARY KEY,
  source_seq INTEGER NOT NULL,
  flushed_seq INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX snapshot_dates_dirty ON snapshot_dates (analytics_date) WHERE source_seq > flushed_seq;

-- How far each stream of the log has been folded into event_summaries.
CREATE TABLE summary_cursors (
  stream TEXT PRIMARY KEY,
  seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE command_receipts (
  member_id TEXT NOT NULL,
  command_id TEXT NOT NULL,
  input_hash TEXT NOT NULL,
  result TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (member_id, command_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE schedule (
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  due_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  last_error TEXT,
  -- A job that failed too often waits here for an operator instead of for the alarm.
  parked_at INTEGER,
  PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX schedule_due ON schedule (due_at) WHERE parked_at IS NULL;

CREATE TABLE entitlement (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  version INTEGER NOT NULL,
  plan_id TEXT NOT NULL,
  limits TEXT NOT NULL CHECK (json_valid(limits)),
  expires_at INTEGER
) STRICT;

-- One-use secrets that open a socket, stored as hashes.
CREATE TABLE socket_tokens (
  token_hash TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('ticket', 'resume')),
  user_id TEXT NOT NULL,
  session_id TEXT NOT NULL,
  session_expires_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX socket_tokens_by_session ON socket_tokens (session_id);

-- Sessions that ended while a socket of theirs could still be open or a token of theirs on its way.
CREATE TABLE ended_sessions (
  session_id TEXT PRIMARY KEY,
  ended_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- While this row exists and has not lapsed, nobody may write: the owner is moving into another relationship.
CREATE TABLE write_lease (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  holder TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
