export interface PlanRow {
  id: string;
  plan_name: string;
  plan_type: string;
  billing_period: string;
  price_cents: number;
  price_display: string;
  currency: string;
  stripe_price_id: string | null;
  /** JSON of `PlanFeatures`. */
  features: string;
}

export interface AddonRow {
  id: string;
  addon_name: string;
  addon_type: string;
  description: string | null;
  price_cents: number;
  price_display: string;
  currency: string;
  billing_period: string;
  stripe_price_id: string | null;
}

export interface CreditPackRow {
  id: string;
  pack_name: string;
  description: string;
  credits: number;
  bonus_percent: number;
  price_cents: number;
  price_display: string;
  currency: string;
  stripe_price_id: string | null;
}

/** Catalogues may lag behind a change by seconds, so the nearest replica answers. */
function nearest(db: D1Database): D1DatabaseSession {
  return db.withSession("first-unconstrained");
}

/** Plans on sale, the free one first. */
export async function listPlans(db: D1Database): Promise<PlanRow[]> {
  const { results } = await nearest(db)
    .prepare(
      `SELECT id, plan_name, plan_type, billing_period, price_cents, price_display, currency, stripe_price_id, features
       FROM subscription_plans WHERE is_active = 1 ORDER BY sort_order, id LIMIT 100`,
    )
    .all<PlanRow>();
  return results;
}

/** Add-ons on sale. */
export async function listAddons(db: D1Database): Promise<AddonRow[]> {
  const { results } = await nearest(db)
    .prepare(
      `SELECT id, addon_name, addon_type, description, price_cents, price_display, currency, billing_period,
         stripe_price_id
       FROM subscription_addons WHERE is_active = 1 ORDER BY sort_order, id LIMIT 100`,
    )
    .all<AddonRow>();
  return results;
}

/** Credit packs on sale, the smallest first. */
export async function listCreditPacks(db: D1Database): Promise<CreditPackRow[]> {
  const { results } = await nearest(db)
    .prepare(
      `SELECT id, pack_name, description, credits, bonus_percent, price_cents, price_display, currency, stripe_price_id
       FROM credit_packs WHERE is_active = 1 ORDER BY sort_order, id LIMIT 100`,
    )
    .all<CreditPackRow>();
  return results;
}
