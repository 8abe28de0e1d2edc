import { NotThatImage, viewOf } from "../image-bytes.ts";

/** Bytes of the file, from the first to the one behind the last. */
export interface Extent {
  from: number;
  to: number;
}

/** Items that are part of the picture; all others (Exif, XMP, links) describe it. */
const SHOWING = new Set(["hvc1", "hev1", "lhv1", "grid", "iden", "iovl", "tmap"]);
/** A picture of 48 megapixels has some two hundred. */
const EXTENTS_MAX = 4_000;
const IN_FILE = 0;
const IN_META = 1;

interface Location {
  itemId: number;
  method: number;
  extents: Extent[];
}

/** Reads `meta`'s tables in order. */
class Cursor {
  readonly #view: ReturnType<typeof viewOf>;
  #at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#view = viewOf(bytes);
    this.#at = at;
  }

  number(size: number): number {
    if (size === 0) return 0;
    if (size !== 1 && size !== 2 && size !== 4 && size !== 8) throw new NotThatImage();
    const value = this.#view.at(this.#at, size);
    this.#at += size;
    return value;
  }

  text(length: number): string {
    const value = this.#view.text(this.#at, length);
    this.#at += length;
    return value;
  }
}

/**
 * Where the bytes lie that describe the picture rather than show it. Those inside `meta` itself are blanked in place.
 * @param meta what is in the box, its version and flags first
 */
export function describedExtents(meta: Uint8Array): Extent[] {
  const boxes = boxesOf(meta, 4, meta.length);
  const items = boxes.get("iinf");
  const locations = boxes.get("iloc");
  if (items === undefined || locations === undefined) throw new NotThatImage();
  const describing = describingItems(meta, items);
  const outside: Extent[] = [];
  for (const { itemId, method, extents } of locationsOf(meta, locations)) {
    if (!describing.has(itemId)) continue;
    if (method === IN_META) blankInside(meta, boxes.get("idat"), extents);
    else if (method === IN_FILE) outside.push(...extents);
    else throw new NotThatImage();
  }
  return outside;
}

/** The boxes between two offsets: type -> where its content lies. Of several of one type the first. */
function boxesOf(bytes: Uint8Array, from: number, to: number): Map<string, Extent> {
  const view = viewOf(bytes);
  const found = new Map<string, Extent>();
  for (let at = from; at < to;) {
    const size = view.at(at, 4);
    const type = view.text(at + 4, 4);
    if (size < 8 || at + size > to) throw new NotThatImage();
    if (!found.has(type)) found.set(type, { from: at + 8, to: at + size });
    at += size;
  }
  return found;
}

function describingItems(meta: Uint8Array, { from, to }: Extent): Set<number> {
  const cursor = new Cursor(meta, from);
  const version = cursor.number(4) >>> 24;
  const count = cursor.number(version === 0 ? 2 : 4);
  const describing = new Set<number>();
  let at = from + (version === 0 ? 6 : 8);
  for (let index = 0; index < count; index++) {
    const entry = new Cursor(meta, at);
    const size = entry.number(4);
    const isEntry = entry.text(4) === "infe";
    const entryVersion = entry.number(4) >>> 24;
    // Older ones do not say what they are.
    if (!isEntry || size < 8 || at + size > to || (entryVersion !== 2 && entryVersion !== 3)) throw new NotThatImage();
    const itemId = entry.number(entryVersion === 2 ? 2 : 4);
    entry.number(2);
    if (!SHOWING.has(entry.text(4))) describing.add(itemId);
    at += size;
  }
  return describing;
}

function locationsOf(meta: Uint8Array, { from }: Extent): Location[] {
  const cursor = new Cursor(meta, from);
  const version = cursor.number(4) >>> 24;
  if (version > 2) throw new NotThatImage();
  const sizes = cursor.number(2);
  const [offsetSize, lengthSize, baseSize] = [sizes >>> 12, (sizes >>> 8) & 15, (sizes >>> 4) & 15];
  const indexSize = version === 0 ? 0 : sizes & 15;
  const count = cursor.number(version < 2 ? 2 : 4);
  const locations: Location[] = [];
  let found = 0;
  for (let index = 0; index < count; index++) {
    const itemId = cursor.number(version < 2 ? 2 : 4);
    const method = version === 0 ? IN_FILE : cursor.number(2) & 15;
    cursor.number(2);
    const base = cursor.number(baseSize);
    const extents: Extent[] = [];
    for (let left = cursor.number(2); left > 0; left--) {
      found += 1;
      // They may take no bytes at all, and so their number has no other bound.
      if (found > EXTENTS_MAX) throw new NotThatImage();
      cursor.number(indexSize);
      const start = base + cursor.number(offsetSize);
      const length = cursor.number(lengthSize);
      // No length means all of it.
      extents.push({ from: start, to: length === 0 ? Number.MAX_SAFE_INTEGER : start + length });
    }
    locations.push({ itemId, method, extents });
  }
  return locations;
}

function blankInside(meta: Uint8Array, idat: Extent | undefined, extents: readonly Extent[]): void {
  if (idat === undefined) throw new NotThatImage();
  for (const { from, to } of extents) {
    if (idat.from + from > idat.to) throw new NotThatImage();
    meta.fill(0, idat.from + from, Math.min(idat.from + to, idat.to));
  }
}
