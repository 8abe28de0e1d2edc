-- Plans, subscriptions, payments, credits, gifts and discounts.
-- Money is integer cents with an ISO 4217 code in upper case. Statuses that the payment provider owns are stored as
-- they come, without a CHECK; a status that nobody knows entitles to nothing. Card data is never stored.

-- Plans are data: limits and grants are in `features`, and no code asks for a plan's name.
CREATE TABLE subscription_plans (
  id TEXT PRIMARY KEY NOT NULL,
  plan_name TEXT NOT NULL,
  plan_type TEXT NOT NULL CHECK (plan_type IN ('free', 'try_it_out', 'better_together', 'premium_plus', 'custom')),
  billing_period TEXT NOT NULL CHECK (billing_period IN ('monthly', 'annual')),
  price_cents INTEGER NOT NULL CHECK (price_cents >= 0),
  price_display TEXT NOT NULL,
  currency TEXT NOT NULL DEFAULT 'USD' CHECK (currency GLOB '[A-Z][A-Z][A-Z]'),
  stripe_price_id TEXT UNIQUE,
  stripe_product_id TEXT,
  features TEXT NOT NULL CHECK (json_valid(features)),
  is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
  sort_order INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE stripe_customers (
  user_id TEXT NOT NULL REFERENCES users (id),
  stripe_customer_id TEXT NOT NULL UNIQUE,
  livemode INTEGER NOT NULL CHECK (livemode IN (0, 1)),
  created_at INTEGER NOT NULL,
  PRIMARY KEY (user_id, livemode)
) STRICT, WITHOUT ROWID;

-- Two rows of one relationship may be live for a moment: when two payments slip through, both must be seen before
-- the later one is cancelled and refunded. So "one live subscription" is a rule of checkout, not of an index.
CREATE TABLE subscriptions (
  id TEXT PRIMARY KEY NOT NULL,
  relationship_id TEXT NOT NULL REFERENCES relationships (id),
  plan_id TEXT NOT NULL REFERENCES subscription_plans (id),
  user_id TEXT NOT NULL REFERENCES users (id),
  stripe_customer_id TEXT,
  stripe_subscription_id TEXT UNIQUE,
  livemode INTEGER NOT NULL DEFAULT 0 CHECK (livemode IN (0, 1)),
  status TEXT NOT NULL,
  billing_period TEXT NOT NULL CHECK (billing_period IN ('monthly', 'annual')),
  price_cents INTEGER NOT NULL CHECK (price_cents >= 0),
  currency TEXT NOT NULL DEFAULT 'USD' CHECK (currency GLOB '[A-Z][A-Z][A-Z]'),
  trial_end_at INTEGER,
  current_period_start_at INTEGER NOT NULL,
  current_period_end_at INTEGER NOT NULL,
  cancel_at INTEGER,
  canceled_at INTEGER,
  cancel_reason TEXT,
  ended_at INTEGER,
  pause_until_at INTEGER,
  is_gift INTEGER NOT NULL DEFAULT 0 CHECK (is_gift IN (0, 1)),
  gift_from_user_id TEXT REFERENCES users (id),
  gift_message TEXT CHECK (length(gift_message) <= 500),
  -- Grows with each answer of the provider that was applied, and with each change of what the couple may use.
  sync_version INTEGER NOT NULL DEFAULT 1 CHECK (sync_version >= 1),
  entitlement_version INTEGER NOT NULL DEFAULT 1 CHECK (entitlement_version >= 1),
  -- Monthly price times twelve, or the yearly price, net of repeating discounts: exact where a twelfth is not.
  mrr_x12_cents INTEGER NOT NULL DEFAULT 0 CHECK (mrr_x12_cents >= 0),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  CHECK (current_period_end_at >= current_period_start_at)
) STRICT;

CREATE INDEX subscriptions_relationship ON subscriptions (relationship_id, created_at);
CREATE INDEX subscriptions_user ON subscriptions (user_id, created_at);
-- Recurring revenue and counts per status are answered from the index alone.
CREATE INDEX subscriptions_status ON subscriptions (status, current_period_end_at, mrr_x12_cents);

CREATE TABLE payment_transactions (
  id TEXT PRIMARY KEY NOT NULL,
  subscription_id TEXT REFERENCES subscriptions (id),
  user_id TEXT NOT NULL REFERENCES users (id),
  relationship_id TEXT REFERENCES relationships (id),
  stripe_payment_intent_id TEXT UNIQUE,
  stripe_charge_id TEXT UNIQUE,
  stripe_invoice_id TEXT UNIQUE,
  transaction_type TEXT NOT NULL CHECK (transaction_type IN
    ('subscription', 'credits', 'add_on', 'gift', 'box', 'coaching', 'refund')),
  amount_cents INTEGER NOT NULL CHECK (amount_cents >= 0),
  currency TEXT NOT NULL DEFAULT 'USD' CHECK (currency GLOB '[A-Z][A-Z][A-Z]'),
  status TEXT NOT NULL CHECK (status IN ('succeeded', 'pending', 'failed', 'refunded', 'canceled')),
  payment_method TEXT CHECK (payment_method IN ('card', 'bank_account', 'apple_pay', 'google_pay')),
  description TEXT,
  metadata TEXT CHECK (json_valid(metadata)),
  failure_reason TEXT,
  refund_amount_cents INTEGER NOT NULL DEFAULT 0 CHECK (refund_amount_cents BETWEEN 0 AND amount_cents),
  refunded_at INTEGER,
  processed_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX payment_transactions_user ON payment_transactions (user_id, created_at);
CREATE INDEX payment_transactions_subscription ON payment_transactions (subscription_id, created_at)
  WHERE subscription_id IS NOT NULL;
-- Revenue of a day or a month by kind.
CREATE INDEX payment_transactions_created ON payment_transactions (created_at, transaction_type, status);

-- Credits: an append-only ledger. A purchase or a grant opens a lot (lot_id is its own id); every other entry names
-- the lot that it takes from or gives back to. The balance is the sum of credits_amount, never a stored fact:
-- credits_balance is only what it was right after the entry, for statements.
CREATE TABLE ai_credits (
  id TEXT PRIMARY KEY NOT NULL,
  relationship_id TEXT NOT NULL REFERENCES relationships (id),
  user_id TEXT NOT NULL REFERENCES users (id),
  transaction_type TEXT NOT NULL CHECK (transaction_type IN
    ('purchase', 'grant', 'usage', 'expiration', 'refund', 'reserve', 'release', 'clawback')),
  lot_id TEXT NOT NULL REFERENCES ai_credits (id),
  reservation_id TEXT,
  -- The cause of the entry (payment, paid period, provider's refund id …), so that a repeated cause adds nothing.
  natural_key TEXT NOT NULL UNIQUE,
  credits_amount INTEGER NOT NULL,
  credits_balance INTEGER NOT NULL CHECK (credits_balance >= 0),
  purchase_price_cents INTEGER CHECK (purchase_price_cents >= 0),
  usage_description TEXT,
  stripe_payment_id TEXT,
  expires_at INTEGER,
  created_at INTEGER NOT NULL,
  CHECK ((transaction_type IN ('purchase', 'grant')) = (lot_id = id)),
  CHECK (CASE
    WHEN transaction_type IN ('purchase', 'grant') THEN credits_amount > 0
    WHEN transaction_type IN ('release', 'refund') THEN credits_amount >= 0
    ELSE credits_amount <= 0
  END),
  CHECK (transaction_type NOT IN ('reserve', 'release') OR reservation_id IS NOT NULL)
) STRICT;

CREATE INDEX ai_credits_relationship ON ai_credits (relationship_id, created_at);
CREATE INDEX ai_credits_lot ON ai_credits (lot_id, credits_amount);
-- A reservation touches a lot once with each kind of entry.
CREATE UNIQUE INDEX ai_credits_reservation ON ai_credits (reservation_id, lot_id, transaction_type)
  WHERE reservation_id IS NOT NULL;

CREATE TRIGGER ai_credits_no_update BEFORE UPDATE ON ai_credits
BEGIN
  SELECT RAISE(ABORT, 'ai_credits is append-only');
END;

CREATE TRIGGER ai_credits_no_delete BEFORE DELETE ON ai_credits
BEGIN
  SELECT RAISE(ABORT, 'ai_credits is append-only');
END;

CREATE TABLE credit_packs (
  id TEXT PRIMARY KEY NOT NULL,
  pack_name TEXT NOT NULL,
  description TEXT NOT NULL,
  credits INTEGER NOT NULL CHECK (credits > 0),
  bonus_percent INTEGER NOT NULL DEFAULT 0 CHECK (bonus_percent BETWEEN 0 AND 100),
  price_cents INTEGER NOT NULL CHECK (price_cents >= 0),
  price_display TEXT NOT NULL,
  currency TEXT NOT NULL DEFAULT 'USD' CHECK (currency GLOB '[A-Z][A-Z][A-Z]'),
  stripe_price_id TEXT UNIQUE,
  stripe_product_id TEXT,
  is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
  sort_order INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE subscription_addons (
  id TEXT PRIMARY KEY NOT NULL,
  addon_name TEXT NOT NULL,
  addon_type TEXT NOT NULL CHECK (addon_type IN
    ('surprise_box', 'coaching', 'calendar_features', 'analytics', 'customization', 'content')),
  description TEXT,
  price_cents INTEGER NOT NULL CHECK (price_cents >= 0),
  price_display TEXT NOT NULL,
  currency TEXT NOT NULL DEFAULT 'USD' CHECK (currency GLOB '[A-Z][A-Z][A-Z]'),
  billing_period TEXT NOT NULL CHECK (billing_period IN ('monthly', 'annual', 'one_time')),
  stripe_price_id TEXT UNIQUE,
  stripe_product_id TEXT,
  is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
  features TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(features)),
  sort_order INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE user_addons (
  id TEXT PRIMARY KEY NOT NULL,
  relationship_id TEXT NOT NULL REFERENCES relationships (id),
  user_id TEXT NOT NULL REFERENCES users (id),
  addon_id TEXT NOT NULL REFERENCES subscription_addons (id),
  transaction_id TEXT REFERENCES payment_transactions (id),
  stripe_subscription_id TEXT,
  status TEXT NOT NULL CHECK (status IN ('active', 'canceled', 'paused')),
  price_cents INTEGER NOT NULL CHECK (price_cents >= 0),
  currency TEXT NOT NULL DEFAULT 'USD' CHECK (currency GLOB '[A-Z][A-Z][A-Z]'),
  billing_period TEXT NOT NULL CHECK (billing_period IN ('monthly', 'annual', 'one_time')),
  purchased_at INTEGER NOT NULL,
  expires_at INTEGER,
  canceled_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX user_addons_relationship ON user_addons (relationship_id, status);
CREATE INDEX user_addons_stripe_subscription ON user_addons (stripe_subscription_id)
  WHERE stripe_subscription_id IS NOT NULL;

-- Every event is written down before it is acted on, once; workers claim what is due and not processed.
CREATE TABLE stripe_webhooks (
  id TEXT PRIMARY KEY NOT NULL,
  event_id TEXT NOT NULL UNIQUE,
  event_type TEXT NOT NULL,
  event_data TEXT NOT NULL CHECK (json_valid(event_data)),
  stripe_object_id TEXT,
  event_created_at INTEGER NOT NULL,
  livemode INTEGER NOT NULL CHECK (livemode IN (0, 1)),
  processed INTEGER NOT NULL DEFAULT 0 CHECK (processed IN (0, 1)),
  processed_at INTEGER,
  error_message TEXT,
  retry_count INTEGER NOT NULL DEFAULT 0 CHECK (retry_count >= 0),
  -- Null once it is done, or given up and waiting for a person.
  next_attempt_at INTEGER,
  created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX stripe_webhooks_due ON stripe_webhooks (next_attempt_at) WHERE processed = 0;
CREATE INDEX stripe_webhooks_object ON stripe_webhooks (stripe_object_id, event_created_at)
  WHERE stripe_object_id IS NOT NULL;

CREATE TABLE refunds (
  id TEXT PRIMARY KEY NOT NULL,
  transaction_id TEXT NOT NULL REFERENCES payment_transactions (id),
  user_id TEXT NOT NULL REFERENCES users (id),
  relationship_id TEXT REFERENCES relationships (id),
  refund_amount_cents INTEGER NOT NULL CHECK (refund_amount_cents > 0),
  refund_reason TEXT,
  status TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'approved', 'denied', 'processed')),
  stripe_refund_id TEXT UNIQUE,
  requested_at INTEGER NOT NULL,
  processed_at INTEGER,
  processed_by TEXT REFERENCES users (id),
  notes TEXT
) STRICT;

CREATE INDEX refunds_transaction ON refunds (transaction_id);
CREATE INDEX refunds_status ON refunds (status, requested_at);

-- discount_value is percent, cents or days of trial, as discount_type says.
CREATE TABLE discount_codes (
  id TEXT PRIMARY KEY NOT NULL,
  code TEXT NOT NULL COLLATE NOCASE UNIQUE,
  discount_type TEXT NOT NULL CHECK (discount_type IN ('percentage', 'fixed_amount', 'trial_extension')),
  discount_value INTEGER NOT NULL CHECK (discount_value > 0),
  applies_to TEXT NOT NULL DEFAULT 'all' CHECK (applies_to IN ('all', 'subscription', 'credits', 'addons')),
  max_uses INTEGER CHECK (max_uses > 0),
  max_uses_per_user INTEGER NOT NULL DEFAULT 1 CHECK (max_uses_per_user > 0),
  current_uses INTEGER NOT NULL DEFAULT 0 CHECK (current_uses >= 0),
  valid_from_at INTEGER NOT NULL,
  valid_until_at INTEGER NOT NULL,
  stripe_coupon_id TEXT,
  is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
  created_by TEXT REFERENCES users (id),
  created_at INTEGER NOT NULL,
  CHECK (discount_type <> 'percentage' OR discount_value <= 100),
  CHECK (max_uses IS NULL OR current_uses <= max_uses),
  CHECK (valid_until_at > valid_from_at)
) STRICT;

-- A code is reserved with the checkout session and released when the session expires unpaid.
CREATE TABLE discount_usage (
  id TEXT PRIMARY KEY NOT NULL,
  discount_id TEXT NOT NULL REFERENCES discount_codes (id),
  user_id TEXT NOT NULL REFERENCES users (id),
  relationship_id TEXT REFERENCES relationships (id),
  transaction_id TEXT REFERENCES payment_transactions (id),
  stripe_checkout_session_id TEXT UNIQUE,
  status TEXT NOT NULL DEFAULT 'reserved' CHECK (status IN ('reserved', 'used', 'released')),
  discount_amount_cents INTEGER NOT NULL CHECK (discount_amount_cents >= 0),
  reserved_until_at INTEGER,
  used_at INTEGER,
  created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX discount_usage_person ON discount_usage (discount_id, user_id, status);
CREATE INDEX discount_usage_reserved ON discount_usage (reserved_until_at) WHERE status = 'reserved';

CREATE TABLE gift_subscriptions (
  id TEXT PRIMARY KEY NOT NULL,
  giver_user_id TEXT NOT NULL REFERENCES users (id),
  plan_id TEXT NOT NULL REFERENCES subscription_plans (id),
  months INTEGER NOT NULL CHECK (months >= 1),
  recipient_email TEXT COLLATE NOCASE,
  recipient_name TEXT CHECK (length(recipient_name) <= 200),
  message TEXT CHECK (length(message) <= 500),
  deliver_at INTEGER,
  delivered_at INTEGER,
  code_hash TEXT NOT NULL UNIQUE,
  status TEXT NOT NULL DEFAULT 'pending'
    CHECK (status IN ('pending', 'paid', 'delivered', 'redeemed', 'expired', 'refunded', 'canceled')),
  transaction_id TEXT REFERENCES payment_transactions (id),
  redeemed_by_relationship_id TEXT REFERENCES relationships (id),
  redeemed_at INTEGER,
  expires_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  CHECK ((status = 'redeemed') = (redeemed_by_relationship_id IS NOT NULL)),
  CHECK ((redeemed_by_relationship_id IS NULL) = (redeemed_at IS NULL))
) STRICT;

CREATE INDEX gift_subscriptions_giver ON gift_subscriptions (giver_user_id, created_at);
CREATE INDEX gift_subscriptions_delivery ON gift_subscriptions (deliver_at) WHERE status = 'paid';
