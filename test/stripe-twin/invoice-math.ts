import type { LiveDiscount } from "./discounts.ts";
import { newId } from "./ids.ts";
import type { DiscountAmount, LineRow, PriceRow, TaxRow } from "./rows.ts";

/** A line before it has an invoice. Amounts are whole minor units. */
export interface LineDraft {
  amount: number;
  currency: string;
  description: string;
  period: { start: number; end: number };
  price: PriceRow | null;
  quantity: number;
  subscription: string | null;
  subscriptionItem: string | null;
  invoiceItem: string | null;
  proration: boolean;
  /** Prorations come net of discounts, so they take none again. */
  discountable: boolean;
}

export interface Totals {
  subtotal: number;
  discounts: DiscountAmount[];
  taxes: TaxRow[];
  tax: number;
  total: number;
}

/** `amount × part / whole`, rounded half away from zero: the one rounding of prorations, percentages and taxes. */
export function share(amount: number, part: number, whole: number): number {
  const magnitude = (2n * BigInt(Math.abs(amount)) * BigInt(part) + BigInt(whole)) / (2n * BigInt(whole));
  return amount < 0 ? -Number(magnitude) : Number(magnitude);
}

/** Lines of an invoice with discounts and taxes on each, in the order of `discounts`. */
export function pricedLines(
  drafts: readonly LineDraft[],
  discounts: readonly LiveDiscount[],
  taxBasisPoints: number,
): LineRow[] {
  const lines = drafts.map(lineOf);
  const left = lines.map((line) => line.amount);
  for (const { id, coupon } of discounts) {
    const eligible = drafts.map((draft) => draft.discountable && draft.amount > 0 && appliesTo(coupon, draft.price));
    const cuts = coupon.percent_off === null ? fixedCuts(coupon.amount_off ?? 0, left, eligible) : null;
    for (const [at, line] of lines.entries()) {
      const rest = left[at] ?? 0;
      // A percentage with two decimals is a whole number of basis points.
      const percent = eligible[at] === true ? share(rest, Math.round((coupon.percent_off ?? 0) * 100), 10_000) : 0;
      const cut = cuts === null ? percent : (cuts[at] ?? 0);
      if (cut === 0) continue;
      left[at] = rest - cut;
      line.discount_amounts.push({ amount: cut, discount: id });
      line.discounts.push(id);
    }
  }
  if (taxBasisPoints > 0) for (const [at, line] of lines.entries()) line.taxes = [taxOn(left[at] ?? 0, taxBasisPoints)];
  return lines;
}

/** Sums of lines. Money never gets lost: subtotal − discounts + tax = total. */
export function totalsOf(lines: readonly LineRow[]): Totals {
  const subtotal = lines.reduce((sum, line) => sum + line.amount, 0);
  const discounts = grouped(lines.flatMap((line) => line.discount_amounts));
  const cut = discounts.reduce((sum, entry) => sum + entry.amount, 0);
  const taxed = lines.flatMap((line) => line.taxes);
  const tax = taxed.reduce((sum, entry) => sum + entry.amount, 0);
  const [first] = taxed;
  const base = taxed.reduce((sum, entry) => sum + (entry.taxable_amount ?? 0), 0);
  const taxes = first === undefined ? [] : [{ ...first, amount: tax, taxable_amount: base }];
  return { subtotal, discounts, taxes, tax, total: subtotal - cut + tax };
}

/** What is left of a line after discounts, without tax. */
export function netOf(line: LineRow): number {
  return line.amount - line.discount_amounts.reduce((sum, entry) => sum + entry.amount, 0);
}

function grouped(entries: readonly DiscountAmount[]): DiscountAmount[] {
  const sums = new Map<string, number>();
  for (const { discount, amount } of entries) sums.set(discount, (sums.get(discount) ?? 0) + amount);
  return [...sums].map(([discount, amount]) => ({ amount, discount }));
}

function appliesTo(coupon: LiveDiscount["coupon"], price: PriceRow | null): boolean {
  return coupon.applies_to === undefined || coupon.applies_to.products.includes(price?.product ?? "");
}

// A fixed amount is spread by the size of the lines; what rounding leaves goes to the lines in order.
function fixedCuts(amount: number, left: readonly number[], eligible: readonly boolean[]): number[] {
  const base = left.map((rest, at) => (eligible[at] === true ? rest : 0));
  const whole = base.reduce((sum, rest) => sum + rest, 0);
  const total = Math.min(amount, whole);
  if (whole === 0) return base;
  const cuts = base.map((rest) => Math.floor((total * rest) / whole));
  let missing = total - cuts.reduce((sum, cut) => sum + cut, 0);
  for (const [at, rest] of base.entries()) {
    const cut = cuts[at] ?? 0;
    const more = Math.min(missing, rest - cut);
    cuts[at] = cut + more;
    missing -= more;
  }
  return cuts;
}

function taxOn(net: number, basisPoints: number): TaxRow {
  return {
    amount: share(net, basisPoints, 10_000),
    tax_behavior: "exclusive",
    tax_rate_details: { tax_rate: "txr_twin" },
    taxability_reason: "standard_rated",
    taxable_amount: net,
    type: "tax_rate_details",
  };
}

function lineOf(draft: LineDraft): LineRow {
  const { price, subscription, subscriptionItem, invoiceItem, proration } = draft;
  const item =
    subscriptionItem === null
      ? null
      : {
          invoice_item: invoiceItem,
          proration,
          proration_details: null,
          subscription,
          subscription_item: subscriptionItem,
        };
  return {
    id: newId("il"),
    object: "line_item",
    amount: draft.amount,
    currency: draft.currency,
    description: draft.description,
    discount_amounts: [],
    discountable: draft.discountable,
    discounts: [],
    invoice: null,
    livemode: false,
    metadata: {},
    parent: {
      type: item === null ? "invoice_item_details" : "subscription_item_details",
      invoice_item_details:
        item === null ? { invoice_item: invoiceItem ?? "", proration, proration_details: null, subscription } : null,
      subscription_item_details: item,
    },
    period: draft.period,
    pretax_credit_amounts: [],
    pricing:
      price === null
        ? null
        : {
            type: "price_details",
            price_details: { price: price.id, product: price.product },
            unit_amount_decimal: price.unit_amount_decimal ?? "0",
          },
    quantity: draft.quantity,
    quantity_decimal: String(draft.quantity),
    subscription,
    subtotal: draft.amount,
    taxes: [],
  };
}
