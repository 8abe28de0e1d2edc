import * as z from "zod";
import { AppError } from "../protocol/errors.ts";
import { PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX } from "../protocol/limits.ts";

/** Fields that every list query takes; spread them into its input schema. */
export const pageInput = {
  limit: z.int().min(1).max(PAGE_LIMIT_MAX).default(PAGE_LIMIT_DEFAULT),
  cursor: z.string().max(512).optional(),
};

export interface Page<Item> {
  items: Item[];
  /** Opaque; null on the last page. */
  nextCursor: string | null;
}

export type CursorKey = readonly (string | number)[];

/** Schema of a page of `item`. */
export function pageOf<Item extends z.ZodType>(
  item: Item,
): z.ZodObject<{ items: z.ZodArray<Item>; nextCursor: z.ZodNullable<z.ZodString> }> {
  return z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() });
}

/**
 * Cuts `rows`, which were read with `LIMIT limit + 1`, to one page. The cursor is the key of the last item shown, so
 * that rows inserted meanwhile neither repeat nor hide an item.
 */
export function page<Row, Item>(
  rows: readonly Row[],
  limit: number,
  keyOf: (row: Row) => CursorKey,
  toItem: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items: shown.map(toItem), nextCursor: more ? encodeCursor(keyOf(last)) : null };
}

function encodeCursor(key: CursorKey): string {
  return btoa(JSON.stringify(key)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const cursorKey = z.array(z.union([z.string(), z.number()]));

/**
 * The key in `cursor`, or null when there is no cursor.
 * @param kinds the type of each part, in order
 * @throws AppError `invalid_input` for a cursor that this list did not hand out
 */
export function decodeCursor(cursor: string | undefined, kinds: readonly ("string" | "number")[]): CursorKey | null {
  if (cursor === undefined) return null;
  const refused = new AppError("invalid_input", "The cursor is not one of this list", {
    issues: [{ path: "cursor", message: "Expected a cursor that this list returned" }],
  });
  let json: unknown;
  try {
    json = JSON.parse(atob(cursor.replaceAll("-", "+").replaceAll("_", "/")));
  } catch {
    // Neither base64 nor JSON: the client made it up.
    throw refused;
  }
  const key = cursorKey.safeParse(json);
  if (!key.success || key.data.length !== kinds.length) throw refused;
  if (key.data.some((part, index) => typeof part !== kinds[index])) throw refused;
  return key.data;
}
