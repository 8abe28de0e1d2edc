import { NotThatImage, viewOf, type ImageBytes } from "../image-bytes.ts";
import { describedExtents, type Extent } from "./heic-items.ts";

const BRANDS = new Set(["heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs"]);
/** Boxes with nothing in them that says anything. */
const MUTE = new Set(["free", "skip", "wide"]);
const FTYP_MAX_BYTES = 1024;

interface Box {
  type: string;
  /** Bytes after the header. */
  length: number;
  header: Uint8Array;
}

/**
 * ISO/IEC 23008-12: boxes. `meta` says where the picture's parts lie and which of them describe it; those are blanked in
 * it and in the boxes of data. A description that lies before `meta` has gone by when we learn of it: that is refused.
 */
export async function cleanHeic(image: ImageBytes): Promise<void> {
  const first = await nextBox(image);
  if (first.type !== "ftyp" || first.length > FTYP_MAX_BYTES) throw new NotThatImage();
  const brands = await image.take(first.length);
  if (!isHeic(brands)) throw new NotThatImage();
  await image.give(first.header);
  await image.give(brands);
  let extents: Extent[] | null = null;
  while (image.left > 0) {
    const box = await nextBox(image);
    if (box.type === "meta") {
      if (extents !== null) throw new NotThatImage();
      const content = (await image.take(box.length)).slice();
      extents = describedExtents(content);
      if (extents.some((extent) => extent.from < image.position)) throw new NotThatImage();
      await image.give(box.header);
      await image.give(content);
    } else if (box.type === "mdat" || MUTE.has(box.type)) {
      await image.give(box.header);
      await passBut(image, box.length, extents ?? []);
    } else {
      await hide(image, box);
    }
  }
  if (extents === null) throw new NotThatImage();
}

function isHeic(ftyp: Uint8Array): boolean {
  const view = viewOf(ftyp);
  for (let at = 0; at + 4 <= ftyp.length; at += 4) if (at !== 4 && BRANDS.has(view.text(at, 4))) return true;
  return false;
}

async function nextBox(image: ImageBytes): Promise<Box> {
  const head = await image.take(8);
  const size = viewOf(head).at(0, 4);
  const type = viewOf(head).text(4, 4);
  // 1: the size follows in eight bytes; 0: up to the end.
  if (size === 1) {
    const large = await image.take(8);
    const header = new Uint8Array([...head, ...large]);
    return checked({ type, length: viewOf(large).at(0, 8) - 16, header }, image);
  }
  return checked({ type, length: size === 0 ? image.left : size - 8, header: head }, image);
}

function checked(box: Box, image: ImageBytes): Box {
  if (box.length < 0 || box.length > image.left) throw new NotThatImage();
  return box;
}

/** Films and whatever else phones append: a box of that length in which there is nothing. */
async function hide(image: ImageBytes, box: Box): Promise<void> {
  const header = box.header.slice();
  header.set(new TextEncoder().encode("free"), 4);
  await image.give(header);
  await image.blank(box.length);
}

async function passBut(image: ImageBytes, length: number, extents: readonly Extent[]): Promise<void> {
  const end = image.position + length;
  while (image.position < end) {
    const at = image.position;
    const inside = extents.find(({ from, to }) => from <= at && at < to);
    const next = Math.min(end, ...extents.filter(({ from }) => from > at).map(({ from }) => from));
    if (inside === undefined) await image.pass(next - at);
    else await image.blank(Math.min(inside.to, end) - at);
  }
}
