-- Sign-in and mail. The columns of sessions, accounts and verifications are the auth library's, in snake_case; it owns
-- their times and writes ISO 8601 text. No address and no user-agent string is kept: sessions carry coarse families only.

CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  -- Useless without AUTH_SECRET: only the signed form of it is accepted from a client.
  token TEXT NOT NULL UNIQUE,
  expires_at TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  device_class TEXT CHECK (device_class IN ('phone', 'tablet', 'computer', 'other')),
  browser_family TEXT CHECK (browser_family IN ('chrome', 'safari', 'firefox', 'edge', 'app', 'other')),
  os_family TEXT CHECK (os_family IN ('ios', 'android', 'windows', 'macos', 'linux', 'other'))
) STRICT;

CREATE INDEX sessions_by_user ON sessions (user_id, expires_at);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE accounts (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  provider_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  -- 'salt:key', scrypt N=16384 r=16 p=1, 64 bytes (docs in src/auth/library.ts).
  password TEXT,
  access_token TEXT,
  refresh_token TEXT,
  id_token TEXT,
  access_token_expires_at TEXT,
  refresh_token_expires_at TEXT,
  scope TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (provider_id, account_id)
) STRICT;

CREATE INDEX accounts_by_user ON accounts (user_id);

-- One-time tokens of password resets; identifier is a hash, so that a read of this table resets nobody's password.
CREATE TABLE verifications (
  id TEXT PRIMARY KEY,
  identifier TEXT NOT NULL,
  value TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;

CREATE INDEX verifications_by_identifier ON verifications (identifier, created_at);
CREATE INDEX verifications_by_expiry ON verifications (expires_at);

-- Exact counts behind the approximate fence of the rate limit bindings. Keys are HMACs of an account or address prefix.
CREATE TABLE sign_in_attempts (
  scope TEXT NOT NULL CHECK (scope IN (
    'sign_in_account', 'sign_in_address', 'sign_up_account', 'sign_up_address',
    'mail_link_account', 'mail_link_address', 'token_address', 'code_address'
  )),
  key_hmac TEXT NOT NULL,
  window_started_at INTEGER NOT NULL,
  window_ends_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL CHECK (attempts >= 0),
  PRIMARY KEY (scope, key_hmac)
) STRICT, WITHOUT ROWID;

CREATE INDEX sign_in_attempts_by_end ON sign_in_attempts (window_ends_at);

-- kind names a template of src/mail/templates.ts; it has no CHECK because every feature adds templates.
CREATE TABLE mail_outbox (
  id TEXT PRIMARY KEY,
  idempotency_key TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  recipient_user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
  recipient_email TEXT NOT NULL,
  subject TEXT NOT NULL,
  -- NULL once a provider has the mail: it holds links that must not outlive their use.
  html TEXT,
  text TEXT,
  status TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'sending', 'sent', 'caught', 'dead')),
  attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  -- When to try, or while 'sending' when the claim lapses.
  due_at INTEGER NOT NULL,
  last_error TEXT,
  provider_id TEXT,
  created_at INTEGER NOT NULL,
  sent_at INTEGER
) STRICT;

CREATE INDEX mail_outbox_due ON mail_outbox (due_at) WHERE status IN ('pending', 'sending');
CREATE INDEX mail_outbox_by_recipient ON mail_outbox (recipient_email, id);
CREATE INDEX mail_outbox_by_user ON mail_outbox (recipient_user_id) WHERE recipient_user_id IS NOT NULL;

CREATE TABLE mail_suppressions (
  email TEXT PRIMARY KEY,
  reason TEXT NOT NULL CHECK (reason IN ('hard_bounce', 'complaint', 'manual')),
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
