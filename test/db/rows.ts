import { env } from "cloudflare:workers";

export type Row = Record<string, string | number | null>;

let counter = 0;

/** A text that no other row of this run has. */
export function fresh(prefix: string): string {
  counter += 1;
  return `${prefix}_${counter}_${crypto.randomUUID()}`;
}

export const NOW = 1_780_000_000_000;
export const HOUR = Math.floor(NOW / 3_600_000) * 3_600_000;
const DAY = "2026-05-28";

/** Inserts one row as it is given. */
export async function insert(table: string, row: Row): Promise<void> {
  const names = Object.keys(row);
  const marks = names.map(() => "?").join(", ");
  await env.DB.prepare(`INSERT INTO ${table} (${names.join(", ")}) VALUES (${marks})`)
    .bind(...Object.values(row))
    .run();
}

/** The reason for which the database refuses a row; null when it takes it. */
export async function refusal(table: string, row: Row): Promise<string | null> {
  try {
    await insert(table, row);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Rows that others refer to, made anew for each test. */
export interface World {
  user: string;
  other: string;
  relationship: string;
  plan: string;
  addon: string;
  transaction: string;
  discount: string;
  variant: string;
}

export async function makeWorld(): Promise<World> {
  const made: Partial<World> = {};
  const add = async (key: keyof World, table: string) => {
    const row = goodRow(table, { ...EMPTY_WORLD, ...made });
    await insert(table, row);
    made[key] = String(row["id"]);
  };
  await add("user", "users");
  await add("other", "users");
  await add("relationship", "relationships");
  await add("plan", "subscription_plans");
  await add("addon", "subscription_addons");
  await add("transaction", "payment_transactions");
  await add("discount", "discount_codes");
  await add("variant", "ab_test_variants");
  return { ...EMPTY_WORLD, ...made };
}

const EMPTY_WORLD: World = {
  user: "",
  other: "",
  relationship: "",
  plan: "",
  addon: "",
  transaction: "",
  discount: "",
  variant: "",
};

const priced = { price_cents: 100, price_display: "$1", currency: "USD" };
const stamped = { created_at: NOW, updated_at: NOW };

type Make = (w: World, id: string) => Row;

/** The least that each table accepts; ids and keys are new with each call. */
const GOOD: Record<string, Make> = {
  users: (_, id) => ({
    id,
    email: `${id}@example.com`,
    name: "Ada",
    created_at: "2026-05-28",
    updated_at: "2026-05-28",
  }),
  relationships: (w, id) => ({ id, created_by_user_id: w.user, user_1_id: w.user, ...stamped }),
  relationship_members: (w, id) => ({
    relationship_id: w.relationship,
    user_id: w.user,
    slot: 1,
    joined_at: id.length,
  }),
  partner_invitations: (w, id) => ({
    id,
    relationship_id: w.relationship,
    inviter_user_id: w.user,
    token_hash: id,
    status: "declined",
    expires_at: NOW,
    ...stamped,
  }),
  challenges: (_, id) => ({
    id,
    challenge_name: "n",
    challenge_description: "d",
    challenge_type: "daily",
    duration_days: 7,
    difficulty_level: "beginner",
    category: "gratitude",
    instructions: "[]",
    ...stamped,
  }),
  achievements: (_, id) => ({
    id,
    achievement_name: "n",
    achievement_description: "d",
    achievement_type: "milestone",
    category: "goals",
    requirements: "{}",
    point_value: 1,
    ...stamped,
  }),
  relationship_analytics: (w, id) => ({
    relationship_id: w.relationship,
    analytics_date: `20${String(10 + (id.charCodeAt(id.length - 1) % 80))}-01-01`,
    epoch: 0,
    source_seq: 0,
    ...stamped,
  }),
  subscription_plans: (_, id) => ({
    id,
    plan_name: "n",
    plan_type: "custom",
    billing_period: "monthly",
    features: "{}",
    ...priced,
    ...stamped,
  }),
  subscriptions: (w, id) => ({
    id,
    relationship_id: w.relationship,
    plan_id: w.plan,
    user_id: w.user,
    status: "active",
    billing_period: "monthly",
    price_cents: 100,
    current_period_start_at: NOW,
    current_period_end_at: NOW + 1,
    ...stamped,
  }),
  payment_transactions: (w, id) => ({
    id,
    user_id: w.user,
    transaction_type: "credits",
    amount_cents: 100,
    status: "succeeded",
    ...stamped,
  }),
  ai_credits: (w, id) => ({
    id,
    relationship_id: w.relationship,
    user_id: w.user,
    transaction_type: "purchase",
    lot_id: id,
    natural_key: id,
    credits_amount: 10,
    credits_balance: 10,
    created_at: NOW,
  }),
  credit_packs: (_, id) => ({ id, pack_name: "n", description: "d", credits: 10, ...priced, ...stamped }),
  subscription_addons: (_, id) => ({
    id,
    addon_name: "n",
    addon_type: "content",
    billing_period: "one_time",
    ...priced,
    ...stamped,
  }),
  user_addons: (w, id) => ({
    id,
    relationship_id: w.relationship,
    user_id: w.user,
    addon_id: w.addon,
    status: "active",
    price_cents: 1,
    billing_period: "monthly",
    purchased_at: NOW,
    ...stamped,
  }),
  stripe_webhooks: (_, id) => ({
    id,
    event_id: id,
    event_type: "a.b",
    event_data: "{}",
    event_created_at: NOW,
    livemode: 0,
    created_at: NOW,
  }),
  refunds: (w, id) => ({
    id,
    transaction_id: w.transaction,
    user_id: w.user,
    refund_amount_cents: 1,
    requested_at: NOW,
  }),
  discount_codes: (_, id) => ({
    id,
    code: id,
    discount_type: "percentage",
    discount_value: 10,
    valid_from_at: NOW,
    valid_until_at: NOW + 1,
    created_at: NOW,
  }),
  discount_usage: (w, id) => ({
    id,
    discount_id: w.discount,
    user_id: w.user,
    discount_amount_cents: 1,
    created_at: NOW,
  }),
  gift_subscriptions: (w, id) => ({
    id,
    giver_user_id: w.user,
    plan_id: w.plan,
    months: 1,
    code_hash: id,
    expires_at: NOW,
    ...stamped,
  }),
  analytics_events: (_, id) => ({ id, event_name: "e", event_category: "system", created_at: NOW }),
  page_views: (_, id) => ({ id, session_id: "s", page_path: "/", created_at: NOW }),
  user_sessions: (_, id) => ({ id, session_start_at: NOW }),
  feature_usage_metrics: (_, id) => ({ id, feature_name: id, metric_date: DAY, ...stamped }),
  ab_test_variants: (_, id) => ({ id, test_name: id, variant_name: "a", start_date: DAY, created_at: NOW }),
  ab_test_assignments: (w, id) => ({
    id,
    test_name: "t",
    variant_id: w.variant,
    unit_kind: "user",
    unit_id: id,
    assigned_at: NOW,
  }),
  conversion_funnels: (_, id) => ({ id, funnel_name: "f", step_name: "s", step_order: 1, created_at: NOW }),
  user_cohorts: (w, id) => ({ id, cohort_name: id, cohort_date: DAY, user_id: w.user, created_at: NOW }),
  error_logs: (_, id) => ({ id, error_type: "t", error_message: "m", created_at: NOW }),
  email_campaign_analytics: (_, id) => ({ id, campaign_name: "c", sent_date: DAY, created_at: NOW }),
  engagement_scores: (w) => ({
    user_id: w.user,
    relationship_id: w.relationship,
    score_date: DAY,
    engagement_score: 50,
    ...stamped,
  }),
  relationship_event_summaries: (w, id) => ({
    relationship_id: w.relationship,
    bucket_at: HOUR,
    event_name: id,
    user_id: w.user,
    event_count: 1,
    epoch: 0,
    source_seq: 0,
    updated_at: NOW,
  }),
  cohort_retention: (_, id) => ({
    cohort_date: DAY,
    cohort_unit: "week",
    segment: id,
    period_index: 0,
    cohort_size: 10,
    retained_count: 5,
    computed_at: NOW,
  }),
  object_outbox: (w, id) => ({
    relationship_id: w.relationship,
    kind: "membership",
    key: id,
    due_at: NOW,
    created_at: NOW,
  }),
  audit_log: (_, id) => ({
    id,
    actor_role: "system",
    action: "a",
    subject_kind: "user",
    subject_id: "u",
    previous_hash: `before ${id}`,
    entry_hash: id,
    created_at: NOW,
  }),
  job_runs: (_, id) => ({ job_name: id, slot_at: NOW, started_at: NOW }),
  code_entry_attempts: (w) => ({ user_id: w.user, updated_at: NOW }),
};

/** A row that the table accepts, with some of its columns replaced. */
export function goodRow(table: string, world: World, replace: Row = {}): Row {
  const make = GOOD[table];
  if (make === undefined) throw new Error(`No good row for ${table}`);
  return { ...make(world, fresh(table)), ...replace };
}
