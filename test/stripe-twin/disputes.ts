import type Stripe from "stripe";
import * as z from "zod";
import { endpoint, page, type Endpoint } from "./endpoint.ts";
import { invalid } from "./errors.ts";
import { bool, isWithin, mergeMetadata, metadata, openObject, paging, params, text, within } from "./params.ts";
import type { DisputeRow } from "./rows.ts";
import { change, emit, requireRow, type World } from "./world.ts";

export const disputeEndpoints: Endpoint[] = [
  endpoint(
    "GET",
    "/v1/disputes",
    params<Stripe.DisputeListParams>()({
      ...paging,
      charge: text().optional(),
      created: within().optional(),
      payment_intent: text().optional(),
    }),
    (world, input) => {
      const found = world.store.disputes
        .newest()
        .filter(
          (row) =>
            (input.charge === undefined || row.charge === input.charge) &&
            (input.payment_intent === undefined || row.payment_intent === input.payment_intent) &&
            isWithin(row.created, input.created),
        );
      return page(found, input, "/v1/disputes");
    },
  ),
  endpoint("GET", "/v1/disputes/:id", z.strictObject({}), (world, _input, id) => requireRow(world.store.disputes, id)),
  endpoint(
    "POST",
    "/v1/disputes/:id",
    params<Stripe.DisputeUpdateParams>()({
      evidence: openObject().optional(),
      metadata: metadata().optional(),
      submit: bool().optional(),
    }),
    (world, input, id) => {
      const row = requireRow(world.store.disputes, id);
      change(world, "charge.dispute.updated", row, () => {
        Object.assign(row.evidence, input.evidence);
        row.metadata = mergeMetadata(row.metadata, input.metadata);
        if (input.evidence !== undefined) row.evidence_details.has_evidence = true;
        if (input.evidence === undefined || input.submit === false) return;
        row.evidence_details.submission_count += 1;
        row.status = "under_review";
      });
      return row;
    },
  ),
  endpoint("POST", "/v1/disputes/:id/close", z.strictObject({}), (world, _input, id) => {
    const row = requireRow(world.store.disputes, id);
    if (row.status === "won" || row.status === "lost") throw invalid("This dispute is already closed.");
    decideDispute(world, row, "lost");
    return row;
  }),
];

/** The bank decides. A win brings the money back. */
export function decideDispute(world: World, row: DisputeRow, status: "won" | "lost"): void {
  row.status = status;
  emit(world, "charge.dispute.closed", row);
  if (status === "won") emit(world, "charge.dispute.funds_reinstated", row);
}
