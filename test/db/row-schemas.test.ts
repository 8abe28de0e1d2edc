import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import type * as z from "zod";
import * as analytics from "../../src/db/analytics-rows.ts";
import { seedCatalogues } from "../../src/db/catalogue.ts";
import * as payments from "../../src/db/payment-rows.ts";
import { CATALOGUE } from "../../src/maintenance/catalogue.ts";

interface Column {
  name: string;
  notnull: number;
  pk: number;
}

const schemas: [string, z.ZodObject][] = [
  ["subscription_plans", payments.subscriptionPlansRow],
  ["subscriptions", payments.subscriptionsRow],
  ["payment_transactions", payments.paymentTransactionsRow],
  ["ai_credits", payments.aiCreditsRow],
  ["analytics_events", analytics.analyticsEventsRow],
  ["page_views", analytics.pageViewsRow],
  ["user_sessions", analytics.userSessionsRow],
];

it.each(schemas)("types every column of %s as the table has it", async (table, schema) => {
  const { results } = await env.DB.prepare('SELECT name, "notnull", pk FROM pragma_table_info(?)')
    .bind(table)
    .all<Column>();
  const inTable = results.map((column) => [column.name, column.notnull === 0 && column.pk === 0]);
  const inSchema = Object.entries(schema.shape).map(([name, type]) => [
    name,
    (type as z.ZodType).safeParse(null).success,
  ]);
  expect(inSchema).toEqual(inTable);
});

it("reads the seeded plans as their type says", async () => {
  await seedCatalogues(env.DB, CATALOGUE, Date.UTC(2026, 0, 1));
  const { results } = await env.DB.prepare("SELECT * FROM subscription_plans").all();
  expect(results).toHaveLength(4);
  for (const row of results) expect(payments.subscriptionPlansRow.safeParse(row).error).toBeUndefined();
});
