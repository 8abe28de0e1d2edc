-- Pausing, parting and coming back; questions, notes, photos, reminders, imports; visibility that its author chooses.

-- Grows with each change of status; of two reports the greater one is the newer.
ALTER TABLE _meta ADD COLUMN status_version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE _meta ADD COLUMN frozen_at INTEGER;
-- Grows with each edit of the couple's profile; of two edits that began from the same one the second is refused.
ALTER TABLE _meta ADD COLUMN profile_version INTEGER NOT NULL DEFAULT 1;
-- The status version of the last parting: sockets that were opened before it are closed, even if a close got lost.
ALTER TABLE _meta ADD COLUMN parted_version INTEGER NOT NULL DEFAULT 0;

-- What happens to a member's part when the thirty days are over, and when it is done.
ALTER TABLE members ADD COLUMN parting_choice TEXT NOT NULL DEFAULT 'keep' CHECK (parting_choice IN ('keep', 'decline', 'purged'));
ALTER TABLE members ADD COLUMN part_taken_at INTEGER;
-- When this member left; of two who leave at once both have one.
ALTER TABLE members ADD COLUMN parted_at INTEGER;
ALTER TABLE members ADD COLUMN erased_at INTEGER;

-- When the person last proved who they are; leaving asks for a recent proof.
ALTER TABLE socket_tokens ADD COLUMN signed_in_at INTEGER NOT NULL DEFAULT 0;

-- Days on which streaks, reminders and deadlines stood still, both ends included; the running one has no end.
CREATE TABLE relationship_pauses (
  id TEXT PRIMARY KEY,
  from_date TEXT NOT NULL,
  to_date TEXT,
  -- Empty while both were parted: who left is nobody's business.
  paused_by_user_id TEXT REFERENCES members (user_id),
  created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX relationship_pauses_running ON relationship_pauses ((to_date IS NULL)) WHERE to_date IS NULL;

-- What came from another object: whose part, how far it has been read, when it was complete.
CREATE TABLE absorptions (
  source_id TEXT NOT NULL,
  user_id TEXT NOT NULL REFERENCES members (user_id),
  cursor TEXT,
  rows_taken INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  finished_at INTEGER,
  -- Both of a former couple can bring their parts of it into one new object.
  PRIMARY KEY (source_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX absorptions_unfinished ON absorptions (source_id) WHERE finished_at IS NULL;

-- A joint row that came along from an earlier relationship and was written there by the former partner.
ALTER TABLE activities ADD COLUMN former_author INTEGER NOT NULL DEFAULT 0 CHECK (former_author IN (0, 1));
ALTER TABLE shared_goals ADD COLUMN former_author INTEGER NOT NULL DEFAULT 0 CHECK (former_author IN (0, 1));
ALTER TABLE important_dates ADD COLUMN former_author INTEGER NOT NULL DEFAULT 0 CHECK (former_author IN (0, 1));
ALTER TABLE challenge_participation ADD COLUMN former_author INTEGER NOT NULL DEFAULT 0 CHECK (former_author IN (0, 1));

-- At which row version each text was last changed, JSON field -> version: of two edits that began from the same version
-- it tells whether both changed a text, so that both can be kept.
ALTER TABLE daily_checkins ADD COLUMN text_versions TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(text_versions));
ALTER TABLE activities ADD COLUMN text_versions TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(text_versions));
ALTER TABLE shared_goals ADD COLUMN text_versions TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(text_versions));
ALTER TABLE important_dates ADD COLUMN text_versions TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(text_versions));
ALTER TABLE communication_log ADD COLUMN text_versions TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(text_versions));
ALTER TABLE challenge_participation ADD COLUMN text_versions TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(text_versions));
ALTER TABLE challenge_entries ADD COLUMN text_versions TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(text_versions));

-- The import that made a row, so that it can be undone.
ALTER TABLE daily_checkins ADD COLUMN import_id TEXT;
ALTER TABLE activities ADD COLUMN import_id TEXT;
ALTER TABLE important_dates ADD COLUMN import_id TEXT;
CREATE INDEX daily_checkins_by_import ON daily_checkins (import_id) WHERE import_id IS NOT NULL;
CREATE INDEX activities_by_import ON activities (import_id) WHERE import_id IS NOT NULL;
CREATE INDEX important_dates_by_import ON important_dates (import_id) WHERE import_id IS NOT NULL;
CREATE TABLE imports (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES members (user_id),
  kind TEXT NOT NULL CHECK (kind IN ('checkins', 'activities', 'dates')),
  rows_added INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  undone_at INTEGER
) STRICT;

-- Conversations that are to be continued, for the reminder.
CREATE INDEX communication_log_follow_ups ON communication_log (follow_up_date) WHERE follow_up_needed = 1;

-- "Every n days or weeks" for recurrence_pattern 'days' and 'weeks'; what 29 February becomes in other years.
ALTER TABLE important_dates ADD COLUMN recurrence_interval INTEGER NOT NULL DEFAULT 1 CHECK (recurrence_interval >= 1);
ALTER TABLE important_dates ADD COLUMN leap_day TEXT NOT NULL DEFAULT 'feb_28' CHECK (leap_day IN ('feb_28', 'mar_1'));

-- Milestones that were told, so that each is told once.
CREATE TABLE milestones_reached (
  milestone_date TEXT PRIMARY KEY,
  reached_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Calendar feeds. The secret of an address is a signature of the id and is stored nowhere; a revoked feed is remembered
-- so that it can say so.
CREATE TABLE calendar_feeds (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES members (user_id),
  created_at INTEGER NOT NULL,
  revoked_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX calendar_feeds_live ON calendar_feeds (user_id) WHERE revoked_at IS NULL;

-- The question of a couple's day, kept from its first answer on, and each member's sealed answer to it. What is answered
-- alone is private and leaves no row in the first table.
CREATE TABLE daily_questions (
  question_date TEXT PRIMARY KEY,
  question_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE daily_answers (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES members (user_id),
  question_date TEXT NOT NULL,
  question_id TEXT NOT NULL,
  answer TEXT NOT NULL,
  visibility TEXT NOT NULL CHECK (visibility IN ('private', 'sealed', 'shared')),
  row_version INTEGER NOT NULL DEFAULT 1,
  text_versions TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(text_versions)),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- One answer of each to the couple's question; an answer from a time alone to the same date stays beside it.
CREATE UNIQUE INDEX daily_answers_of_couple ON daily_answers (user_id, question_date) WHERE visibility <> 'private';
CREATE INDEX daily_answers_by_date ON daily_answers (question_date, question_id, user_id);

CREATE TABLE notes (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES members (user_id),
  note_date TEXT NOT NULL,
  title TEXT,
  body TEXT NOT NULL,
  visibility TEXT NOT NULL CHECK (visibility IN ('private', 'shared')),
  row_version INTEGER NOT NULL DEFAULT 1,
  text_versions TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(text_versions)),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX notes_by_author ON notes (user_id);

-- The bytes lie in R2 under object_key. A row is 'reserved' until they have arrived and were looked at.
CREATE TABLE photos (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES members (user_id),
  subject_kind TEXT CHECK (subject_kind IN ('activity', 'note', 'date')),
  subject_id TEXT,
  object_key TEXT NOT NULL UNIQUE,
  content_type TEXT NOT NULL CHECK (content_type IN ('image/jpeg', 'image/png', 'image/webp', 'image/heic')),
  size_bytes INTEGER NOT NULL CHECK (size_bytes > 0),
  caption TEXT,
  status TEXT NOT NULL CHECK (status IN ('reserved', 'stored')),
  visibility TEXT NOT NULL CHECK (visibility IN ('private', 'shared')),
  row_version INTEGER NOT NULL DEFAULT 1,
  text_versions TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(text_versions)),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
-- What a member has taken up of their own share.
CREATE INDEX photos_by_author ON photos (user_id, size_bytes);
CREATE INDEX photos_by_subject ON photos (subject_kind, subject_id) WHERE subject_id IS NOT NULL;
-- However a thing goes, photos that stay belong to nothing: nothing points at what is gone.
CREATE TRIGGER photos_outlive_activities AFTER DELETE ON activities BEGIN
  UPDATE photos SET subject_kind = NULL, subject_id = NULL WHERE subject_kind = 'activity' AND subject_id = OLD.id;
END;
CREATE TRIGGER photos_outlive_notes AFTER DELETE ON notes BEGIN
  UPDATE photos SET subject_kind = NULL, subject_id = NULL WHERE subject_kind = 'note' AND subject_id = OLD.id;
END;
CREATE TRIGGER photos_outlive_dates AFTER DELETE ON important_dates BEGIN
  UPDATE photos SET subject_kind = NULL, subject_id = NULL WHERE subject_kind = 'date' AND subject_id = OLD.id;
END;
-- Bytes in R2 whose row is gone or never came to be; the object deletes them when it is next awake.
CREATE TABLE file_deletions (
  object_key TEXT PRIMARY KEY,
  due_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX file_deletions_due ON file_deletions (due_at);

-- What was sent to whom on which local day: at most one of a kind, whatever crashes or fires twice.
CREATE TABLE reminders_sent (
  user_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  local_date TEXT NOT NULL,
  channel TEXT NOT NULL CHECK (channel IN ('inbox', 'email')),
  sent_at INTEGER NOT NULL,
  PRIMARY KEY (user_id, kind, local_date, channel)
) STRICT, WITHOUT ROWID;

-- Days on which a member opened the app, for the engagement score; and scores that wait for the flush.
CREATE TABLE app_days (
  user_id TEXT NOT NULL,
  local_date TEXT NOT NULL,
  PRIMARY KEY (user_id, local_date)
) STRICT, WITHOUT ROWID;
CREATE TABLE score_dates (
  user_id TEXT NOT NULL,
  score_date TEXT NOT NULL,
  source_seq INTEGER NOT NULL,
  flushed_seq INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (user_id, score_date)
) STRICT, WITHOUT ROWID;
CREATE INDEX score_dates_dirty ON score_dates (score_date) WHERE source_seq > flushed_seq;

-- A notification that waits for the end of its reader's quiet hours has scheduled_for and no sent_at. What its reader put
-- away stays, so that nobody is told twice.
ALTER TABLE notifications ADD COLUMN archived_at INTEGER;
CREATE INDEX notifications_waiting ON notifications (user_id, scheduled_for) WHERE scheduled_for IS NOT NULL AND sent_at IS NULL;

-- The follow-up date that was reminded of; another date is reminded of anew.
ALTER TABLE communication_log ADD COLUMN reminded_follow_up_date TEXT;

-- Members of before are reminded like those who join from now on.
INSERT INTO schedule (kind, key, due_at) SELECT 'reminders.due', user_id, 0 FROM members WHERE left_at IS NULL;

-- A streak of ten years reads all days there are: from this index, and not from the notes beside them.
DROP INDEX daily_checkins_by_date;
CREATE INDEX daily_checkins_by_date ON daily_checkins (checkin_date, user_id, visibility, late_days);
-- What a member did in challenges on one day, for the engagement score.
CREATE INDEX challenge_entries_by_date ON challenge_entries (entry_date, user_id);

-- Who moves into another object needs no writes stopped any more: the first page that is read stops them for good.
DROP TABLE write_lease;
