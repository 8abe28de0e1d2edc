import { NotThatImage, viewOf, type ImageBytes } from "../image-bytes.ts";
import { requireSize } from "./size.ts";

const SIGNATURE = "\u0089PNG\r\n\u001a\n";
const HEADER_BYTES = 13;
/** Chunks that decide how the picture looks; all others describe it. APNG's three are among them. */
const SHOWING = new Set(
  "IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs sPLT acTL fcTL fdAT".split(" "),
);

/** PNG, third edition: a signature and chunks of length, type, data and checksum. */
export async function cleanPng(image: ImageBytes): Promise<void> {
  const signature = await image.take(SIGNATURE.length);
  if (viewOf(signature).text(0, SIGNATURE.length) !== SIGNATURE) throw new NotThatImage();
  await image.give(signature);
  let hasPixels = false;
  for (let isFirst = true; ; isFirst = false) {
    const head = await image.take(8);
    const length = viewOf(head).at(0, 4);
    const type = viewOf(head).text(4, 4);
    if (isFirst !== (type === "IHDR")) throw new NotThatImage();
    await image.give(head);
    if (isFirst) await imageHeader(image, head.subarray(4), length);
    else if (SHOWING.has(type)) await image.pass(length + 4);
    else await blankChunk(image, head.subarray(4), length);
    hasPixels ||= type === "IDAT" && length > 0;
    if (type === "IEND") break;
  }
  if (!hasPixels) throw new NotThatImage();
  await image.blank(image.left);
}

/** Width and height in front, and a checksum behind, without which no reader opens the picture. */
async function imageHeader(image: ImageBytes, type: Uint8Array, length: number): Promise<void> {
  if (length !== HEADER_BYTES) throw new NotThatImage();
  const body = await image.take(length + 4);
  const crc = crcOf(body.subarray(0, length), crcOf(type));
  const header = viewOf(body);
  if (header.at(length, 4) !== sumOf(crc)) throw new NotThatImage();
  requireSize(header.at(0, 4), header.at(4, 4));
  await image.give(body);
}

// The checksum is over type and data, so that blank data needs one of its own.
async function blankChunk(image: ImageBytes, type: Uint8Array, length: number): Promise<void> {
  await image.blank(length);
  let crc = crcOf(type);
  for (let index = 0; index < length; index++) crc = nextCrc(crc, 0);
  const sum = sumOf(crc);
  await image.take(4);
  await image.give(Uint8Array.of(sum >>> 24, sum >>> 16, sum >>> 8, sum));
}

const CRC_TABLE = Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1;
  return crc;
});

function crcOf(bytes: Uint8Array, before = 0xffff_ffff): number {
  return bytes.reduce(nextCrc, before);
}

function sumOf(crc: number): number {
  return (crc ^ 0xffff_ffff) >>> 0;
}

/** CRC-32 of ISO 3309, one byte further. */
function nextCrc(crc: number, byte: number): number {
  return (CRC_TABLE[(crc ^ byte) & 255] ?? 0) ^ (crc >>> 8);
}
