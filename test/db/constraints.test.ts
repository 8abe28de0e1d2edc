import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { goodRow, makeWorld, NOW, refusal, type Row } from "./rows.ts";

/** Every value that the domain names for a column; what the domain does not name must be refused. */
const ENUMERATIONS: readonly [table: string, column: string, values: string, also?: Row][] = [
  [
    "users",
    "love_language_primary",
    "words_of_affirmation quality_time physical_touch acts_of_service receiving_gifts",
  ],
  [
    "users",
    "love_language_secondary",
    "words_of_affirmation quality_time physical_touch acts_of_service receiving_gifts",
  ],
  ["users", "role", "user support finance admin"],
  ["relationships", "relationship_type", "dating engaged married partnership"],
  ["relationships", "status", "solo paused frozen ended"],
  ["relationships", "privacy_level", "private friends public"],
  ["relationship_members", "role", "creator partner", { left_at: NOW }],
  ["partner_invitations", "status", "pending declined"],
  ["partner_invitations", "status", "expired revoked"],
  ["challenges", "challenge_type", "daily weekly monthly milestone"],
  ["challenges", "difficulty_level", "beginner intermediate advanced"],
  ["challenges", "category", "communication intimacy adventure gratitude quality_time support"],
  ["achievements", "achievement_type", "milestone streak completion special"],
  ["achievements", "category", "communication activities goals challenges consistency milestone gratitude"],
  ["subscription_plans", "plan_type", "free try_it_out better_together premium_plus custom"],
  ["subscription_plans", "billing_period", "monthly annual"],
  ["subscriptions", "billing_period", "monthly annual"],
  ["payment_transactions", "transaction_type", "subscription credits add_on gift box coaching refund"],
  ["payment_transactions", "status", "succeeded pending failed refunded canceled"],
  ["payment_transactions", "payment_method", "card bank_account apple_pay google_pay"],
  ["subscription_addons", "addon_type", "surprise_box coaching calendar_features analytics customization content"],
  ["subscription_addons", "billing_period", "monthly annual one_time"],
  ["user_addons", "status", "active canceled paused"],
  ["refunds", "status", "pending approved denied processed"],
  ["discount_codes", "discount_type", "percentage fixed_amount trial_extension"],
  ["discount_codes", "applies_to", "all subscription credits addons"],
  [
    "analytics_events",
    "event_category",
    "user_action feature_usage conversion engagement system error payment partner",
  ],
  ["analytics_events", "device_type", "desktop mobile tablet unknown"],
  ["page_views", "device_type", "desktop mobile tablet unknown"],
  ["user_sessions", "device_type", "desktop mobile tablet unknown"],
  ["user_cohorts", "joined_via", "organic referral paid_ad social partner gift"],
  ["email_campaign_analytics", "campaign_type", "welcome engagement retention promotional transactional"],
  ["error_logs", "severity", "low medium high critical"],
  ["object_outbox", "kind", "membership session_ended"],
  ["audit_log", "actor_role", "user support finance admin", { actor_user_id: "usr" }],
];

describe("enumerations", () => {
  it.each(ENUMERATIONS)("%s.%s takes %s and nothing else", async (table, column, values, also = {}) => {
    for (const value of values.split(" ")) {
      expect(await refusal(table, goodRow(table, await makeWorld(), { ...also, [column]: value }))).toBeNull();
    }
    const bad = goodRow(table, await makeWorld(), { ...also, [column]: "junk" });
    expect(await refusal(table, bad)).toMatch(/CHECK/);
  });

  it("stores any status that the payment provider may invent", async () => {
    expect(
      await refusal("subscriptions", goodRow("subscriptions", await makeWorld(), { status: "resting" })),
    ).toBeNull();
  });

  it("knows each kind of credit entry with its sign", async () => {
    const world = await makeWorld();
    const lot = goodRow("ai_credits", world);
    expect(await refusal("ai_credits", lot)).toBeNull();
    const entry = (transaction_type: string, credits_amount: number) =>
      goodRow("ai_credits", world, {
        transaction_type,
        credits_amount,
        lot_id: lot["id"] ?? null,
        reservation_id: "r",
      });
    for (const kind of ["usage", "expiration", "reserve", "clawback"]) {
      expect(await refusal("ai_credits", entry(kind, 1))).toMatch(/CHECK/);
      expect(await refusal("ai_credits", entry(kind, -1))).toBeNull();
    }
    for (const kind of ["release", "refund"]) {
      expect(await refusal("ai_credits", entry(kind, -1))).toMatch(/CHECK/);
      expect(await refusal("ai_credits", entry(kind, 1))).toBeNull();
    }
    expect(await refusal("ai_credits", entry("grant", 5))).toMatch(/CHECK/);
    expect(await refusal("ai_credits", goodRow("ai_credits", world, { transaction_type: "grant" }))).toBeNull();
  });
});

const BAD_ROWS: readonly [table: string, replace: Row][] = [
  ["users", { email_verified: 2 }],
  ["users", { email: null }],
  ["users", { relationship_preferences: "{" }],
  ["users", { profile_version: 0 }],
  ["relationships", { start_date: "28.05.2026" }],
  ["relationships", { anniversary_date: "2026-5-28" }],
  ["relationships", { user_1_id: "nobody" }],
  ["relationships", { membership_version: 0 }],
  ["relationships", { status: "active" }],
  ["relationship_members", { slot: 3 }],
  ["relationship_members", { slot: 0 }],
  ["relationship_members", { joined_at: 10, left_at: 9 }],
  ["partner_invitations", { message: "x".repeat(501) }],
  ["partner_invitations", { code_hmac: "x" }],
  ["partner_invitations", { status: "accepted" }],
  ["partner_invitations", { provisional_at: NOW }],
  ["challenges", { duration_days: 0 }],
  ["challenges", { instructions: "do it" }],
  ["achievements", { point_value: -1 }],
  ["relationship_analytics", { average_connection_score: 0.5 }],
  ["relationship_analytics", { average_satisfaction_score: 10.1 }],
  ["relationship_analytics", { overall_health_score: 101 }],
  ["relationship_analytics", { analytics_date: "today" }],
  ["relationship_analytics", { checkin_streak: -1 }],
  ["relationship_analytics", { relationship_id: "rel_of_nobody" }],
  ["subscription_plans", { price_cents: -1 }],
  ["subscription_plans", { price_cents: 9.99 }],
  ["subscription_plans", { currency: "usd" }],
  ["subscriptions", { mrr_x12_cents: -1 }],
  ["subscriptions", { current_period_end_at: NOW - 1 }],
  ["subscriptions", { gift_message: "x".repeat(501) }],
  ["subscriptions", { plan_id: "plan_of_nobody" }],
  ["payment_transactions", { amount_cents: -1 }],
  ["payment_transactions", { refund_amount_cents: 101 }],
  ["payment_transactions", { user_id: "nobody" }],
  ["ai_credits", { credits_balance: -1 }],
  ["ai_credits", { credits_amount: 0 }],
  ["ai_credits", { transaction_type: "gift" }],
  ["credit_packs", { credits: 0 }],
  ["credit_packs", { bonus_percent: 101 }],
  ["stripe_webhooks", { event_data: "not json" }],
  ["refunds", { refund_amount_cents: 0 }],
  ["discount_codes", { discount_value: 101 }],
  ["discount_codes", { max_uses: 1, current_uses: 2 }],
  ["discount_codes", { valid_until_at: NOW }],
  ["discount_usage", { discount_amount_cents: -1 }],
  ["gift_subscriptions", { months: 0 }],
  ["gift_subscriptions", { status: "redeemed" }],
  ["conversion_funnels", { completed: 1, dropped_off: 1 }],
  ["ab_test_variants", { traffic_percentage: 101 }],
  ["ab_test_variants", { end_date: "2026-05-27" }],
  ["feature_usage_metrics", { completion_rate: 1.1 }],
  ["engagement_scores", { engagement_score: 101 }],
  ["engagement_scores", { engagement_score: -1 }],
  ["relationship_event_summaries", { bucket_at: NOW + 1 }],
  ["relationship_event_summaries", { event_count: -1 }],
  ["cohort_retention", { retained_count: 11 }],
  ["audit_log", { actor_role: "admin" }],
  ["audit_log", { entry_hash: "" }],
  ["job_runs", { status: "succeeded" }],
  ["job_runs", { finished_at: NOW }],
  ["code_entry_attempts", { wrong_count: -1 }],
];

describe("ranges and references", () => {
  it.each(BAD_ROWS)("%s refuses %j", async (table, replace) => {
    const world = await makeWorld();
    const bad = goodRow(table, world, replace);
    expect(await refusal(table, bad)).toMatch(/CHECK|NOT NULL|FOREIGN KEY|cannot store/);
    expect(await refusal(table, goodRow(table, world))).toBeNull();
  });

  it("lets a month of revenue close only where its movements lead", async () => {
    const report: Row = {
      report_month: "2026-05",
      opening_mrr_x12_cents: 1000,
      new_mrr_x12_cents: 360,
      expansion_mrr_x12_cents: 40,
      contraction_mrr_x12_cents: 100,
      churn_mrr_x12_cents: 200,
      reactivation_mrr_x12_cents: 7,
      closing_mrr_x12_cents: 1107,
      subscription_revenue_cents: 0,
      credits_revenue_cents: 0,
      addons_revenue_cents: 0,
      gift_revenue_cents: 0,
      refunds_cents: 0,
      computed_at: NOW,
    };
    const off = { ...report, closing_mrr_x12_cents: 1106 };
    expect(await refusal("revenue_reports", off)).toMatch(/CHECK/);
    expect(await refusal("revenue_reports", report)).toBeNull();
  });

  it("leaves no broken reference behind", async () => {
    const { results } = await env.DB.prepare("PRAGMA foreign_key_check").all();
    expect(results).toEqual([]);
  });
});
