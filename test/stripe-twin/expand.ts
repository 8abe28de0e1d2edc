import { fullList } from "./endpoint.ts";
import { invalid } from "./errors.ts";
import { copyOf, type World } from "./world.ts";

const MAX_DEPTH = 4;
type Node = Record<string, unknown>;

/**
 * An answer with the references of `paths` filled in, as `expand[]` asks for; then it is a copy.
 * @throws StripeRefusal for a path that leads to nothing
 */
export function expanded(world: World, answer: object, paths: readonly string[]): object {
  if (paths.length === 0) return answer;
  const copy = copyOf(answer);
  for (const path of paths) {
    const keys = path.split(".");
    const depth = keys[0] === "data" ? keys.length - 1 : keys.length;
    if (depth > MAX_DEPTH) throw invalid(`You cannot expand more than ${MAX_DEPTH} levels of a property (${path})`);
    descend(world, copy, keys, path);
  }
  return copy;
}

function descend(world: World, node: unknown, keys: readonly string[], path: string): void {
  const [key, ...rest] = keys;
  if (key === undefined || node === null) return;
  if (Array.isArray(node)) {
    for (const element of node) descend(world, element, keys, path);
    return;
  }
  if (typeof node !== "object") throw notExpandable(path);
  const object = node as Node;
  object[key] = filled(world, object, key, path);
  descend(world, object[key], rest, path);
}

function filled(world: World, object: Node, key: string, path: string): unknown {
  const value = object[key];
  if (typeof value === "string") return lookUp(world, value, path);
  if (Array.isArray(value)) {
    return value.map((element: unknown) => (typeof element === "string" ? lookUp(world, element, path) : element));
  }
  if (value !== undefined) return value;
  const included = include(world, object, key);
  if (included === undefined) throw notExpandable(path);
  return included;
}

function lookUp(world: World, id: string, path: string): object {
  const row = world.store.find(id);
  if (row === null) throw notExpandable(path);
  return copyOf(row);
}

/** What an object has only when it is asked for. */
function include({ store }: World, { object, id }: Node, key: string): unknown {
  const mine = String(id);
  switch (`${String(object)}.${key}`) {
    case "invoice.payments":
      return copyOf(
        fullList(
          store.invoicePayments.filter((row) => row.invoice === mine),
          "/v1/invoice_payments",
        ),
      );
    case "checkout.session.line_items":
      return copyOf(fullList(store.sessionItems.get(mine) ?? [], `/v1/checkout/sessions/${mine}/line_items`));
    case "customer.subscriptions":
      return copyOf(
        fullList(
          store.subscriptions.filter((row) => row.customer === mine && row.status !== "canceled"),
          `/v1/customers/${mine}/subscriptions`,
        ),
      );
    case "charge.refunds":
      return copyOf(
        fullList(
          store.refunds.filter((row) => row.charge === mine),
          `/v1/charges/${mine}/refunds`,
        ),
      );
    default:
      return undefined;
  }
}

function notExpandable(path: string): Error {
  return invalid(`This property cannot be expanded (${path}).`, { param: "expand" });
}
