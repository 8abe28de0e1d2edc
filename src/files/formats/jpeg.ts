import { NotThatImage, viewOf, type ImageBytes } from "../image-bytes.ts";
import { requireSize } from "./size.ts";

const START = 0xd8;
const END = 0xd9;
const SCAN = 0xda;
const APP0 = 0xe0;
const APP1 = 0xe1;
const APP2 = 0xe2;
const APP14 = 0xee;
const APP15 = 0xef;
const COMMENT = 0xfe;

/** Among the markers of frame headers: tables of codes, a reserved one, and conditions of coding. */
const NO_FRAMES = new Set([0xc4, 0xc8, 0xcc]);

/**
 * ITU-T T.81: a frame header and at least one scan, segments up to the first scan, then coded data between further segments. Of the segments that describe
 * rather than show, only those stay that pictures are wrong without: JFIF, Adobe, the colour profile, and how the camera
 * was held. What follows the picture (a second one, a film) may say where it was taken, too, and is blanked.
 */
export async function cleanJpeg(image: ImageBytes): Promise<void> {
  const start = await image.take(2);
  if (start[0] !== 0xff || start[1] !== START) throw new NotThatImage();
  await image.give(start);
  let hasFrame = false;
  let hasScan = false;
  for (let marker = await nextMarker(image); marker !== END; marker = await nextMarker(image)) {
    if (marker === SCAN && !hasFrame) throw new NotThatImage();
    await segment(image, marker);
    hasFrame ||= isFrame(marker);
    if (marker !== SCAN) continue;
    const from = image.position;
    await codedData(image);
    hasScan ||= image.position > from;
  }
  if (!hasScan) throw new NotThatImage();
  await image.blank(image.left);
}

// Markers may be preceded by any number of fill bytes.
async function nextMarker(image: ImageBytes): Promise<number> {
  const first = await image.take(1);
  if (first[0] !== 0xff) throw new NotThatImage();
  await image.give(first);
  for (;;) {
    const byte = await image.take(1);
    await image.give(byte);
    const marker = byte[0] ?? 0;
    if (marker === 0) throw new NotThatImage();
    if (marker !== 0xff) return marker;
  }
}

function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && !NO_FRAMES.has(marker);
}

function hasNoLength(marker: number): boolean {
  return marker === 0x01 || marker === START || isRestart(marker);
}

async function segment(image: ImageBytes, marker: number): Promise<void> {
  if (hasNoLength(marker)) return;
  const head = await image.take(2);
  const length = viewOf(head).at(0, 2) - 2;
  if (length < 0) throw new NotThatImage();
  await image.give(head);
  if (isFrame(marker)) return frame(image, length);
  const describes = (marker >= APP0 && marker <= APP15) || marker === COMMENT;
  if (!describes || marker === APP0 || marker === APP14) return image.pass(length);
  const body = await image.take(length);
  const isProfile = marker === APP2 && startsWith(body, "ICC_PROFILE\0");
  await image.give(isProfile ? body : marker === APP1 ? onlyOrientation(body) : new Uint8Array(length));
}

/** A frame header: precision, height, width, and how each component is sampled. */
async function frame(image: ImageBytes, length: number): Promise<void> {
  const body = await image.take(length);
  const header = viewOf(body);
  requireSize(header.at(3, 2), header.at(1, 2));
  const components = header.at(5, 1);
  if (components < 1 || length !== 6 + components * 3) throw new NotThatImage();
  await image.give(body);
}

/** Passes coded data up to the next marker that ends it. */
async function codedData(image: ImageBytes): Promise<void> {
  for (let ended = false; !ended;) {
    const code = codeIn(await image.ahead(2));
    await image.pass(code.length);
    ({ ended } = code);
  }
}

/** How many of `bytes` are surely coded data, and whether a marker follows. In coded data 0xff is followed by 0. */
function codeIn(bytes: Uint8Array): { length: number; ended: boolean } {
  for (let at = bytes.indexOf(0xff); at >= 0; at = bytes.indexOf(0xff, at + 2)) {
    const code = bytes[at + 1];
    if (code === undefined) return { length: at, ended: false };
    if (code !== 0 && !isRestart(code)) return { length: at, ended: true };
  }
  return { length: bytes.length, ended: false };
}

function isRestart(marker: number): boolean {
  return marker >= 0xd0 && marker <= 0xd7;
}

const EXIF = "Exif\0\0";
const ORIENTATION = 0x0112;
const SHORT = 3;
const MINIMAL_BYTES = 32;

function startsWith(bytes: Uint8Array, text: string): boolean {
  return bytes.length >= text.length && viewOf(bytes).text(0, text.length) === text;
}

/** As many bytes as `body`, in which nothing is left of it but which way is up. */
function onlyOrientation(body: Uint8Array): Uint8Array {
  const blank = new Uint8Array(body.length);
  const orientation = body.length >= MINIMAL_BYTES && startsWith(body, EXIF) ? orientationOf(body.subarray(6)) : 1;
  if (orientation < 2 || orientation > 8) return blank;
  // TIFF, little-endian, one directory with one entry.
  const tiff = [
    0x49,
    0x49,
    42,
    0,
    8,
    0,
    0,
    0,
    1,
    0,
    0x12,
    0x01,
    SHORT,
    0,
    1,
    0,
    0,
    0,
    orientation,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
  ];
  blank.set(new TextEncoder().encode(EXIF));
  blank.set(tiff, EXIF.length);
  return blank;
}

/** TIFF 6.0: entry 0x0112 of the first directory; 1, upright, when there is none that we understand. */
function orientationOf(tiff: Uint8Array): number {
  const view = viewOf(tiff);
  const order = view.text(0, 2);
  if (order !== "II" && order !== "MM") return 1;
  const little = order === "II";
  try {
    const directory = view.at(4, 4, little);
    const entries = view.at(directory, 2, little);
    for (let index = 0; index < entries; index++) {
      const entry = directory + 2 + index * 12;
      if (view.at(entry, 2, little) === ORIENTATION) return view.at(entry + 8, 2, little);
    }
  } catch (error) {
    // A broken description is no reason to refuse a picture: it is blanked anyway.
    if (!(error instanceof NotThatImage)) throw error;
  }
  return 1;
}
