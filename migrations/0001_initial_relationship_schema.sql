-- People, who belongs to whom, the two catalogues, and the daily snapshot that relationship objects flush.
-- What a couple does (check-ins, activities, goals, dates, talks, awards) lives in the relationship's own object.
--
-- Conventions of every file here: STRICT tables; `*_at` is UTC epoch milliseconds; `*_date` is a calendar day as
-- YYYY-MM-DD; `*_cents` is integer money; flags are 0 or 1; JSON only for what no query looks into.

-- The sign-in library reads and writes this table as its user model. It owns created_at and updated_at and writes
-- ISO text there, so these two are the exception to epoch milliseconds.
CREATE TABLE users (
  id TEXT PRIMARY KEY NOT NULL,
  email TEXT NOT NULL COLLATE NOCASE UNIQUE,
  email_verified INTEGER NOT NULL DEFAULT 0 CHECK (email_verified IN (0, 1)),
  name TEXT NOT NULL,
  nickname TEXT,
  profile_photo_url TEXT,
  phone_number TEXT,
  timezone TEXT NOT NULL DEFAULT 'UTC',
  love_language_primary TEXT CHECK (love_language_primary IN
    ('words_of_affirmation', 'quality_time', 'physical_touch', 'acts_of_service', 'receiving_gifts')),
  love_language_secondary TEXT CHECK (love_language_secondary IN
    ('words_of_affirmation', 'quality_time', 'physical_touch', 'acts_of_service', 'receiving_gifts')),
  relationship_preferences TEXT CHECK (json_valid(relationship_preferences)),
  role TEXT NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'support', 'finance', 'admin')),
  -- Grows with each change of name, photo or zone; objects ignore a profile that is not newer.
  profile_version INTEGER NOT NULL DEFAULT 1 CHECK (profile_version >= 1),
  last_active_at INTEGER,
  -- An erased person keeps an anonymous row, because payment records must keep pointing at something.
  erased_at INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;

-- The directory of relationships, one row per object. relationship_members is the truth about who is in one;
-- user_1_id and user_2_id repeat it for the eye and for joins. The same two people may pair again later.
CREATE TABLE relationships (
  id TEXT PRIMARY KEY NOT NULL,
  created_by_user_id TEXT NOT NULL REFERENCES users (id),
  user_1_id TEXT NOT NULL REFERENCES users (id),
  user_2_id TEXT REFERENCES users (id),
  relationship_type TEXT NOT NULL DEFAULT 'partnership'
    CHECK (relationship_type IN ('dating', 'engaged', 'married', 'partnership')),
  start_date TEXT CHECK (start_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
  anniversary_date TEXT CHECK (anniversary_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
  status TEXT NOT NULL DEFAULT 'solo' CHECK (status IN ('solo', 'active', 'paused', 'frozen', 'ended')),
  privacy_level TEXT NOT NULL DEFAULT 'private' CHECK (privacy_level IN ('private', 'friends', 'public')),
  home_timezone TEXT NOT NULL DEFAULT 'UTC',
  -- Grows with every change of members, zones, names or status; what an object holds of these is compared with it.
  membership_version INTEGER NOT NULL DEFAULT 1 CHECK (membership_version >= 1),
  -- Where the object must stay, as the platform names it; decided once, since the object's id depends on it.
  jurisdiction TEXT,
  analytics_shard INTEGER NOT NULL DEFAULT 0 CHECK (analytics_shard >= 0),
  -- Reported by the object with each flush: its own schema and when it next wants to be awake.
  schema_version INTEGER NOT NULL DEFAULT 0 CHECK (schema_version >= 0),
  next_due_at INTEGER,
  last_flush_at INTEGER,
  frozen_at INTEGER,
  ended_at INTEGER,
  -- Set when a solo relationship was absorbed by the one that its member joined.
  absorbed_into_id TEXT REFERENCES relationships (id),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  CHECK (user_1_id <> user_2_id),
  CHECK (status <> 'active' OR user_2_id IS NOT NULL)
) STRICT;

-- The sweep of overdue objects, oldest first.
CREATE INDEX relationships_next_due ON relationships (next_due_at) WHERE next_due_at IS NOT NULL;
-- "Is every object past schema n?" before a column is dropped.
CREATE INDEX relationships_schema_version ON relationships (schema_version);

CREATE TABLE relationship_members (
  relationship_id TEXT NOT NULL REFERENCES relationships (id),
  user_id TEXT NOT NULL REFERENCES users (id),
  slot INTEGER NOT NULL CHECK (slot IN (1, 2)),
  role TEXT NOT NULL DEFAULT 'partner' CHECK (role IN ('creator', 'partner')),
  joined_at INTEGER NOT NULL,
  left_at INTEGER CHECK (left_at >= joined_at),
  membership_version INTEGER NOT NULL DEFAULT 1 CHECK (membership_version >= 1),
  -- A person who left and came back has two rows.
  PRIMARY KEY (relationship_id, user_id, joined_at)
) STRICT, WITHOUT ROWID;

-- One live relationship per person, two people in one: the database decides, whatever the code races to do.
CREATE UNIQUE INDEX relationship_members_live_user ON relationship_members (user_id) WHERE left_at IS NULL;
CREATE UNIQUE INDEX relationship_members_live_slot ON relationship_members (relationship_id, slot) WHERE left_at IS NULL;

CREATE TABLE partner_invitations (
  id TEXT PRIMARY KEY NOT NULL,
  relationship_id TEXT NOT NULL REFERENCES relationships (id),
  inviter_user_id TEXT NOT NULL REFERENCES users (id),
  invitee_email TEXT COLLATE NOCASE,
  -- Link and QR code carry the secret; only its hash is stored. The six digits are stored as a peppered HMAC.
  token_hash TEXT NOT NULL UNIQUE,
  code_hmac TEXT,
  code_expires_at INTEGER,
  status TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'accepted', 'declined', 'expired', 'revoked')),
  message TEXT CHECK (length(message) <= 500),
  expires_at INTEGER NOT NULL,
  accepted_by_user_id TEXT REFERENCES users (id),
  -- Whoever entered the code waits here until the inviter confirms the name.
  provisional_user_id TEXT REFERENCES users (id),
  provisional_at INTEGER,
  resent_count INTEGER NOT NULL DEFAULT 0 CHECK (resent_count >= 0),
  resent_on_date TEXT CHECK (resent_on_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  CHECK ((code_hmac IS NULL) = (code_expires_at IS NULL)),
  CHECK ((provisional_user_id IS NULL) = (provisional_at IS NULL)),
  CHECK (accepted_by_user_id <> inviter_user_id),
  CHECK (provisional_user_id <> inviter_user_id),
  CHECK ((status = 'accepted') = (accepted_by_user_id IS NOT NULL))
) STRICT;

CREATE UNIQUE INDEX partner_invitations_one_pending ON partner_invitations (relationship_id) WHERE status = 'pending';
-- Six digits collide: a new code that is taken by a pending invitation must be drawn again.
CREATE UNIQUE INDEX partner_invitations_code ON partner_invitations (code_hmac)
  WHERE status = 'pending' AND code_hmac IS NOT NULL;
CREATE INDEX partner_invitations_relationship ON partner_invitations (relationship_id, created_at);
CREATE INDEX partner_invitations_invitee ON partner_invitations (invitee_email)
  WHERE status = 'pending' AND invitee_email IS NOT NULL;
CREATE INDEX partner_invitations_provisional ON partner_invitations (provisional_user_id)
  WHERE status = 'pending' AND provisional_user_id IS NOT NULL;
CREATE INDEX partner_invitations_expiry ON partner_invitations (expires_at) WHERE status = 'pending';

-- Catalogues: the code's typed data is their source, the seed writes them.
CREATE TABLE challenges (
  id TEXT PRIMARY KEY NOT NULL,
  challenge_name TEXT NOT NULL,
  challenge_description TEXT NOT NULL,
  challenge_type TEXT NOT NULL CHECK (challenge_type IN ('daily', 'weekly', 'monthly', 'milestone')),
  duration_days INTEGER NOT NULL CHECK (duration_days >= 1),
  difficulty_level TEXT NOT NULL CHECK (difficulty_level IN ('beginner', 'intermediate', 'advanced')),
  category TEXT NOT NULL
    CHECK (category IN ('communication', 'intimacy', 'adventure', 'gratitude', 'quality_time', 'support')),
  instructions TEXT NOT NULL CHECK (json_valid(instructions)),
  is_template INTEGER NOT NULL DEFAULT 1 CHECK (is_template IN (0, 1)),
  sort_order INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE achievements (
  id TEXT PRIMARY KEY NOT NULL,
  achievement_name TEXT NOT NULL,
  achievement_description TEXT NOT NULL,
  achievement_type TEXT NOT NULL CHECK (achievement_type IN ('milestone', 'streak', 'completion', 'special')),
  category TEXT NOT NULL CHECK (category IN
    ('communication', 'activities', 'goals', 'challenges', 'consistency', 'milestone', 'gratitude')),
  icon_url TEXT,
  requirements TEXT NOT NULL CHECK (json_valid(requirements)),
  point_value INTEGER NOT NULL CHECK (point_value >= 0),
  is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
  sort_order INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

-- One snapshot per relationship and day with activity, written by flushes only: a row is replaced by a greater
-- (epoch, source_seq) and by nothing else. The id is the row's own number, so that it needs no second index.
CREATE TABLE relationship_analytics (
  id INTEGER PRIMARY KEY,
  relationship_id TEXT NOT NULL REFERENCES relationships (id),
  analytics_date TEXT NOT NULL CHECK (analytics_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
  days_together INTEGER CHECK (days_together >= 0),
  average_connection_score REAL CHECK (average_connection_score BETWEEN 1 AND 10),
  average_satisfaction_score REAL CHECK (average_satisfaction_score BETWEEN 1 AND 10),
  checkin_streak INTEGER NOT NULL DEFAULT 0 CHECK (checkin_streak >= 0),
  activities_completed_this_month INTEGER NOT NULL DEFAULT 0 CHECK (activities_completed_this_month >= 0),
  goals_completed_this_month INTEGER NOT NULL DEFAULT 0 CHECK (goals_completed_this_month >= 0),
  communication_frequency_score REAL CHECK (communication_frequency_score >= 0),
  overall_health_score INTEGER CHECK (overall_health_score BETWEEN 0 AND 100),
  trends TEXT CHECK (json_valid(trends)),
  epoch INTEGER NOT NULL CHECK (epoch >= 0),
  source_seq INTEGER NOT NULL CHECK (source_seq >= 0),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (relationship_id, analytics_date)
) STRICT;

-- Reports over all relationships of a day.
CREATE INDEX relationship_analytics_date ON relationship_analytics (analytics_date);
