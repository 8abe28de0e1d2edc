import type { Context } from "hono";
import type * as z from "zod";
import { AppError } from "../../protocol/errors.ts";
import { fieldIssues } from "../../protocol/issues.ts";
import { REQUEST_BODY_MAX_BYTES } from "../../protocol/limits.ts";

/**
 * The JSON body of a request, as `schema` has it.
 * @throws AppError `payload_too_large`, `unsupported_media_type` or `invalid_input`
 */
export async function parseBody<Schema extends z.ZodType>(c: Context, schema: Schema): Promise<z.output<Schema>> {
  return parse(schema, await readJson(c), "body");
}

/**
 * The JSON value of a request's body; an empty body is an empty object.
 * @param maxBytes how long the body may be
 */
export async function readJson(c: Context, maxBytes = REQUEST_BODY_MAX_BYTES): Promise<unknown> {
  const body = await readText(c.req.raw.body, Number(c.req.header("content-length") ?? 0), maxBytes);
  if (body === "") return {};
  const type = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") {
    throw new AppError("unsupported_media_type", "Send the body as application/json");
  }
  try {
    return JSON.parse(body);
  } catch {
    // The parser's message quotes the body, which may be somebody's words.
    throw new AppError("invalid_input", "The body is not JSON", { issues: [{ path: "", message: "Expected JSON" }] });
  }
}

/** `value` as `schema` has it. @throws AppError `invalid_input` that names each wrong field */
export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    throw new AppError("invalid_input", `The ${what} is not valid`, { issues: fieldIssues(parsed.error) });
  }
  return parsed.data;
}

// The declared length may be missing or a lie, so that reading stops where the limit is.
async function readText(
  stream: ReadableStream<Uint8Array> | null,
  declaredBytes: number,
  maxBytes: number,
): Promise<string> {
  if (declaredBytes > maxBytes) throw tooLarge(maxBytes);
  if (stream === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function tooLarge(maxBytes: number): AppError {
  return new AppError("payload_too_large", `A body has at most ${maxBytes} bytes`);
}
