import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";

interface ColumnRow {
  table_name: string;
  name: string;
  type: string;
}

/** The tables that the specification and the architecture name; what else there is belongs to sign-in and operations. */
const NAMED = `
  users relationships relationship_members partner_invitations challenges achievements relationship_analytics
  subscription_plans subscriptions payment_transactions ai_credits subscription_addons user_addons stripe_webhooks
  refunds discount_codes discount_usage stripe_customers gift_subscriptions credit_packs
  analytics_events page_views user_sessions feature_usage_metrics conversion_funnels ab_test_variants
  ab_test_assignments revenue_analytics user_cohorts engagement_scores partner_analytics error_logs
  email_campaign_analytics relationship_event_summaries cohort_retention revenue_reports
  sessions object_outbox audit_log job_runs code_entry_attempts mail_outbox mail_suppressions`
  .trim()
  .split(/\s+/);

/** What a couple does belongs to the object and must not come back to the shared database. */
const OF_THE_OBJECT = `
  daily_checkins activities shared_goals important_dates communication_log challenge_participation challenge_entries
  user_achievements notifications`
  .trim()
  .split(/\s+/);

/** Their times are the sign-in library's, in ISO text. */
const LIBRARY_TABLES = new Set(["users", "sessions", "accounts", "verifications"]);

async function columns(): Promise<ColumnRow[]> {
  const { results } = await env.DB.prepare(
    `SELECT t.name AS table_name, c.name, c.type FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
     WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name NOT LIKE '\\_cf\\_%' ESCAPE '\\'
       AND t.name <> 'd1_migrations'`,
  ).all<ColumnRow>();
  return results;
}

it("applies every file to an empty database in order, and changes nothing when applied again", async () => {
  const applied = async () =>
    (await env.DB.prepare("SELECT name FROM d1_migrations ORDER BY id").all<{ name: string }>()).results;
  const names = (await applied()).map((row) => row.name);
  expect(names).toEqual(env.TEST_MIGRATIONS.map((migration) => migration.name));
  expect(names.slice(0, 3)).toEqual([
    "0001_initial_relationship_schema.sql",
    "0002_payment_subscription_schema.sql",
    "0003_analytics_events.sql",
  ]);
  const before = await columns();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
  expect(await columns()).toEqual(before);
});

it("has every table that the specification names, and none that belongs to the object", async () => {
  const tables = new Set((await columns()).map((column) => column.table_name));
  expect(NAMED.filter((name) => !tables.has(name))).toEqual([]);
  expect(OF_THE_OBJECT.filter((name) => tables.has(name))).toEqual([]);
});

it("has only strict tables", async () => {
  const { results } = await env.DB.prepare("SELECT name, strict FROM pragma_table_list WHERE type = 'table'").all<{
    name: string;
    strict: number;
  }>();
  const loose = results.filter(({ name, strict }) => strict === 0 && !/^(sqlite_|_cf_|d1_)/.test(name));
  expect(loose).toEqual([]);
});

it("stores neither addresses of devices nor user-agent strings", async () => {
  const found = (await columns()).filter(({ name }) => /^ip$|ip_addr|user_?agent/.test(name));
  expect(found).toEqual([]);
});

it("keeps money as integer cents, times as integer milliseconds and days as text", async () => {
  const wrong = (await columns()).filter(({ table_name, name, type }) => {
    if (name.endsWith("_cents")) return type !== "INTEGER";
    if (name.endsWith("_date")) return type !== "TEXT";
    return name.endsWith("_at") && type !== "INTEGER" && !LIBRARY_TABLES.has(table_name);
  });
  expect(wrong).toEqual([]);
});

it("checks the shape of every day", async () => {
  const { results } = await env.DB.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table'").all<{
    name: string;
    sql: string;
  }>();
  const sqlOf = new Map(results.map((row) => [row.name, row.sql]));
  const unchecked = (await columns()).filter(
    ({ table_name, name }) => name.endsWith("_date") && !sqlOf.get(table_name)?.includes(`${name} GLOB '[0-9][0-9]`),
  );
  expect(unchecked).toEqual([]);
});
