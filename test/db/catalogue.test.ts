import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { ADDONS, CREDIT_PACKS, PLANS } from "../../src/billing/catalogue.ts";
import { catalogueUpserts, seedCatalogues } from "../../src/db/catalogue.ts";
import { listAddons, listCreditPacks, listPlans } from "../../src/db/price-list.ts";
import { ACHIEVEMENTS } from "../../src/domain/achievements/catalogue.ts";
import { CHALLENGES } from "../../src/domain/challenges/catalogue.ts";
import { CATALOGUE } from "../../src/maintenance/catalogue.ts";
import { NOW } from "./rows.ts";

const TABLES = catalogueUpserts(CATALOGUE, NOW).map(({ table }) => table);

async function contents(): Promise<unknown[]> {
  const results = await env.DB.batch(TABLES.map((table) => env.DB.prepare(`SELECT * FROM ${table} ORDER BY id`)));
  return results.map((result) => result.results);
}

it("writes 8 challenges, 13 achievements, 4 plans, 3 add-ons, 4 credit packs and 370 questions", async () => {
  await seedCatalogues(env.DB, CATALOGUE, NOW);
  const counts = await contents();
  expect(counts.map((rows) => (rows as unknown[]).length)).toEqual([8, 13, 4, 3, 4, 370]);
  const points = await env.DB.prepare("SELECT sum(point_value) AS total FROM achievements").first<number>("total");
  expect(points).toBe(835);
});

it("changes nothing when it is repeated", async () => {
  await seedCatalogues(env.DB, CATALOGUE, NOW);
  const before = await contents();
  expect(await seedCatalogues(env.DB, CATALOGUE, NOW + 1)).toBe(0);
  expect(await contents()).toEqual(before);
});

it("updates what changed in the code and leaves prices of the provider and retired entries alone", async () => {
  await seedCatalogues(env.DB, CATALOGUE, NOW);
  await env.DB.prepare("UPDATE subscription_plans SET stripe_price_id = 'price_1' WHERE id = 'plan_try_monthly'").run();
  await env.DB.prepare("UPDATE subscription_addons SET is_active = 0 WHERE id = 'addon_surprise_box'").run();
  const plans = PLANS.map((plan) => (plan.id === "plan_try_monthly" ? { ...plan, priceCents: 3_100 } : plan));
  expect(await seedCatalogues(env.DB, { ...CATALOGUE, plans }, NOW + 5)).toBe(1);
  const row = await env.DB.prepare(
    "SELECT price_cents, stripe_price_id, created_at, updated_at FROM subscription_plans WHERE id = 'plan_try_monthly'",
  ).first();
  expect(row).toEqual({ price_cents: 3_100, stripe_price_id: "price_1", created_at: NOW, updated_at: NOW + 5 });
  expect((await listAddons(env.DB)).map(({ id }) => id)).not.toContain("addon_surprise_box");
});

it("lists what is on sale in the catalogue's order, with integer prices", async () => {
  await seedCatalogues(env.DB, CATALOGUE, NOW);
  await env.DB.prepare("UPDATE subscription_addons SET is_active = 1").run();
  const shown = (rows: readonly { id: string; price_cents: number }[]) => rows.map((row) => [row.id, row.price_cents]);
  const meant = (entries: readonly { id: string; priceCents: number }[]) => entries.map((e) => [e.id, e.priceCents]);
  expect(shown(await listPlans(env.DB))).toEqual(meant(PLANS));
  expect(shown(await listAddons(env.DB))).toEqual(meant(ADDONS));
  expect(shown(await listCreditPacks(env.DB))).toEqual(meant(CREDIT_PACKS));
  const free = (await listPlans(env.DB))[0];
  expect(JSON.parse(free?.features ?? "")).toEqual(PLANS[0]?.features);
});

it("keeps instructions and requirements as JSON of the code's own data", async () => {
  await seedCatalogues(env.DB, CATALOGUE, NOW);
  for (const { id, instructions } of CHALLENGES) {
    const stored = await env.DB.prepare("SELECT instructions FROM challenges WHERE id = ?")
      .bind(id)
      .first<string>("instructions");
    expect(JSON.parse(stored ?? "")).toEqual(instructions);
  }
  for (const { id, rule } of ACHIEVEMENTS) {
    const stored = await env.DB.prepare("SELECT requirements FROM achievements WHERE id = ?")
      .bind(id)
      .first<string>("requirements");
    expect(JSON.parse(stored ?? "")).toEqual(rule);
  }
});

it("carries the specified challenges", () => {
  expect(CHALLENGES.map((c) => [c.id, c.cadence, c.days, c.difficulty, c.category].join(" "))).toEqual([
    "daily_gratitude_7 daily 7 beginner gratitude",
    "quality_time_30 daily 30 intermediate quality_time",
    "date_night_weekly weekly 28 intermediate adventure",
    "deep_conversations weekly 14 advanced communication",
    "acts_of_service daily 7 beginner support",
    "adventure_month weekly 28 intermediate adventure",
    "communication_boost daily 14 intermediate communication",
    "intimacy_builder daily 21 advanced intimacy",
  ]);
});

it("carries the specified achievements", () => {
  const lines = ACHIEVEMENTS.map((a) =>
    [a.id, a.type, a.category, a.points, a.rule.metric, a.rule.threshold].join(" "),
  );
  expect(lines).toEqual([
    "first_checkin milestone consistency 10 checkin_days 1",
    "week_streak streak consistency 25 couple_streak 7",
    "month_streak streak consistency 100 couple_streak 30",
    "goal_setter milestone goals 15 goals_created 1",
    "goal_achiever completion goals 50 goals_completed 1",
    "date_planner milestone activities 75 date_nights_completed 5",
    "challenge_starter milestone challenges 20 challenges_started 1",
    "challenge_finisher completion challenges 100 challenges_completed 1",
    "communicator milestone communication 60 deep_talks 10",
    "anniversary_keeper special milestone 30 anniversaries_celebrated 1",
    "perfect_week streak consistency 150 perfect_days 7",
    "adventure_seeker milestone activities 80 activity_types_completed 3",
    "gratitude_master streak gratitude 120 gratitude_dates 30",
  ]);
});

it("carries the specified prices", () => {
  const lines = [...PLANS, ...ADDONS, ...CREDIT_PACKS].map(({ id, priceCents }) => `${id} ${priceCents}`);
  expect(lines).toEqual([
    "plan_free 0",
    "plan_try_monthly 3000",
    "plan_better_annual 24000",
    "plan_premium_annual 28900",
    "addon_surprise_box 4900",
    "addon_coaching_virtual 8900",
    "addon_coaching_person 14900",
    "credits_10 499",
    "credits_25 999",
    "credits_50 1799",
    "credits_100 2999",
  ]);
});
