import { invalid } from "./errors.ts";

export type FormValue = string | { [key: string]: FormValue };
export type FormTree = { [key: string]: FormValue };

const MAX_DEPTH = 8;

/**
 * Nested form fields: `items[0][price]=p` is `{ items: { 0: { price: "p" } } }`. Lists stay objects with indices, since
 * only the schema knows whether `metadata[0]` is a list.
 * @throws StripeRefusal for brackets that do not close, or a field that is both text and nested
 */
export function parseForm(fields: Iterable<readonly [string, string]>): FormTree {
  const tree: FormTree = emptyTree();
  for (const [name, value] of fields) place(tree, pathOf(name), value, name);
  return tree;
}

function pathOf(name: string): string[] {
  const open = name.indexOf("[");
  if (open === -1) return [name];
  const rest = name.slice(open);
  if (open === 0 || !/^(\[[^[\]]*\])+$/.test(rest)) throw invalid(`Invalid parameter name: ${name}`, { param: name });
  return [name.slice(0, open), ...rest.slice(1, -1).split("][")];
}

function place(tree: FormTree, path: string[], value: string, name: string): void {
  if (path.length > MAX_DEPTH) throw invalid(`Parameter is nested too deeply: ${name}`, { param: name });
  let node = tree;
  for (const [depth, raw] of path.entries()) {
    const key = raw === "" ? String(Object.keys(node).length) : raw;
    if (depth === path.length - 1) {
      if (typeof node[key] === "object") throw invalid(`Invalid parameter: ${name}`, { param: name });
      node[key] = value;
      return;
    }
    const next = (node[key] ??= emptyTree());
    if (typeof next === "string") throw invalid(`Invalid parameter: ${name}`, { param: name });
    node = next;
  }
}

// Without a prototype, so that a field called `__proto__` is a field.
function emptyTree(): FormTree {
  return Object.create(null) as FormTree;
}

/** `["items", 0, "price"]` in the form that Stripe names parameters: `items[0][price]`. */
export function paramName(path: readonly PropertyKey[]): string {
  const [first, ...rest] = path.map(String);
  return (first ?? "") + rest.map((key) => `[${key}]`).join("");
}
