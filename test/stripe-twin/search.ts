import * as z from "zod";
import { endpoint, type Endpoint } from "./endpoint.ts";
import { invalid } from "./errors.ts";
import { int, text } from "./params.ts";
import type { Store } from "./store.ts";

type Searchable = { id: string; created: number; metadata?: Record<string, string> | null };

const searchParams = z.strictObject({ query: text(), limit: int().optional(), page: text().optional() });
const DEFAULT_LIMIT = 10;

/** One clause of Stripe's search language: `email:'a@b.c'`, `metadata['k']:'v'`, `created>1`. */
const CLAUSE = /^(?:metadata\[(?:'|")([^'"]+)(?:'|")\]|([a-z_]+))(:|>=|<=|>|<)(?:'([^']*)'|"([^"]*)"|(\d+))$/;

function searchable(path: string, rows: (store: Store) => Searchable[]): Endpoint {
  return endpoint("GET", `${path}/search`, searchParams, (world, input) => {
    const tests = input.query.split(/\s+AND\s+/i).map(clauseOf);
    const found = rows(world.store).filter((row) => tests.every((test) => test(row)));
    const start = Number(input.page ?? 0);
    const end = start + (input.limit ?? DEFAULT_LIMIT);
    const more = end < found.length;
    return {
      object: "search_result",
      url: `${path}/search`,
      has_more: more,
      next_page: more ? String(end) : null,
      data: found.slice(start, end),
    };
  });
}

function clauseOf(clause: string): (row: Searchable) => boolean {
  const match = CLAUSE.exec(clause.trim());
  if (match === null) throw invalid(`We were unable to parse your search query: ${clause}`, { param: "query" });
  const [, key, field = "", operator, single, double, digits] = match;
  const wanted = single ?? double ?? digits ?? "";
  return (row) => {
    const value = key === undefined ? (row as unknown as Record<string, unknown>)[field] : row.metadata?.[key];
    if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") return false;
    switch (operator) {
      case ">":
        return Number(value) > Number(wanted);
      case ">=":
        return Number(value) >= Number(wanted);
      case "<":
        return Number(value) < Number(wanted);
      case "<=":
        return Number(value) <= Number(wanted);
      default:
        return String(value) === wanted;
    }
  };
}

/** Search, which Stripe keeps up to date within a minute; here it is always up to date. */
export const searchEndpoints: Endpoint[] = [
  searchable("/v1/customers", (store) => store.customers.newest()),
  searchable("/v1/subscriptions", (store) => store.subscriptions.newest()),
  searchable("/v1/payment_intents", (store) => store.paymentIntents.newest()),
  searchable("/v1/charges", (store) => store.charges.newest()),
  searchable("/v1/invoices", (store) => store.invoices.newest()),
  searchable("/v1/products", (store) => store.products.newest()),
  searchable("/v1/prices", (store) => store.prices.newest()),
];
