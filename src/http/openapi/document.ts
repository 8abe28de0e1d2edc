import type { Operation } from "../../domain/command.ts";
import { registry } from "../../domain/registry.ts";
import { commandIdSchema, relationshipIdSchema } from "../../protocol/ids.ts";
import { ERROR_ANSWER, errorRefs, errorResponses } from "./errors.ts";
import { API_VERSION, jsonSchema, ref, type JsonSchema } from "./json-schema.ts";
import type { AnswerDoc, RouteDoc } from "./route-doc.ts";
import { ROUTE_DOCS } from "./route-docs.ts";

const TAGS: Readonly<Record<string, string>> = {
  account: "Sign-up, sign-in, sessions",
  me: "The person who is signed in",
  pairing: "How two people find each other",
  live: "Tickets and the socket",
  operators: "What support may look at, and what members see of it",
  service: "Health and the reference itself",
  development: "What only a development server has",
};

const SESSION = [{ bearer: [] }, { cookie: [] }];
const COMMAND_ERRORS = [400, 401, 403, 404, 409, 413, 415, 429];
const QUERY_ERRORS = [400, 401, 404, 409];

/**
 * The whole HTTP API as OpenAPI 3.1, from the registry and the schemas that check the requests. Costs some hundred
 * schema conversions, so that it is built when somebody asks.
 */
export function openApiDocument(): JsonSchema {
  const schemas: Record<string, JsonSchema> = { ErrorAnswer: ERROR_ANSWER, Cursors: CURSORS };
  const paths: Record<string, JsonSchema> = {};
  const add = (path: string, method: string, operation: JsonSchema): void => {
    paths[path] = { ...paths[path], [method]: operation };
  };
  for (const route of ROUTE_DOCS) add(route.path, route.method, routeOperation(route, schemas));
  for (const operation of registry) {
    const isCommand = operation.kind === "command";
    const path = `/api/relationships/{id}/${isCommand ? "commands" : "queries"}/${operation.name}`;
    add(path, isCommand ? "post" : "get", registryOperation(operation, schemas));
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "Better Together",
      version: API_VERSION,
      description:
        "Accounts, pairing, and everything a couple can do. The same commands and queries travel over the WebSocket; " +
        "its frames are described in /asyncapi.json.",
    },
    servers: [{ url: "/" }],
    tags: tagList(),
    paths,
    components: {
      schemas,
      responses: errorResponses(),
      parameters: { RelationshipId: relationshipId(), IdempotencyKey: idempotencyKey() },
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "The `token` of a sign-in" },
        cookie: {
          type: "apiKey",
          in: "cookie",
          name: "bt.session_token",
          description: "Set by a sign-in of a browser; over HTTPS its name begins with `__Secure-`",
        },
      },
    },
  };
}

const CURSORS: JsonSchema = {
  type: "object",
  description: "The newest sequence of both streams that this member reads",
  required: ["couple", "own"],
  properties: { couple: { type: "integer" }, own: { type: "integer" } },
};

function relationshipId(): JsonSchema {
  return {
    name: "id",
    in: "path",
    required: true,
    description: "The relationship. Somebody else's is answered with 404",
    schema: jsonSchema(relationshipIdSchema, "input"),
  };
}

function idempotencyKey(): JsonSchema {
  return {
    name: "idempotency-key",
    in: "header",
    required: true,
    description:
      "A UUID version 7 chosen by the client. The same key with the same input gives the first result again, with " +
      "another input 409. Its time must be at most 45 days old and at most a day ahead.",
    schema: jsonSchema(commandIdSchema, "input"),
  };
}

function tagList(): { name: string; description: string }[] {
  const modules = [...new Set(registry.map(({ name }) => moduleOf(name)))];
  const derived = modules.map((name) => ({ name, description: `What a couple can do: ${name}` }));
  const own = Object.entries(TAGS).map(([name, description]) => ({ name, description }));
  return [...own.slice(0, 4), ...derived, ...own.slice(4)];
}

function moduleOf(operationName: string): string {
  return operationName.split(".")[0] ?? operationName;
}

function registryOperation(operation: Operation, schemas: Record<string, JsonSchema>): JsonSchema {
  const { name, kind } = operation;
  const input = named(schemas, `${name}.input`, jsonSchema(operation.input, "input"));
  const output = named(schemas, `${name}.output`, jsonSchema(operation.output, "output"));
  const optional = operation.input.safeParse({}).success;
  const parameters: JsonSchema[] = [ref("parameters", "RelationshipId")];
  if (kind === "command") parameters.push(ref("parameters", "IdempotencyKey"));
  else parameters.push({ name: "input", in: "query", required: !optional, content: json(input) });
  const events = operation.events.map((event) => `\`${event.name}\``).join(", ");
  return {
    operationId: name,
    tags: [moduleOf(name)],
    summary: operation.summary,
    ...(events === "" ? {} : { description: `Tells both members, or the one concerned: ${events}` }),
    security: SESSION,
    parameters,
    ...(kind === "command" ? { requestBody: { required: !optional, content: json(input) } } : {}),
    responses: {
      200: { description: kind === "command" ? "Committed" : "The answer", content: json(resultOf(output)) },
      ...errorRefs(kind === "command" ? COMMAND_ERRORS : QUERY_ERRORS),
    },
  };
}

function resultOf(output: JsonSchema): JsonSchema {
  return {
    type: "object",
    required: ["data", "cursors"],
    properties: { data: output, cursors: ref("schemas", "Cursors") },
  };
}

function routeOperation(route: RouteDoc, schemas: Record<string, JsonSchema>): JsonSchema {
  const body = route.body && named(schemas, `${route.operationId}.body`, jsonSchema(route.body, "input"));
  const answers = route.answers.map((answer, index) => {
    const name = `${route.operationId}.answer${index === 0 ? "" : index + 1}`;
    return [answer.status, answerOf(answer, name, schemas)] as const;
  });
  const parameters = parametersOf(route);
  return {
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    security: route.session ? SESSION : [],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body && route.body
      ? { requestBody: { required: !route.body.safeParse({}).success, content: json(body) } }
      : {}),
    ...(route.binary ? { requestBody: { required: true, content: bytesOf(route.binary) } } : {}),
    responses: { ...errorRefs(route.errors), ...Object.fromEntries(answers) },
  };
}

function answerOf(answer: AnswerDoc, name: string, schemas: Record<string, JsonSchema>): JsonSchema {
  if (answer.html === true) return { description: answer.description, content: { "text/html": {} } };
  if (answer.binary) return { description: answer.description, content: bytesOf(answer.binary) };
  if (answer.schema === undefined) return { description: answer.description };
  return { description: answer.description, content: json(named(schemas, name, jsonSchema(answer.schema, "output"))) };
}

function parametersOf(route: RouteDoc): JsonSchema[] {
  const parameters: JsonSchema[] = [];
  for (const [, name] of route.path.matchAll(/\{(\w+)\}/g)) {
    const ofRelationship = name === "id" && route.path.startsWith("/api/relationships/");
    if (ofRelationship) parameters.push(ref("parameters", "RelationshipId"));
    else parameters.push({ name, in: "path", required: true, schema: { type: "string" } });
  }
  if (route.idempotent === true) parameters.push(ref("parameters", "IdempotencyKey"));
  for (const [name, schema] of Object.entries(route.query?.shape ?? {})) {
    const required = !schema.safeParse(undefined).success;
    parameters.push({ name, in: "query", required, schema: jsonSchema(schema, "input") });
  }
  return parameters;
}

function bytesOf(types: readonly string[]): JsonSchema {
  return Object.fromEntries(types.map((type) => [type, { schema: { type: "string", format: "binary" } }]));
}

function named(schemas: Record<string, JsonSchema>, name: string, schema: JsonSchema): { $ref: string } {
  schemas[name] = schema;
  return ref("schemas", name);
}

function json(schema: JsonSchema): JsonSchema {
  return { "application/json": { schema } };
}
