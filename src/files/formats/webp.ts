import { NotThatImage, viewOf, type ImageBytes } from "../image-bytes.ts";
import { requireSize } from "./size.ts";

const SHOWING = new Set(["ALPH", "ANIM", "ICCP"]);
/** In the extended header: whether Exif, 8, and XMP, 4, follow. */
const SAYS_DESCRIBED = 0b1100;
const FRAME_HEADER_BYTES = 16;
const SIDE_BITS = 14;

interface Chunk {
  type: string;
  length: number;
}

/** WebP container (RIFF): chunks of type, length and data, padded to an even length. */
export async function cleanWebp(image: ImageBytes): Promise<void> {
  const head = await image.take(12);
  const view = viewOf(head);
  const end = view.at(4, 4, true) + 8;
  if (view.text(0, 4) !== "RIFF" || view.text(8, 4) !== "WEBP" || end > image.left + 12) throw new NotThatImage();
  await image.give(head);
  let hasPixels = false;
  for (let isFirst = true; image.position < end; isFirst = false) {
    const chunk = await nextChunk(image);
    if (isFirst && !["VP8 ", "VP8L", "VP8X"].includes(chunk.type)) throw new NotThatImage();
    if (chunk.type === "VP8X") await extendedHeader(image, chunk.length);
    else if (chunk.type === "ANMF") hasPixels = (await animationFrame(image, chunk.length)) || hasPixels;
    else hasPixels = (await content(image, chunk)) || hasPixels;
    if (chunk.length % 2 === 1) await image.pass(1);
  }
  if (!hasPixels) throw new NotThatImage();
  await image.blank(image.left);
}

async function nextChunk(image: ImageBytes): Promise<Chunk> {
  const head = await image.take(8);
  const chunk = { type: viewOf(head).text(0, 4), length: viewOf(head).at(4, 4, true) };
  await image.give(head);
  return chunk;
}

/** @returns whether it was the pixels of a picture */
async function content(image: ImageBytes, { type, length }: Chunk): Promise<boolean> {
  if (type === "VP8 ") await lossy(image, length);
  else if (type === "VP8L") await lossless(image, length);
  else if (SHOWING.has(type)) await image.pass(length);
  else await image.blank(length);
  return type === "VP8 " || type === "VP8L";
}

/** RFC 6386, 9.1: a key frame has its bit clear, then three bytes that are always the same, then its size. */
async function lossy(image: ImageBytes, length: number): Promise<void> {
  const header = await image.take(10);
  const view = viewOf(header);
  const isKeyFrame = (view.at(0, 1) & 1) === 0;
  if (length <= 10 || !isKeyFrame || view.text(3, 3) !== "\u009d\u0001\u002a") throw new NotThatImage();
  const side = (at: number): number => view.at(at, 2, true) % 2 ** SIDE_BITS;
  requireSize(side(6), side(8));
  await image.give(header);
  await image.pass(length - 10);
}

/** The lossless format: a byte that is always the same, then width and height, each less one. */
async function lossless(image: ImageBytes, length: number): Promise<void> {
  const header = await image.take(5);
  const view = viewOf(header);
  if (length <= 5 || view.at(0, 1) !== 0x2f) throw new NotThatImage();
  const sides = view.at(1, 4, true);
  requireSize((sides % 2 ** SIDE_BITS) + 1, ((sides >>> SIDE_BITS) % 2 ** SIDE_BITS) + 1);
  await image.give(header);
  await image.pass(length - 5);
}

/** One picture of an animation: where it belongs, and chunks of its own. */
async function animationFrame(image: ImageBytes, length: number): Promise<boolean> {
  const end = image.position + length;
  await image.pass(FRAME_HEADER_BYTES);
  let hasPixels = false;
  while (image.position < end) {
    const chunk = await nextChunk(image);
    hasPixels = (await content(image, chunk)) || hasPixels;
    if (chunk.length % 2 === 1) await image.pass(1);
  }
  if (image.position !== end) throw new NotThatImage();
  return hasPixels;
}

async function extendedHeader(image: ImageBytes, length: number): Promise<void> {
  const header = (await image.take(length)).slice();
  const view = viewOf(header);
  const side = (at: number): number => view.at(at, 2, true) + view.at(at + 2, 1) * 2 ** 16 + 1;
  requireSize(side(4), side(7));
  header[0] = (header[0] ?? 0) & ~SAYS_DESCRIBED;
  await image.give(header);
}
