import type * as z from "zod";
import { invalid } from "./errors.ts";
import type { FormTree } from "./form.ts";
import { refusalOf } from "./params.ts";
import type { List } from "./rows.ts";
import type { World } from "./world.ts";

export type Method = "GET" | "POST" | "DELETE";

export interface Endpoint {
  method: Method;
  /** `:id` stands for any text. */
  path: string;
  /** Checks the parameters; what it gives back does the work. @throws StripeRefusal for parameters that Stripe refuses */
  prepare: (world: World, fields: FormTree, id: string) => () => object;
}

export function endpoint<S extends z.ZodType>(
  method: Method,
  path: string,
  schema: S,
  run: (world: World, input: z.output<S>, id: string) => object,
): Endpoint {
  return {
    method,
    path,
    prepare: (world, fields, id) => {
      const parsed = schema.safeParse(fields);
      if (!parsed.success) throw refusalOf(parsed.error, fields);
      return () => run(world, parsed.data, id);
    },
  };
}

/** The endpoint of a request and the id in its path, or null. */
export function findEndpoint(
  endpoints: readonly Endpoint[],
  method: string,
  pathname: string,
): { endpoint: Endpoint; id: string } | null {
  const given = pathname.split("/");
  for (const candidate of endpoints) {
    if (candidate.method !== method) continue;
    const wanted = candidate.path.split("/");
    if (wanted.length !== given.length) continue;
    if (!wanted.every((part, at) => part === ":id" || part === given[at])) continue;
    const at = wanted.indexOf(":id");
    return { endpoint: candidate, id: at === -1 ? "" : decodeURIComponent(given[at] ?? "") };
  }
  return null;
}

export interface Paging {
  limit?: number | undefined;
  starting_after?: string | undefined;
  ending_before?: string | undefined;
}

const DEFAULT_LIMIT = 10;

/** One page of `rows`, which come newest first. @throws StripeRefusal for a cursor that is not among them */
export function page<T extends { id: string }>(rows: T[], paging: Paging, url: string): List<T> {
  const limit = paging.limit ?? DEFAULT_LIMIT;
  if (paging.starting_after !== undefined && paging.ending_before !== undefined) {
    throw invalid("You may only specify one of these parameters: starting_after, ending_before.");
  }
  if (paging.ending_before !== undefined) {
    const before = rows.slice(0, cursor(rows, paging.ending_before, "ending_before"));
    return { object: "list", url, has_more: before.length > limit, data: before.slice(-limit) };
  }
  const start = paging.starting_after === undefined ? 0 : cursor(rows, paging.starting_after, "starting_after") + 1;
  const data = rows.slice(start, start + limit);
  return { object: "list", url, has_more: start + limit < rows.length, data };
}

export function fullList<T>(data: T[], url: string): List<T> {
  return { object: "list", data, has_more: false, url };
}

function cursor(rows: { id: string }[], id: string, param: string): number {
  const at = rows.findIndex((row) => row.id === id);
  if (at === -1) throw invalid(`No such object: '${id}'`, { code: "resource_missing", param });
  return at;
}
