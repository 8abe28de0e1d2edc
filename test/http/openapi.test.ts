import { exports } from "cloudflare:workers";
import { expect, it } from "vitest";
import { app } from "../../src/app.ts";
import { registry } from "../../src/domain/registry.ts";
import { openApiDocument } from "../../src/http/openapi/document.ts";
import { ERRORS } from "../../src/protocol/errors.ts";
import { refsOf, resolveRef } from "./document-walk.ts";

const METHODS = ["get", "post", "put", "patch", "delete"] as const;

interface Parameter {
  $ref?: string;
  name?: string;
  in?: string;
}

interface OperationObject {
  operationId: string;
  summary: string;
  tags: string[];
  security: object[];
  parameters?: Parameter[];
  requestBody?: { required: boolean; content: object };
  responses: Record<string, { $ref?: string; description?: string }>;
}

interface Document {
  openapi: string;
  info: { title: string; version: string };
  tags: { name: string }[];
  paths: Record<string, Partial<Record<(typeof METHODS)[number], OperationObject>>>;
  components: { schemas: Record<string, object> };
}

const document = openApiDocument() as unknown as Document;
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  METHODS.flatMap((method) => {
    const operation = item[method];
    return operation === undefined ? [] : [{ path, method, operation }];
  }),
);

it("is the document that the Worker serves", async () => {
  const response = await exports.default.fetch("https://api.example/openapi.json");
  expect(response.status).toBe(200);
  const served = (await response.json()) as Document;
  expect(served.openapi).toBe("3.1.1");
  expect(served.paths).toEqual(JSON.parse(JSON.stringify(document.paths)));
});

it("describes every route of the application and no other", () => {
  const ofRegistry = (path: string): boolean => /\/(commands|queries)\//.test(path);
  const routed = app.routes
    .filter(({ method }) => method !== "ALL")
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}").replace(/(?<=.)\/$/, "")}`)
    .filter((route) => !ofRegistry(route));
  const described = operations
    .filter(({ path }) => !ofRegistry(path))
    .map(({ path, method }) => `${method.toUpperCase()} ${path}`);
  expect(described.toSorted()).toEqual([...new Set(routed)].toSorted());
});

it("describes every operation of the registry, commands with their key", () => {
  const expected = registry.map(({ name, kind, input }) => {
    const path = `/api/relationships/{id}/${kind === "command" ? "commands" : "queries"}/${name}`;
    const keyed = kind === "command";
    return {
      path,
      method: keyed ? "post" : "get",
      keyed,
      bodyRequired: keyed ? !input.safeParse({}).success : undefined,
    };
  });
  const described = operations
    .filter(({ path }) => /\/(commands|queries)\//.test(path))
    .map(({ path, method, operation }) => {
      const keyed =
        operation.parameters?.some(({ $ref }) => $ref === "#/components/parameters/IdempotencyKey") ?? false;
      return { path, method, keyed, bodyRequired: operation.requestBody?.required };
    });
  expect(described).toEqual(expected);
});

it("resolves every reference, and uses every schema that it names", () => {
  const refs = refsOf(document);
  expect(refs.filter((each) => resolveRef(document, each) === undefined)).toEqual([]);
  const names = Object.keys(document.components.schemas);
  expect(names.filter((name) => !/^[a-zA-Z0-9._-]+$/.test(name))).toEqual([]);
  expect(names.filter((name) => !refs.includes(`#/components/schemas/${name}`))).toEqual([]);
});

it("declares every path parameter, once", () => {
  for (const { path, operation } of operations) {
    const declared = (operation.parameters ?? [])
      .map((parameter) =>
        parameter.$ref === undefined ? parameter : (resolveRef(document, parameter.$ref) as Parameter),
      )
      .filter((parameter) => parameter.in === "path")
      .map(({ name }) => name);
    expect({ path, declared }).toEqual({ path, declared: [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name) });
  }
});

it("names each operation once, and says what it does, under a tag that is explained", () => {
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(operations.filter(({ operation }) => operation.summary.length < 4)).toEqual([]);
  const tags = new Set(document.tags.map(({ name }) => name));
  expect(operations.flatMap(({ operation }) => operation.tags).filter((tag) => !tags.has(tag))).toEqual([]);
});

it("has a success and the failures of our side for every operation", () => {
  const wanting = operations.filter(({ operation: { responses, security } }) => {
    const statuses = Object.keys(responses);
    const failures = ["500", "503", ...(security.length > 0 ? ["401"] : [])];
    return !statuses.some((status) => /^[123]/.test(status)) || failures.some((status) => !statuses.includes(status));
  });
  expect(wanting.map(({ path }) => path)).toEqual([]);
  const responses = operations.flatMap(({ operation }) => Object.values(operation.responses));
  const targets = responses.map((each) => (each.$ref === undefined ? each : resolveRef(document, each.$ref)));
  expect(targets.filter((target) => !(target as { description?: string }).description)).toEqual([]);
});

it("can carry every code of the error table", () => {
  const text = JSON.stringify(document.components);
  for (const code of Object.keys(ERRORS)) expect(text).toContain(`"${code}"`);
});

it("leaves no schema empty", () => {
  const empty = Object.entries(document.components.schemas).filter(([, schema]) => Object.keys(schema).length === 0);
  expect(empty).toEqual([]);
});
