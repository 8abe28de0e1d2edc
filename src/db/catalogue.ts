/** What the seed writes; the fields are the keys that the statements read from JSON. */
export interface CatalogueEntries {
  challenges: readonly ChallengeEntry[];
  achievements: readonly AchievementEntry[];
  plans: readonly PlanEntry[];
  addons: readonly AddonEntry[];
  creditPacks: readonly CreditPackEntry[];
  questions: readonly QuestionEntry[];
}

interface Entry {
  id: string;
  name: string;
}

interface QuestionEntry {
  id: string;
  question: string;
  category: string;
}

interface ChallengeEntry extends Entry {
  description: string;
  cadence: string;
  days: number;
  difficulty: string;
  category: string;
  instructions: readonly string[];
}

interface AchievementEntry extends Entry {
  description: string;
  type: string;
  category: string;
  points: number;
  rule: object;
}

interface PricedEntry extends Entry {
  priceCents: number;
  priceDisplay: string;
  currency: string;
}

interface PlanEntry extends PricedEntry {
  type: string;
  period: string;
  features: object;
}

interface AddonEntry extends PricedEntry {
  type: string;
  period: string;
  description: string;
}

interface CreditPackEntry extends PricedEntry {
  description: string;
  credits: number;
  bonusPercent: number;
}

/**
 * One statement that writes a whole catalogue: `rows` is the JSON text of its one bind (`?1`). A row that already says
 * the same is left alone, so that seeding again writes nothing. Prices that the payment provider issued (`stripe_*`)
 * are per environment and are never touched, nor is `is_active`, by which operators retire an entry. An entry that left
 * the code keeps its row, since awards and subscriptions may point at it.
 */
export interface CatalogueUpsert {
  table: string;
  sql: string;
  rows: string;
}

const UPSERT_CHALLENGES = `
  INSERT INTO challenges (id, challenge_name, challenge_description, challenge_type, duration_days, difficulty_level,
    category, instructions, is_template, sort_order, created_at, updated_at)
  SELECT value ->> 'id', value ->> 'name', value ->> 'description', value ->> 'cadence', value ->> 'days',
    value ->> 'difficulty', value ->> 'category', value -> 'instructions', 1, key, value ->> 'now', value ->> 'now'
  FROM json_each(?1) WHERE true
  ON CONFLICT (id) DO UPDATE SET challenge_name = excluded.challenge_name,
    challenge_description = excluded.challenge_description, challenge_type = excluded.challenge_type,
    duration_days = excluded.duration_days, difficulty_level = excluded.difficulty_level,
    category = excluded.category, instructions = excluded.instructions, is_template = excluded.is_template,
    sort_order = excluded.sort_order, updated_at = excluded.updated_at
  WHERE (challenge_name, challenge_description, challenge_type, duration_days, difficulty_level, category,
      instructions, is_template, sort_order)
    IS NOT (excluded.challenge_name, excluded.challenge_description, excluded.challenge_type, excluded.duration_days,
      excluded.difficulty_level, excluded.category, excluded.instructions, excluded.is_template, excluded.sort_order)`;

const UPSERT_ACHIEVEMENTS = `
  INSERT INTO achievements (id, achievement_name, achievement_description, achievement_type, category, requirements,
    point_value, is_active, sort_order, created_at, updated_at)
  SELECT value ->> 'id', value ->> 'name', value ->> 'description', value ->> 'type', value ->> 'category',
    value -> 'rule', value ->> 'points', 1, key, value ->> 'now', value ->> 'now'
  FROM json_each(?1) WHERE true
  ON CONFLICT (id) DO UPDATE SET achievement_name = excluded.achievement_name,
    achievement_description = excluded.achievement_description, achievement_type = excluded.achievement_type,
    category = excluded.category, requirements = excluded.requirements, point_value = excluded.point_value,
    sort_order = excluded.sort_order, updated_at = excluded.updated_at
  WHERE (achievement_name, achievement_description, achievement_type, category, requirements, point_value,
      sort_order)
    IS NOT (excluded.achievement_name, excluded.achievement_description, excluded.achievement_type, excluded.category,
      excluded.requirements, excluded.point_value, excluded.sort_order)`;

const UPSERT_PLANS = `
  INSERT INTO subscription_plans (id, plan_name, plan_type, billing_period, price_cents, price_display, currency,
    features, is_active, sort_order, created_at, updated_at)
  SELECT value ->> 'id', value ->> 'name', value ->> 'type', value ->> 'period', value ->> 'priceCents',
    value ->> 'priceDisplay', value ->> 'currency', value -> 'features', 1, key, value ->> 'now', value ->> 'now'
  FROM json_each(?1) WHERE true
  ON CONFLICT (id) DO UPDATE SET plan_name = excluded.plan_name, plan_type = excluded.plan_type,
    billing_period = excluded.billing_period, price_cents = excluded.price_cents,
    price_display = excluded.price_display, currency = excluded.currency, features = excluded.features,
    sort_order = excluded.sort_order, updated_at = excluded.updated_at
  WHERE (plan_name, plan_type, billing_period, price_cents, price_display, currency, features, sort_order)
    IS NOT (excluded.plan_name, excluded.plan_type, excluded.billing_period, excluded.price_cents,
      excluded.price_display, excluded.currency, excluded.features, excluded.sort_order)`;

const UPSERT_ADDONS = `
  INSERT INTO subscription_addons (id, addon_name, addon_type, description, price_cents, price_display, currency,
    billing_period, is_active, sort_order, created_at, updated_at)
  SELECT value ->> 'id', value ->> 'name', value ->> 'type', value ->> 'description', value ->> 'priceCents',
    value ->> 'priceDisplay', value ->> 'currency', value ->> 'period', 1, key, value ->> 'now', value ->> 'now'
  FROM json_each(?1) WHERE true
  ON CONFLICT (id) DO UPDATE SET addon_name = excluded.addon_name, addon_type = excluded.addon_type,
    description = excluded.description, price_cents = excluded.price_cents, price_display = excluded.price_display,
    currency = excluded.currency, billing_period = excluded.billing_period, sort_order = excluded.sort_order, updated_at = excluded.updated_at
  WHERE (addon_name, addon_type, description, price_cents, price_display, currency, billing_period,
      sort_order)
    IS NOT (excluded.addon_name, excluded.addon_type, excluded.description, excluded.price_cents,
      excluded.price_display, excluded.currency, excluded.billing_period, excluded.sort_order)`;

const UPSERT_CREDIT_PACKS = `
  INSERT INTO credit_packs (id, pack_name, description, credits, bonus_percent, price_cents, price_display, currency,
    is_active, sort_order, created_at, updated_at)
  SELECT value ->> 'id', value ->> 'name', value ->> 'description', value ->> 'credits', value ->> 'bonusPercent',
    value ->> 'priceCents', value ->> 'priceDisplay', value ->> 'currency', 1, key, value ->> 'now', value ->> 'now'
  FROM json_each(?1) WHERE true
  ON CONFLICT (id) DO UPDATE SET pack_name = excluded.pack_name, description = excluded.description,
    credits = excluded.credits, bonus_percent = excluded.bonus_percent, price_cents = excluded.price_cents,
    price_display = excluded.price_display, currency = excluded.currency, sort_order = excluded.sort_order, updated_at = excluded.updated_at
  WHERE (pack_name, description, credits, bonus_percent, price_cents, price_display, currency, sort_order)
    IS NOT (excluded.pack_name, excluded.description, excluded.credits, excluded.bonus_percent, excluded.price_cents,
      excluded.price_display, excluded.currency, excluded.sort_order)`;

const UPSERT_QUESTIONS = `
  INSERT INTO daily_questions (id, question, category, is_active, sort_order, created_at, updated_at)
  SELECT value ->> 'id', value ->> 'question', value ->> 'category', 1, key, value ->> 'now', value ->> 'now'
  FROM json_each(?1) WHERE true
  ON CONFLICT (id) DO UPDATE SET question = excluded.question, category = excluded.category,
    sort_order = excluded.sort_order, updated_at = excluded.updated_at
  WHERE (question, category, sort_order) IS NOT (excluded.question, excluded.category, excluded.sort_order)`;

/** The statements of a full seed, one per table. @param now epoch milliseconds, written where a row is new or changed */
export function catalogueUpserts(entries: CatalogueEntries, now: number): CatalogueUpsert[] {
  const rows = (list: readonly { id: string }[]) => JSON.stringify(list.map((entry) => ({ ...entry, now })));
  return [
    { table: "challenges", sql: UPSERT_CHALLENGES, rows: rows(entries.challenges) },
    { table: "achievements", sql: UPSERT_ACHIEVEMENTS, rows: rows(entries.achievements) },
    { table: "subscription_plans", sql: UPSERT_PLANS, rows: rows(entries.plans) },
    { table: "subscription_addons", sql: UPSERT_ADDONS, rows: rows(entries.addons) },
    { table: "credit_packs", sql: UPSERT_CREDIT_PACKS, rows: rows(entries.creditPacks) },
    { table: "daily_questions", sql: UPSERT_QUESTIONS, rows: rows(entries.questions) },
  ];
}

/** Writes all catalogues in one batch. @returns the number of rows that were new or changed */
export async function seedCatalogues(db: D1Database, entries: CatalogueEntries, now: number): Promise<number> {
  const results = await db.batch(catalogueUpserts(entries, now).map(({ sql, rows }) => db.prepare(sql).bind(rows)));
  return results.reduce((sum, result) => sum + result.meta.changes, 0);
}
