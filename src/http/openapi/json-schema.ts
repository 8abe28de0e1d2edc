import * as z from "zod";

/** Of HTTP and of the socket: the first part grows when something that clients rely on goes. */
export const API_VERSION = "1.0.0";

/** A JSON Schema of draft 2020-12, which OpenAPI 3.1 and AsyncAPI 3.0 take as it is. */
export type JsonSchema = Record<string, unknown>;

/** `schema` as what a caller sends (`input`: fields with a default are optional) or receives (`output`). */
export function jsonSchema(schema: z.ZodType, io: "input" | "output"): JsonSchema {
  const { $schema: _dialect, ...json } = z.toJSONSchema(schema, { io, override: ({ jsonSchema: node }) => tidy(node) });
  return json;
}

// Every whole number in JavaScript has these bounds; they tell a reader nothing.
function tidy(node: JsonSchema): void {
  if (node["maximum"] === Number.MAX_SAFE_INTEGER) delete node["maximum"];
  if (node["minimum"] === Number.MIN_SAFE_INTEGER) delete node["minimum"];
}

/** A reference to `#/components/<kind>/<name>`. */
export function ref(kind: string, name: string): { $ref: string } {
  return { $ref: `#/components/${kind}/${name}` };
}
