import * as z from "zod";
import { invalid, type StripeRefusal } from "./errors.ts";
import { paramName } from "./form.ts";

const MAX_TEXT = 5_000;
const MAX_METADATA_KEYS = 50;
const MAX_METADATA_KEY = 40;
const MAX_METADATA_VALUE = 500;

/**
 * The parameters of an endpoint. `P` is the SDK's own type of them, so that the compiler refuses a name which the pinned
 * version of Stripe does not know; what is not listed is refused in the answer as unknown.
 */
export function params<P>() {
  return <S extends Partial<Record<keyof P, z.ZodType>>>(shape: S & Record<Exclude<keyof S, keyof P>, never>) =>
    z.strictObject(shape as S);
}

export const text = () => z.string().min(1, "empty").max(MAX_TEXT, "too_long");
export const int = () =>
  z
    .string()
    .regex(/^-?\d{1,15}$/, "integer")
    .transform(Number);
export const natural = () => int().refine((value) => value >= 0, "negative");
export const decimal = () =>
  z
    .string()
    .regex(/^\d+(\.\d+)?$/, "decimal")
    .transform(Number);
export const bool = () => z.enum(["true", "false"], "boolean").transform((value) => value === "true");
export const oneOf = <const T extends readonly [string, ...string[]]>(...values: T) => z.enum(values);

/** An empty value unsets, and arrives as null. */
export const clearable = <T extends z.ZodType>(schema: T) => z.union([z.literal("").transform(() => null), schema]);

/** Indices of a list arrive as keys. */
export function list<T extends z.ZodType>(element: T) {
  return z.preprocess((value) => (isIndexed(value) ? Object.values(value) : value), z.array(element));
}

function isIndexed(value: unknown): value is object {
  return typeof value === "object" && value !== null && Object.keys(value).every((key) => /^\d+$/.test(key));
}

/** Keys with an empty value are to be removed. An empty field as a whole removes all, and arrives as null. */
export const metadata = () =>
  z.union([
    z.literal("").transform(() => null),
    z
      .record(z.string().max(MAX_METADATA_KEY, "too_long"), z.string().max(MAX_METADATA_VALUE, "too_long"))
      .refine((entries) => Object.keys(entries).length <= MAX_METADATA_KEYS, "too_many_keys"),
  ]);

/** Fields of an address or the like that a customer carries: kept, never looked at. */
export const openObject = () => z.record(z.string(), z.unknown());

const range = z.strictObject({
  gt: int().optional(),
  gte: int().optional(),
  lt: int().optional(),
  lte: int().optional(),
});
export const within = () => z.union([int(), range]);
export type Range = z.output<ReturnType<typeof within>>;

export function isWithin(value: number, bound: Range | undefined): boolean {
  if (bound === undefined) return true;
  if (typeof bound === "number") return value === bound;
  const { gt = -Infinity, gte = -Infinity, lt = Infinity, lte = Infinity } = bound;
  return value > gt && value >= gte && value < lt && value <= lte;
}

/** Pagination, as each list has it. */
export const paging = {
  limit: int()
    .refine((value) => value >= 1 && value <= 100, "limit")
    .optional(),
  starting_after: text().optional(),
  ending_before: text().optional(),
};

/** Metadata after a change: given keys win, empty ones go, `null` clears. */
export function mergeMetadata(
  old: Record<string, string> | null,
  change: Record<string, string> | null | undefined,
): Record<string, string> {
  if (change === null) return {};
  return Object.fromEntries(Object.entries({ ...old, ...change }).filter(([, value]) => value !== ""));
}

/** The first fault of the parameters, in Stripe's words. */
export function refusalOf(error: z.ZodError, input: unknown): StripeRefusal {
  const issues = error.issues.map(deepest);
  const issue = issues.find((found) => found?.code === "unrecognized_keys") ?? issues[0];
  if (issue === undefined) return invalid("Invalid request");
  const path = issue.path;
  const name = paramName(path);
  if (issue.code === "unrecognized_keys") {
    const param = paramName([...path, issue.keys[0] ?? ""]);
    return invalid(`Received unknown parameter: ${param}`, { code: "parameter_unknown", param });
  }
  const value = path.reduce<unknown>((node, key) => (node as Record<PropertyKey, unknown> | undefined)?.[key], input);
  if (value === undefined) {
    return invalid(`Missing required param: ${name}.`, { code: "parameter_missing", param: name });
  }
  if (value === "") {
    return invalid(
      `You passed an empty string for '${name}'. We assume empty values are an attempt to unset a parameter; however '${name}' cannot be unset. You should remove '${name}' from your request or supply a non-empty value.`,
      { code: "parameter_invalid_empty", param: name },
    );
  }
  const worded = WORDED[issue.message];
  if (worded !== undefined) return invalid(worded.text(name), { ...worded.code, param: name });
  if (issue.code === "invalid_value") {
    return invalid(`Invalid ${name}: must be one of ${issue.values.map(String).join(", ")}`, { param: name });
  }
  if (issue.code === "invalid_type" && issue.expected === "string") {
    return invalid(`Invalid string: ${name}`, { code: "parameter_invalid_string", param: name });
  }
  return invalid(`Invalid ${issue.code === "invalid_type" ? issue.expected : "value"}: ${name}`, { param: name });
}

const WORDED: Record<string, { text: (name: string) => string; code?: { code: string } }> = {
  integer: { text: (name) => `Invalid integer: ${name}`, code: { code: "parameter_invalid_integer" } },
  negative: {
    text: (name) => `Invalid non-negative integer: ${name}`,
    code: { code: "parameter_invalid_integer" },
  },
  decimal: { text: (name) => `Invalid decimal: ${name}` },
  boolean: { text: (name) => `Invalid boolean: ${name}` },
  limit: { text: (name) => `Invalid ${name}: must be between 1 and 100` },
  too_long: { text: (name) => `Invalid string: ${name} is too long`, code: { code: "parameter_invalid_string" } },
  too_many_keys: { text: () => `You can only have ${MAX_METADATA_KEYS} metadata keys` },
};

/** Of alternatives, the one that came furthest says best what is wrong. */
function deepest(issue: z.core.$ZodIssue | undefined): z.core.$ZodIssue | undefined {
  if (issue?.code !== "invalid_union") return issue;
  const inner = issue.errors.map((branch) => deepest(branch[0])).filter((found) => found !== undefined);
  const last = inner.toSorted((a, b) => a.path.length - b.path.length).at(-1) ?? inner.at(-1);
  return last === undefined ? issue : { ...last, path: [...issue.path, ...last.path] };
}
