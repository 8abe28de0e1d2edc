import { periodAround, periodEndAfter } from "./clock.ts";
import { liveDiscounts } from "./discounts.ts";
import { invalid } from "./errors.ts";
import { newId } from "./ids.ts";
import { netOf, pricedLines, share, type LineDraft } from "./invoice-math.ts";
import { planOf } from "./prices.ts";
import type { ItemRow, Metadata, PriceRow, SubscriptionRow } from "./rows.ts";
import type { Billed } from "./store.ts";
import { requireRow, type World } from "./world.ts";

export interface ItemChange {
  id?: string | undefined;
  price?: PriceRow | undefined;
  quantity?: number | undefined;
  deleted?: boolean | undefined;
  metadata?: Metadata | undefined;
}

export interface SubscriptionChange {
  items: ItemChange[];
  proration: "always_invoice" | "create_prorations" | "none";
  /** UTC epoch seconds that prorations are counted from. */
  at: number;
  anchorNow: boolean;
  trialEnd: number | "now" | null;
}

/** What a change would do. A preview shows it and an update carries it out, so the two agree to the cent. */
export interface ChangePlan {
  items: ItemRow[];
  anchor: number;
  trialEnd: number | null;
  trialStart: number | null;
  lines: LineDraft[];
  invoiceNow: boolean;
  billed: Map<string, Billed>;
}

/** @throws StripeRefusal for an item that is not of this subscription, or when none would be left */
export function planChange(world: World, subscription: SubscriptionRow, change: SubscriptionChange): ChangePlan {
  const before = subscription.items.data;
  const { at, trialEnd } = change;
  const items = changedItems(world, subscription, change);
  const onTrial = subscription.status === "trialing" && trialEnd !== "now";
  const plan: ChangePlan = {
    items,
    anchor: subscription.billing_cycle_anchor,
    trialEnd: subscription.trial_end,
    trialStart: subscription.trial_start,
    lines: [],
    invoiceNow: false,
    billed: new Map(),
  };
  if (typeof trialEnd === "number") return planTrial(world, subscription, change, plan, trialEnd);
  const resets = change.anchorNow || trialEnd === "now" || rhythmChanged(before, items);
  if (onTrial && !resets) return plan;
  if (onTrial) return { ...plan, items: items.map((item) => ({ ...item, ...trialPeriod(subscription) })) };
  const credits = change.proration === "none" ? [] : creditsOf(world, before, resets ? [] : items, at);
  if (resets) return planReset(world, subscription, plan, change, credits);
  const debits = change.proration === "none" ? [] : debitsOf(world, subscription, before, items, at, plan.billed);
  plan.lines = [...credits, ...debits];
  plan.invoiceNow = change.proration === "always_invoice" && plan.lines.length > 0;
  return plan;
}

function trialPeriod(subscription: SubscriptionRow): { current_period_start: number; current_period_end: number } {
  return {
    current_period_start: subscription.trial_start ?? subscription.start_date,
    current_period_end: subscription.trial_end ?? subscription.start_date,
  };
}

// A trial in front of what is left: nothing is due until it ends, and the cycle then starts anew.
function planTrial(
  world: World,
  subscription: SubscriptionRow,
  change: SubscriptionChange,
  plan: ChangePlan,
  trialEnd: number,
): ChangePlan {
  const { at } = change;
  if (trialEnd <= at) throw invalid("`trial_end` must be in the future.", { param: "trial_end" });
  const credits =
    change.proration === "none" || subscription.status === "trialing"
      ? []
      : creditsOf(world, subscription.items.data, [], at);
  const items = plan.items.map((item) => ({ ...item, current_period_start: at, current_period_end: trialEnd }));
  for (const item of items) plan.billed.set(item.id, { amount: 0, start: at, end: trialEnd });
  return {
    ...plan,
    items,
    anchor: trialEnd,
    trialEnd,
    trialStart: subscription.trial_start ?? at,
    lines: credits,
    invoiceNow: change.proration === "always_invoice" && credits.length > 0,
  };
}

// The cycle starts anew: what was paid ahead comes back, and whole periods are due at once.
function planReset(
  world: World,
  subscription: SubscriptionRow,
  plan: ChangePlan,
  { at, trialEnd }: SubscriptionChange,
  credits: LineDraft[],
): ChangePlan {
  const items = plan.items.map((item) => ({
    ...item,
    current_period_start: at,
    current_period_end: periodEndAfter(at, at, rhythmOf(item.price)),
  }));
  return {
    ...plan,
    items,
    anchor: at,
    trialEnd: trialEnd === "now" ? at : plan.trialEnd,
    lines: [...credits, ...periodLines(world, subscription, items)],
    invoiceNow: true,
  };
}

export function rhythmOf(price: PriceRow): { interval: string; interval_count: number } {
  return price.recurring ?? { interval: "month", interval_count: 1 };
}

function rhythmChanged(before: readonly ItemRow[], after: readonly ItemRow[]): boolean {
  return after.some((item) => {
    const old = before.find((candidate) => candidate.id === item.id);
    if (old === undefined) return false;
    const [from, to] = [rhythmOf(old.price), rhythmOf(item.price)];
    return from.interval !== to.interval || from.interval_count !== to.interval_count;
  });
}

function changedItems(world: World, subscription: SubscriptionRow, change: SubscriptionChange): ItemRow[] {
  const items = subscription.items.data.map((item) => ({ ...item }));
  const gone = new Set<string>();
  for (const [index, wanted] of change.items.entries()) {
    const param = `items[${index}]`;
    if (wanted.id === undefined) {
      items.push(addedItem(world, subscription, wanted, change.at, param));
      continue;
    }
    const item = items.find((candidate) => candidate.id === wanted.id);
    if (item === undefined) {
      throw invalid(`No such subscription item: '${wanted.id}'`, { code: "resource_missing", param: `${param}[id]` });
    }
    if (wanted.deleted === true) gone.add(item.id);
    if (wanted.price !== undefined) Object.assign(item, { price: wanted.price, plan: planOf(wanted.price) });
    if (wanted.quantity !== undefined) item.quantity = wanted.quantity;
    if (wanted.metadata !== undefined) item.metadata = wanted.metadata;
  }
  const left = items.filter((item) => !gone.has(item.id));
  if (left.length === 0) {
    throw invalid("A subscription must have at least one active item. To cancel it, cancel the subscription.", {
      param: "items",
    });
  }
  return left;
}

function addedItem(
  world: World,
  subscription: SubscriptionRow,
  { price, quantity, metadata }: ItemChange,
  at: number,
  param: string,
): ItemRow {
  if (price === undefined) {
    throw invalid(`Missing required param: ${param}[price].`, { code: "parameter_missing", param: `${param}[price]` });
  }
  const item = newItem(world, subscription.id, price, quantity ?? 1, metadata ?? {}, at);
  if (subscription.status === "trialing") return { ...item, ...trialPeriod(subscription) };
  return { ...item, current_period_end: periodEndAfter(at, subscription.billing_cycle_anchor, rhythmOf(price)) };
}

export function newItem(
  world: World,
  subscription: string,
  price: PriceRow,
  quantity: number,
  metadata: Metadata,
  at: number,
): ItemRow {
  if (price.recurring === null) {
    throw invalid(
      `The price specified is set to \`type=one_time\` but this field only accepts prices with \`type=recurring\`.`,
      { param: "items[0][price]" },
    );
  }
  requireRow(world.store.prices, price.id, "price");
  return {
    id: newId("si"),
    object: "subscription_item",
    billing_thresholds: null,
    created: at,
    current_period_end: at,
    current_period_start: at,
    current_trial: null,
    discounts: [],
    metadata,
    plan: planOf(price),
    price,
    quantity,
    subscription,
    tax_rates: [],
  };
}

function isSame(a: ItemRow, b: ItemRow): boolean {
  return a.price.id === b.price.id && a.quantity === b.quantity;
}

/** What was billed ahead for items that change or go, for the seconds that are left. */
function creditsOf(world: World, before: readonly ItemRow[], after: readonly ItemRow[], at: number): LineDraft[] {
  return before.flatMap((item) => {
    const stays = after.find((candidate) => candidate.id === item.id);
    const billed = world.store.billed.get(item.id);
    if ((stays !== undefined && isSame(item, stays)) || billed === undefined || billed.end <= at) return [];
    const amount = -share(billed.amount, billed.end - Math.max(at, billed.start), billed.end - billed.start);
    return [{ ...prorationOf(item, at, billed.end), amount, description: `Unused time on ${nameOf(world, item)}` }];
  });
}

function debitsOf(
  world: World,
  subscription: SubscriptionRow,
  before: readonly ItemRow[],
  after: readonly ItemRow[],
  at: number,
  billed: Map<string, Billed>,
): LineDraft[] {
  const whole = periodLines(world, subscription, after);
  const discounts = liveDiscounts(world, subscription.discounts, at);
  const priced = pricedLines(whole, discounts, 0);
  return after.flatMap((item, index) => {
    const old = before.find((candidate) => candidate.id === item.id);
    const line = priced[index];
    if ((old !== undefined && isSame(old, item)) || line === undefined) return [];
    const end = item.current_period_end;
    // An item that joins pays for its share of a whole period, not of the stump that is left of it.
    const { start } =
      old === undefined
        ? periodAround(at, subscription.billing_cycle_anchor, rhythmOf(item.price))
        : { start: item.current_period_start };
    const amount = share(netOf(line), end - at, end - start);
    billed.set(item.id, { amount, start: at, end });
    return [{ ...prorationOf(item, at, end), amount, description: `Remaining time on ${nameOf(world, item)}` }];
  });
}

function prorationOf(item: ItemRow, at: number, end: number): LineDraft {
  return {
    amount: 0,
    currency: item.price.currency,
    description: "",
    period: { start: at, end },
    price: item.price,
    quantity: item.quantity,
    subscription: item.subscription,
    subscriptionItem: item.id,
    invoiceItem: null,
    proration: true,
    discountable: false,
  };
}

/** One whole period of each item. */
export function periodLines(world: World, subscription: SubscriptionRow, items: readonly ItemRow[]): LineDraft[] {
  return items.map((item) => ({
    amount: (item.price.unit_amount ?? 0) * item.quantity,
    currency: item.price.currency,
    description: `${item.quantity} × ${nameOf(world, item)}`,
    period: { start: item.current_period_start, end: item.current_period_end },
    price: item.price,
    quantity: item.quantity,
    subscription: subscription.id,
    subscriptionItem: item.id,
    invoiceItem: null,
    proration: false,
    discountable: true,
  }));
}

function nameOf(world: World, item: ItemRow): string {
  return world.store.products.find(item.price.product)?.name ?? item.price.product;
}
