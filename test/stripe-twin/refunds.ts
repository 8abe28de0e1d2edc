import type Stripe from "stripe";
import * as z from "zod";
import { endpoint, page, type Endpoint } from "./endpoint.ts";
import { invalid } from "./errors.ts";
import { newId } from "./ids.ts";
import { int, isWithin, mergeMetadata, metadata, oneOf, paging, params, text, within } from "./params.ts";
import type { ChargeRow, RefundRow } from "./rows.ts";
import { change, clockOf, emit, now, requireRow, type World } from "./world.ts";

const createParams = params<Stripe.RefundCreateParams>()({
  amount: int().optional(),
  charge: text().optional(),
  metadata: metadata().optional(),
  payment_intent: text().optional(),
  reason: oneOf("duplicate", "fraudulent", "requested_by_customer").optional(),
});

export const refundEndpoints: Endpoint[] = [
  endpoint("POST", "/v1/refunds", createParams, (world, input) => {
    const charge = chargeOf(world, input);
    const left = charge.amount - charge.amount_refunded;
    const amount = input.amount ?? left;
    if (charge.disputed && lostOrOpen(world, charge)) {
      throw invalid(`Charge ${charge.id} has been charged back; cannot issue a refund.`, { code: "charge_disputed" });
    }
    if (left === 0) {
      throw invalid(`Charge ${charge.id} has already been refunded.`, { code: "charge_already_refunded" });
    }
    if (amount <= 0) throw invalid("Invalid positive integer", { code: "parameter_invalid_integer", param: "amount" });
    if (amount > left) {
      throw invalid(`Refund amount (${money(amount)}) is greater than unrefunded amount on charge (${money(left)})`, {
        param: "amount",
      });
    }
    return refund(world, charge, amount, {
      reason: input.reason ?? null,
      metadata: mergeMetadata(null, input.metadata),
    });
  }),
  endpoint(
    "GET",
    "/v1/refunds",
    params<Stripe.RefundListParams>()({
      ...paging,
      charge: text().optional(),
      created: within().optional(),
      payment_intent: text().optional(),
    }),
    (world, input) => {
      const found = world.store.refunds
        .newest()
        .filter(
          (row) =>
            (input.charge === undefined || row.charge === input.charge) &&
            (input.payment_intent === undefined || row.payment_intent === input.payment_intent) &&
            isWithin(row.created, input.created),
        );
      return page(found, input, "/v1/refunds");
    },
  ),
  endpoint("GET", "/v1/refunds/:id", z.strictObject({}), (world, _input, id) => requireRow(world.store.refunds, id)),
  endpoint(
    "POST",
    "/v1/refunds/:id",
    params<Stripe.RefundUpdateParams>()({ metadata: metadata().optional() }),
    (world, input, id) => {
      const row = requireRow(world.store.refunds, id);
      change(world, "refund.updated", row, () => {
        row.metadata = mergeMetadata(row.metadata, input.metadata);
      });
      return row;
    },
  ),
];

function chargeOf(world: World, input: z.output<typeof createParams>): ChargeRow {
  if (input.charge !== undefined) return requireRow(world.store.charges, input.charge, "charge");
  if (input.payment_intent === undefined) {
    throw invalid("One of the following params should be provided for this request: payment_intent or charge.");
  }
  const intent = requireRow(world.store.paymentIntents, input.payment_intent, "payment_intent");
  const charge = world.store.charges.find(intent.latest_charge);
  if (charge === null || !charge.paid) {
    throw invalid(`This PaymentIntent (${intent.id}) does not have a successful charge to refund.`, {
      param: "payment_intent",
    });
  }
  return charge;
}

function lostOrOpen(world: World, charge: ChargeRow): boolean {
  return world.store.disputes.filter((row) => row.charge === charge.id && row.status !== "won").length > 0;
}

function refund(
  world: World,
  charge: ChargeRow,
  amount: number,
  { reason, metadata: words }: { reason: RefundRow["reason"]; metadata: Record<string, string> },
): RefundRow {
  const waits = world.settings.refunds === "wait";
  const row = world.store.refunds.add({
    id: newId("re"),
    object: "refund",
    amount,
    balance_transaction: null,
    charge: charge.id,
    created: now(world, clockOf(world, charge.customer)),
    currency: charge.currency,
    customer: charge.customer,
    customer_account: null,
    metadata: words,
    payment_intent: charge.payment_intent,
    payment_method: charge.payment_method,
    reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: waits ? "pending" : "succeeded",
    transfer_reversal: null,
    destination_details: { type: "card" },
  });
  charge.amount_refunded += amount;
  charge.refunded = charge.amount_refunded === charge.amount;
  emit(world, "refund.created", row);
  emit(world, "charge.refunded", charge);
  const card = charge.payment_method === null ? null : world.store.cards.get(charge.payment_method);
  // The bank sends it back later: the answer still says that all is well.
  if (card === "refund_fails" && !waits) return failLater(world, row);
  return row;
}

function failLater(world: World, row: RefundRow): RefundRow {
  const answer = structuredClone(row);
  settleRefund(world, row, "failed");
  return answer;
}

/** What came of a refund in the end. A failed one gives its amount back to the charge. */
export function settleRefund(world: World, row: RefundRow, status: "succeeded" | "failed"): void {
  const before = { status: row.status };
  row.status = status;
  if (status === "failed") row.failure_reason = "lost_or_stolen_card";
  const charge = world.store.charges.find(row.charge);
  if (status === "failed" && charge !== null) {
    change(world, "charge.updated", charge, () => {
      charge.amount_refunded -= row.amount;
      charge.refunded = false;
    });
  }
  emit(world, "refund.updated", row, before);
  emit(world, "charge.refund.updated", row, before);
  if (status === "failed") emit(world, "refund.failed", row);
}

function money(minorUnits: number): string {
  return `$${(minorUnits / 100).toFixed(2)}`;
}
