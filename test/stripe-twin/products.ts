import type Stripe from "stripe";
import { endpoint, page, type Endpoint } from "./endpoint.ts";
import { invalid } from "./errors.ts";
import { newId } from "./ids.ts";
import { bool, clearable, isWithin, list, mergeMetadata, metadata, paging, params, text, within } from "./params.ts";
import type { ProductRow } from "./rows.ts";
import { change, emit, requireRow, type World } from "./world.ts";

const shared = {
  active: bool().optional(),
  description: clearable(text()).optional(),
  metadata: metadata().optional(),
  statement_descriptor: text().optional(),
  tax_code: text().optional(),
  unit_label: text().optional(),
  url: text().optional(),
};

export const productEndpoints: Endpoint[] = [
  endpoint(
    "POST",
    "/v1/products",
    params<Stripe.ProductCreateParams>()({ ...shared, id: text().optional(), name: text() }),
    (world, input) => {
      if (world.store.products.find(input.id) !== null) {
        throw invalid(`Product already exists.`, { code: "resource_already_exists", param: "id" });
      }
      return addProduct(world, input);
    },
  ),
  endpoint(
    "GET",
    "/v1/products",
    params<Stripe.ProductListParams>()({
      ...paging,
      active: bool().optional(),
      created: within().optional(),
      ids: list(text()).optional(),
    }),
    (world, input) => {
      const found = world.store.products
        .newest()
        .filter(
          (row) =>
            (input.active === undefined || row.active === input.active) &&
            (input.ids === undefined || input.ids.includes(row.id)) &&
            isWithin(row.created, input.created),
        );
      return page(found, input, "/v1/products");
    },
  ),
  endpoint("GET", "/v1/products/:id", params<Stripe.ProductRetrieveParams>()({}), (world, _input, id) =>
    requireRow(world.store.products, id),
  ),
  endpoint(
    "POST",
    "/v1/products/:id",
    params<Stripe.ProductUpdateParams>()({
      ...shared,
      default_price: text().optional(),
      name: text().optional(),
    }),
    (world, input, id) => {
      const product = requireRow(world.store.products, id);
      if (input.default_price !== undefined) requireRow(world.store.prices, input.default_price, "default_price");
      change(world, "product.updated", product, () => {
        const { metadata: words, ...rest } = input;
        Object.assign(product, rest, { metadata: mergeMetadata(product.metadata, words) });
        product.updated = world.clock.seconds();
      });
      return product;
    },
  ),
];

interface NewProduct {
  id?: string | undefined;
  name: string;
  active?: boolean | undefined;
  description?: string | null | undefined;
  metadata?: Record<string, string> | null | undefined;
  statement_descriptor?: string | undefined;
  tax_code?: string | undefined;
  unit_label?: string | undefined;
  url?: string | undefined;
}

export function addProduct(world: World, input: NewProduct): ProductRow {
  const created = world.clock.seconds();
  const product = world.store.products.add({
    id: input.id ?? newId("prod"),
    object: "product",
    active: input.active ?? true,
    created,
    default_price: null,
    description: input.description ?? null,
    images: [],
    livemode: false,
    marketing_features: [],
    metadata: mergeMetadata(null, input.metadata),
    name: input.name,
    package_dimensions: null,
    shippable: null,
    statement_descriptor: input.statement_descriptor ?? null,
    tax_code: input.tax_code ?? null,
    tax_details: null,
    type: "service",
    unit_label: input.unit_label ?? null,
    updated: created,
    url: input.url ?? null,
  });
  emit(world, "product.created", product);
  return product;
}
