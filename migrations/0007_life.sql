-- Parting and coming back, moving one object's rows into another, daily questions, recovery with a partner's help,
-- erasure.

-- Grows with each change of relationships.status, whoever decides it; what is not newer is ignored on both sides.
ALTER TABLE relationships ADD COLUMN status_version INTEGER NOT NULL DEFAULT 1 CHECK (status_version >= 1);

-- When the person last proved who they are in this session, beyond signing in.
ALTER TABLE sessions ADD COLUMN confirmed_at INTEGER;

-- Who parted from whom: invitations from other_user_id to user_id are dropped without a word.
CREATE TABLE parted_pairs (
  user_id TEXT NOT NULL REFERENCES users (id),
  other_user_id TEXT NOT NULL REFERENCES users (id),
  parted_at INTEGER NOT NULL,
  PRIMARY KEY (user_id, other_user_id),
  CHECK (user_id <> other_user_id)
) STRICT, WITHOUT ROWID;

-- What remains of that when user_id is erased: other_user_id still writes nothing to the address that was theirs. Of the
-- address only an HMAC is kept, for two years.
CREATE TABLE kept_away_addresses (
  address_hmac TEXT NOT NULL,
  sender_user_id TEXT NOT NULL REFERENCES users (id),
  erased_at INTEGER NOT NULL,
  PRIMARY KEY (address_hmac, sender_user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX kept_away_addresses_by_sender ON kept_away_addresses (sender_user_id);
CREATE INDEX kept_away_addresses_by_age ON kept_away_addresses (erased_at);

-- In whose name a mail to somebody else was written, so that it goes when they are erased.
ALTER TABLE mail_outbox ADD COLUMN caused_by_user_id TEXT REFERENCES users (id) ON DELETE SET NULL;
CREATE INDEX mail_outbox_by_cause ON mail_outbox (caused_by_user_id) WHERE caused_by_user_id IS NOT NULL;

CREATE TABLE reunion_votes (
  relationship_id TEXT NOT NULL REFERENCES relationships (id),
  user_id TEXT NOT NULL REFERENCES users (id),
  voted_at INTEGER NOT NULL,
  PRIMARY KEY (relationship_id, user_id)
) STRICT, WITHOUT ROWID;

-- "Which parted spaces can this person still read?", and who of two has to be told of an ended session.
CREATE INDEX relationship_members_parted ON relationship_members (user_id, relationship_id) WHERE left_at IS NOT NULL;
CREATE INDEX reunion_votes_by_user ON reunion_votes (user_id);

-- One person's part of one object on its way into another. The target is told with its membership.
CREATE TABLE absorptions (
  source_id TEXT NOT NULL REFERENCES relationships (id),
  user_id TEXT NOT NULL REFERENCES users (id),
  target_id TEXT NOT NULL REFERENCES relationships (id),
  created_at INTEGER NOT NULL,
  finished_at INTEGER,
  PRIMARY KEY (source_id, user_id),
  CHECK (source_id <> target_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX absorptions_waiting ON absorptions (target_id) WHERE finished_at IS NULL;

CREATE TABLE daily_questions (
  id TEXT PRIMARY KEY NOT NULL,
  question TEXT NOT NULL,
  category TEXT NOT NULL,
  is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
  sort_order INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

-- Recovery with the partner's help, off until the person switches it on.
CREATE TABLE recovery_settings (
  user_id TEXT PRIMARY KEY NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  enabled_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE recoveries (
  id TEXT PRIMARY KEY NOT NULL,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  relationship_id TEXT NOT NULL REFERENCES relationships (id),
  -- Empty once it is over.
  new_email TEXT NOT NULL COLLATE NOCASE,
  status TEXT NOT NULL DEFAULT 'waiting_for_partner' CHECK (status IN
    ('waiting_for_partner', 'waiting_period', 'link_mailed', 'finished', 'cancelled', 'expired')),
  -- The status of which the inboxes of both members were told.
  told_status TEXT,
  approved_by_user_id TEXT REFERENCES users (id),
  approved_at INTEGER,
  -- Not before this, and nothing moves it closer: 48 hours after the approval.
  ready_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  CHECK ((approved_by_user_id IS NULL) = (approved_at IS NULL)),
  CHECK ((approved_at IS NULL) = (ready_at IS NULL)),
  CHECK (ready_at >= approved_at + 172800000),
  CHECK (status NOT IN ('waiting_period', 'link_mailed', 'finished') OR approved_at IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX recoveries_one_open ON recoveries (user_id)
  WHERE status IN ('waiting_for_partner', 'waiting_period', 'link_mailed');
CREATE INDEX recoveries_of_relationship ON recoveries (relationship_id)
  WHERE status IN ('waiting_for_partner', 'waiting_period', 'link_mailed');
CREATE INDEX recoveries_ready ON recoveries (ready_at) WHERE status = 'waiting_period';
CREATE INDEX recoveries_by_status ON recoveries (status, updated_at);
CREATE INDEX recoveries_untold ON recoveries (updated_at) WHERE told_status IS NOT status;
-- Reset links of one person, to make them worthless.
CREATE INDEX verifications_by_value ON verifications (value);

-- An account on its way out, step by step; what is done is listed in `steps` and kept as the certificate.
CREATE TABLE erasures (
  user_id TEXT PRIMARY KEY NOT NULL REFERENCES users (id),
  requested_at INTEGER NOT NULL,
  steps TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(steps)),
  attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  due_at INTEGER NOT NULL,
  last_error TEXT,
  finished_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX erasures_due ON erasures (due_at) WHERE finished_at IS NULL;

-- "Where was this person ever?": leaving, absorbing, ending sessions in a frozen space, erasing.
CREATE INDEX relationship_members_by_user ON relationship_members (user_id);
-- Rows of one person, which an erasure takes.
CREATE INDEX recoveries_by_user ON recoveries (user_id);
CREATE INDEX recoveries_by_approver ON recoveries (approved_by_user_id) WHERE approved_by_user_id IS NOT NULL;
CREATE INDEX absorptions_of_user ON absorptions (user_id);
CREATE INDEX parted_pairs_by_other ON parted_pairs (other_user_id);
CREATE INDEX partner_invitations_by_email ON partner_invitations (invitee_email) WHERE invitee_email IS NOT NULL;
CREATE INDEX conversion_funnels_user ON conversion_funnels (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX ab_test_assignments_user ON ab_test_assignments (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX error_logs_user ON error_logs (user_id) WHERE user_id IS NOT NULL;

-- Whoever was erased while an acceptance of theirs was on its way joins nothing: the whole batch is undone.
CREATE TRIGGER relationship_members_not_erased BEFORE INSERT ON relationship_members
WHEN EXISTS (SELECT 1 FROM users WHERE id = NEW.user_id AND erased_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'constraint failed: the account is erased');
END;
