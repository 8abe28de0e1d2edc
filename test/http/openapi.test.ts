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

const document = openApiDocument("test") as unknown as Document;
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
  for (const { name, kind, input } of registry) {
    const isCommand = kind === "command";
    const path = `/api/relationships/{id}/${isCommand ? "commands" : "queries"}/${name}`;
    const operation = document.paths[path]?.[isCommand ? "post" : "get"];
    expect(operation, path).toBeDefined();
    const refs = operation?.parameters?.map(({ $ref }) => $ref) ?? [];
    expect(refs.includes("#/components/parameters/IdempotencyKey"), path).toBe(isCommand);
    expect(operation?.requestBody !== undefined, path).toBe(isCommand);
    const needsBody = isCommand ? !input.safeParse({}).success : undefined;
    expect(operation?.requestBody?.required, path).toBe(needsBody);
  }
  expect(operations.filter(({ path }) => /\/(commands|queries)\//.test(path))).toHaveLength(registry.length);
});

it("resolves every reference, and uses every schema that it names", () => {
  const refs = refsOf(document);
  for (const each of refs) expect(resolveRef(document, each), each).toBeDefined();
  for (const name of Object.keys(document.components.schemas)) {
    expect(name).toMatch(/^[a-zA-Z0-9._-]+$/);
    expect(refs).toContain(`#/components/schemas/${name}`);
  }
});

it("declares every path parameter, once", () => {
  for (const { path, operation } of operations) {
    const declared = (operation.parameters ?? [])
      .map((parameter) =>
        parameter.$ref === undefined ? parameter : (resolveRef(document, parameter.$ref) as Parameter),
      )
      .filter((parameter) => parameter.in === "path")
      .map(({ name }) => name);
    expect(declared, path).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
  }
});

it("names each operation once, and says what it does, under a tag that is explained", () => {
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  const tags = document.tags.map(({ name }) => name);
  for (const { operation } of operations) {
    expect(operation.summary.length).toBeGreaterThan(3);
    for (const tag of operation.tags) expect(tags).toContain(tag);
  }
});

it("has a success and the failures of our side for every operation", () => {
  for (const { path, operation } of operations) {
    const statuses = Object.keys(operation.responses);
    expect(
      statuses.some((status) => /^[123]/.test(status)),
      path,
    ).toBe(true);
    expect(statuses, path).toEqual(expect.arrayContaining(["500", "503"]));
    for (const [status, response] of Object.entries(operation.responses)) {
      const target = response.$ref === undefined ? response : (resolveRef(document, response.$ref) as typeof response);
      expect(target.description, `${path} ${status}`).toBeTruthy();
    }
    expect(operation.security.length === 0 || statuses.includes("401"), path).toBe(true);
  }
});

it("can carry every code of the error table", () => {
  const text = JSON.stringify(document.components);
  for (const code of Object.keys(ERRORS)) expect(text).toContain(`"${code}"`);
});

it("leaves no input undescribed", () => {
  for (const [name, schema] of Object.entries(document.components.schemas)) {
    expect(Object.keys(schema), name).not.toEqual([]);
  }
});
