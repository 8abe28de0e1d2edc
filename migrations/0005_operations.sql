-- What the Worker itself needs: messages on their way to objects, the audit trail, and the diary of its jobs.

-- Tells the Worker to push something to an object. One row per cause: a second change of the same thing moves the row
-- instead of adding one, and delivery always sends what is newest.
CREATE TABLE object_outbox (
  relationship_id TEXT NOT NULL REFERENCES relationships (id),
  kind TEXT NOT NULL CHECK (kind IN ('membership', 'session_ended', 'entitlement')),
  key TEXT NOT NULL,
  payload TEXT CHECK (json_valid(payload)),
  -- Grows when the same cause comes again; a delivery deletes the row only in the generation that it read.
  generation INTEGER NOT NULL DEFAULT 1 CHECK (generation >= 1),
  attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  due_at INTEGER NOT NULL,
  last_error TEXT,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (relationship_id, kind, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX object_outbox_due ON object_outbox (due_at);

-- Append-only. Each entry carries the hash of the one before it; previous_hash is unique, so that two writers can not
-- both follow the same entry: the later one reads the tail again. The first entry follows the empty text.
CREATE TABLE audit_log (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  actor_user_id TEXT,
  actor_role TEXT NOT NULL CHECK (actor_role IN ('user', 'support', 'finance', 'admin', 'system')),
  action TEXT NOT NULL,
  subject_kind TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  relationship_id TEXT,
  reason TEXT,
  details TEXT CHECK (json_valid(details)),
  previous_hash TEXT NOT NULL UNIQUE,
  entry_hash TEXT NOT NULL UNIQUE CHECK (entry_hash <> ''),
  created_at INTEGER NOT NULL,
  CHECK (actor_role = 'system' OR actor_user_id IS NOT NULL)
) STRICT;

CREATE INDEX audit_log_subject ON audit_log (subject_kind, subject_id, created_at);
CREATE INDEX audit_log_relationship ON audit_log (relationship_id, created_at) WHERE relationship_id IS NOT NULL;

CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log
BEGIN
  SELECT RAISE(ABORT, 'audit_log is append-only');
END;

CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log
BEGIN
  SELECT RAISE(ABORT, 'audit_log is append-only');
END;

-- INSERT OR REPLACE would delete the old entry without firing the trigger above.
CREATE TRIGGER audit_log_no_replace BEFORE INSERT ON audit_log
WHEN EXISTS (SELECT 1 FROM audit_log WHERE sequence = NEW.sequence)
  OR EXISTS (SELECT 1 FROM audit_log WHERE id = NEW.id)
  OR EXISTS (SELECT 1 FROM audit_log WHERE previous_hash = NEW.previous_hash)
  OR EXISTS (SELECT 1 FROM audit_log WHERE entry_hash = NEW.entry_hash)
BEGIN
  SELECT RAISE(ABORT, 'audit_log is append-only: UNIQUE constraint');
END;

-- A job of the scheduler runs once per slot: whoever inserts the row runs it.
CREATE TABLE job_runs (
  job_name TEXT NOT NULL,
  slot_at INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  finished_at INTEGER CHECK (finished_at >= started_at),
  status TEXT NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'succeeded', 'failed')),
  rows_affected INTEGER CHECK (rows_affected >= 0),
  error TEXT,
  PRIMARY KEY (job_name, slot_at),
  CHECK ((status = 'running') = (finished_at IS NULL))
) STRICT, WITHOUT ROWID;

-- Five wrong pairing codes lock the account's code entry for 15 minutes. The count is exact, because six digits can
-- be guessed and a limit per location can be walked around.
CREATE TABLE code_entry_attempts (
  user_id TEXT PRIMARY KEY NOT NULL REFERENCES users (id),
  wrong_count INTEGER NOT NULL DEFAULT 0 CHECK (wrong_count >= 0),
  locked_until_at INTEGER,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Counts that no longer matter are dropped by age.
CREATE INDEX code_entry_attempts_updated ON code_entry_attempts (updated_at);
