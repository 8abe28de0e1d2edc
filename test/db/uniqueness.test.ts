import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { goodRow, makeWorld, NOW, refusal, type Row } from "./rows.ts";

describe("one live relationship", () => {
  it("refuses a second live membership of a person, and takes it once the first has ended", async () => {
    const world = await makeWorld();
    const elsewhere = goodRow("relationships", world);
    expect(await refusal("relationships", elsewhere)).toBeNull();
    const first = goodRow("relationship_members", world, { joined_at: NOW });
    expect(await refusal("relationship_members", first)).toBeNull();
    const second = { ...first, relationship_id: elsewhere["id"] ?? null };
    expect(await refusal("relationship_members", second)).toMatch(/UNIQUE/);
    await env.DB.prepare("UPDATE relationship_members SET left_at = ? WHERE relationship_id = ? AND user_id = ?")
      .bind(NOW + 1, world.relationship, world.user)
      .run();
    expect(await refusal("relationship_members", second)).toBeNull();
  });

  it("refuses a third person, and a second one in the same place", async () => {
    const world = await makeWorld();
    const third = goodRow("users", world);
    expect(await refusal("users", third)).toBeNull();
    const member = (user_id: string, slot: number) => goodRow("relationship_members", world, { user_id, slot });
    expect(await refusal("relationship_members", member(world.user, 1))).toBeNull();
    expect(await refusal("relationship_members", member(world.other, 1))).toMatch(/UNIQUE/);
    expect(await refusal("relationship_members", member(world.other, 2))).toBeNull();
    expect(await refusal("relationship_members", member(String(third["id"]), 2))).toMatch(/UNIQUE/);
  });

  it("lets the same two people pair again, and lets a person come back", async () => {
    const world = await makeWorld();
    const couple = { user_1_id: world.user, user_2_id: world.other };
    expect(await refusal("relationships", goodRow("relationships", world, { ...couple, status: "ended" }))).toBeNull();
    expect(await refusal("relationships", goodRow("relationships", world, { ...couple, status: "active" }))).toBeNull();
    expect(
      await refusal("relationship_members", goodRow("relationship_members", world, { joined_at: 1, left_at: 2 })),
    ).toBeNull();
    expect(await refusal("relationship_members", goodRow("relationship_members", world, { joined_at: 3 }))).toBeNull();
  });

  it("refuses a couple of one person with themselves", async () => {
    const world = await makeWorld();
    const row = goodRow("relationships", world, { user_2_id: world.user, status: "active" });
    expect(await refusal("relationships", row)).toMatch(/CHECK/);
  });
});

describe("invitations", () => {
  it("keeps one pending invitation per relationship, beside any number of old ones", async () => {
    const world = await makeWorld();
    expect(await refusal("partner_invitations", goodRow("partner_invitations", world))).toBeNull();
    expect(await refusal("partner_invitations", goodRow("partner_invitations", world))).toBeNull();
    expect(
      await refusal("partner_invitations", goodRow("partner_invitations", world, { status: "pending" })),
    ).toBeNull();
    expect(await refusal("partner_invitations", goodRow("partner_invitations", world, { status: "pending" }))).toMatch(
      /UNIQUE/,
    );
  });

  it("leads a code to one pending invitation, and frees it with the invitation's end", async () => {
    const code = { code_hmac: crypto.randomUUID(), code_expires_at: NOW, status: "pending" };
    const row = goodRow("partner_invitations", await makeWorld(), code);
    expect(await refusal("partner_invitations", row)).toBeNull();
    const other = goodRow("partner_invitations", await makeWorld(), code);
    expect(await refusal("partner_invitations", other)).toMatch(/UNIQUE/);
    await env.DB.prepare("UPDATE partner_invitations SET status = 'revoked' WHERE id = ?").bind(row["id"]).run();
    expect(await refusal("partner_invitations", other)).toBeNull();
  });

  it("never lets a person accept their own invitation", async () => {
    const world = await makeWorld();
    const row = goodRow("partner_invitations", world, { status: "accepted", accepted_by_user_id: world.user });
    expect(await refusal("partner_invitations", row)).toMatch(/CHECK/);
    expect(await refusal("partner_invitations", { ...row, accepted_by_user_id: world.other })).toBeNull();
  });
});

const KEYS: readonly [table: string, columns: readonly string[]][] = [
  ["partner_invitations", ["token_hash"]],
  ["subscriptions", ["stripe_subscription_id"]],
  ["payment_transactions", ["stripe_payment_intent_id"]],
  ["subscription_plans", ["stripe_price_id"]],
  ["subscription_addons", ["stripe_price_id"]],
  ["ai_credits", ["natural_key"]],
  ["stripe_webhooks", ["event_id"]],
  ["refunds", ["stripe_refund_id"]],
  ["gift_subscriptions", ["code_hash"]],
  ["relationship_analytics", ["relationship_id", "analytics_date"]],
  ["feature_usage_metrics", ["feature_name", "metric_date"]],
  ["ab_test_variants", ["test_name", "variant_name"]],
  ["ab_test_assignments", ["test_name", "unit_kind", "unit_id"]],
  ["engagement_scores", ["user_id", "score_date"]],
  ["relationship_event_summaries", ["relationship_id", "bucket_at", "event_name", "user_id"]],
  ["object_outbox", ["relationship_id", "kind", "key"]],
  ["job_runs", ["job_name", "slot_at"]],
];

describe("natural keys", () => {
  it.each(KEYS)("%s has one row per %j", async (table, columns) => {
    const world = await makeWorld();
    const first = goodRow(table, world);
    for (const column of columns) first[column] ??= crypto.randomUUID();
    expect(await refusal(table, first)).toBeNull();
    const same = Object.fromEntries(columns.map((column) => [column, first[column] ?? null]));
    expect(await refusal(table, goodRow(table, world, same))).toMatch(/UNIQUE/);
  });

  it("takes an address and a discount code once, whatever the case of its letters", async () => {
    const world = await makeWorld();
    const user = goodRow("users", world);
    expect(await refusal("users", user)).toBeNull();
    expect(await refusal("users", goodRow("users", world, { email: String(user["email"]).toUpperCase() }))).toMatch(
      /UNIQUE/,
    );
    const code = goodRow("discount_codes", world, { code: `May${crypto.randomUUID()}` });
    expect(await refusal("discount_codes", code)).toBeNull();
    expect(
      await refusal("discount_codes", goodRow("discount_codes", world, { code: String(code["code"]).toLowerCase() })),
    ).toMatch(/UNIQUE/);
  });

  it("knows one customer of the payment provider per person and mode", async () => {
    const world = await makeWorld();
    const row: Row = { user_id: world.user, stripe_customer_id: crypto.randomUUID(), livemode: 0, created_at: NOW };
    expect(await refusal("stripe_customers", row)).toBeNull();
    expect(await refusal("stripe_customers", { ...row, stripe_customer_id: crypto.randomUUID() })).toMatch(/UNIQUE/);
    expect(await refusal("stripe_customers", { ...row, livemode: 1 })).toMatch(/UNIQUE/);
    expect(
      await refusal("stripe_customers", { ...row, stripe_customer_id: crypto.randomUUID(), livemode: 1 }),
    ).toBeNull();
  });
});

describe("append-only", () => {
  it.each(["audit_log", "ai_credits"])("refuses to change or delete an entry of %s", async (table) => {
    const row = goodRow(table, await makeWorld());
    expect(await refusal(table, row)).toBeNull();
    for (const sql of [`UPDATE ${table} SET created_at = 0 WHERE id = ?`, `DELETE FROM ${table} WHERE id = ?`]) {
      await expect(async () => env.DB.prepare(sql).bind(row["id"]).run()).rejects.toThrow(/append-only/);
    }
    const kept = await env.DB.prepare(`SELECT created_at FROM ${table} WHERE id = ?`)
      .bind(row["id"])
      .first("created_at");
    expect(kept).toBe(NOW);
  });

  it("refuses to replace an audit entry, and two entries after the same one", async () => {
    const world = await makeWorld();
    const first = goodRow("audit_log", world);
    expect(await refusal("audit_log", first)).toBeNull();
    const replace =
      "INSERT OR REPLACE INTO audit_log (id, actor_role, action, subject_kind, subject_id, previous_hash, entry_hash, created_at) VALUES (?, 'system', 'b', 'user', 'u', ?, ?, 0)";
    const statement = env.DB.prepare(replace).bind(first["id"], crypto.randomUUID(), crypto.randomUUID());
    await expect(async () => statement.run()).rejects.toThrow(/append-only/);
    expect(
      await refusal("audit_log", goodRow("audit_log", world, { previous_hash: first["previous_hash"] ?? null })),
    ).toMatch(/UNIQUE/);
  });
});
