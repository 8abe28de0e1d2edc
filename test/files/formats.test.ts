import { expect, it } from "vitest";
import { cleanHeic } from "../../src/files/formats/heic.ts";
import { cleanJpeg } from "../../src/files/formats/jpeg.ts";
import { cleanPng } from "../../src/files/formats/png.ts";
import { cleanWebp } from "../../src/files/formats/webp.ts";
import { ImageBytes } from "../../src/files/image-bytes.ts";
import { AppError } from "../../src/protocol/errors.ts";
import { heic } from "./heic.ts";
import { JPEG, PNG, WEBP } from "./pictures.ts";

type Clean = (image: ImageBytes) => Promise<void>;

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
const latin = (bytes: Uint8Array): string => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
const joined = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
const ascii = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

/** What becomes of `bytes` when they arrive in pieces of `piece`. */
async function cleaned(clean: Clean, bytes: Uint8Array, piece = bytes.length, announced = bytes.length) {
  const source = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += piece) controller.enqueue(bytes.slice(at, at + piece));
      controller.close();
    },
  });
  const out: Uint8Array[] = [];
  const image = new ImageBytes(source, announced, async (part) => void out.push(part.slice()));
  await clean(image);
  await image.end();
  return joined(...out);
}

async function refusal(clean: Clean, bytes: Uint8Array, announced = bytes.length): Promise<string> {
  try {
    await cleaned(clean, bytes, 100, announced);
    return "accepted";
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

const PICTURES: readonly [string, Clean, Uint8Array][] = [
  ["JPEG", cleanJpeg, bytesOf(JPEG)],
  ["PNG", cleanPng, bytesOf(PNG)],
  ["WebP", cleanWebp, bytesOf(WEBP)],
  ["HEIC", cleanHeic, heic()],
];

it.each(PICTURES)(
  "takes out of a %s who, where and with what, whatever pieces it arrives in",
  async (_, clean, bytes) => {
    expect(latin(bytes)).toContain("CANARY");
    const whole = await cleaned(clean, bytes);
    expect(latin(whole)).not.toContain("CANARY");
    expect(whole.length).toBe(bytes.length);
    for (const piece of [1, 2, 3, 50]) expect(await cleaned(clean, bytes, piece)).toEqual(whole);
    // Nothing is left to take out.
    expect(await cleaned(clean, whole)).toEqual(whole);
  },
);

it.each(PICTURES)("blanks what is hung behind a %s", async (name, clean, bytes) => {
  const tail = name === "HEIC" ? joined(Uint8Array.of(0, 0, 0, 18), ascii("mpvdCANARYFILM")) : ascii("CANARYFILM");
  const after = await cleaned(clean, joined(bytes, tail));
  expect(latin(after)).not.toContain("CANARY");
  expect(after.slice(0, bytes.length)).toEqual(await cleaned(clean, bytes));
});

it.each(PICTURES)("takes no lie for a %s, and none that ends early or runs over", async (_, clean, bytes) => {
  for (const [, , other] of PICTURES.filter((picture) => picture[2] !== bytes)) {
    expect(await refusal(clean, other)).toBe("unsupported_media_type");
  }
  expect(await refusal(clean, ascii("<svg onload=alert(1)></svg>"))).toBe("unsupported_media_type");
  expect(await refusal(clean, new Uint8Array(0))).toBe("unsupported_media_type");
  for (const share of [0.1, 0.5, 0.99]) {
    const part = bytes.slice(0, Math.floor(bytes.length * share));
    expect(await refusal(clean, part)).toBe("unsupported_media_type");
    expect(await refusal(clean, part, bytes.length)).toBe("invalid_input");
  }
  expect(await refusal(clean, joined(bytes, bytes), bytes.length)).toBe("payload_too_large");
});

it.each(PICTURES)(
  "ends with a refusal or as many bytes for any %s that is broken somewhere",
  async (_, clean, bytes) => {
    for (let at = 0; at < bytes.length; at += 11) {
      const broken = bytes.slice();
      broken[at] = (broken[at] ?? 0) ^ 0xff;
      expect(["accepted", "unsupported_media_type"]).toContain(await refusal(clean, broken));
    }
  },
);

const u16 = (value: number): number[] => [value >>> 8, value & 255];
const u32 = (value: number): number[] => [...u16(value >>> 16), ...u16(value & 0xffff)];
const little = (value: number, size: number): number[] =>
  Array.from({ length: size }, (_, at) => (value >>> (8 * at)) & 255);

/** The least that passes for a JPEG: one component, and one byte of coded data. */
function tinyJpeg({ width = 9, height = 9, frame = true, scan = true, data = [0x55] } = {}): Uint8Array {
  const header = [0xff, 0xc0, ...u16(11), 8, ...u16(height), ...u16(width), 1, 1, 17, 0];
  return Uint8Array.from([
    0xff,
    0xd8,
    ...(frame ? header : []),
    ...(scan ? [0xff, 0xda, ...u16(8), 1, 1, 0, 0, 63, 0, ...data] : []),
    0xff,
    0xd9,
  ]);
}

function crc32(bytes: readonly number[]): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1;
  }
  return (crc ^ 0xffff_ffff) >>> 0;
}

function tinyPng({
  width = 9,
  height = 9,
  more = 0,
  sum = 0,
  data = [1] as readonly number[] | null,
} = {}): Uint8Array {
  const chunk = (type: string, content: readonly number[], wrong = 0): number[] => {
    const body = [...ascii(type), ...content];
    return [...u32(content.length), ...body, ...u32((crc32(body) ^ wrong) >>> 0)];
  };
  const extra = Array.from({ length: more }, () => 0);
  return Uint8Array.from([
    0x89,
    ...ascii("PNG\r\n\u001a\n"),
    ...chunk("IHDR", [...u32(width), ...u32(height), 8, 2, 0, 0, 0, ...extra], sum),
    ...(data === null ? [] : chunk("IDAT", data)),
    ...chunk("IEND", []),
  ]);
}

function riff(...chunks: [type: string, content: readonly number[]][]): Uint8Array {
  const body = chunks.flatMap(([type, content]) => [...ascii(type), ...little(content.length, 4), ...content]);
  return Uint8Array.from([...ascii("RIFF"), ...little(body.length + 4, 4), ...ascii("WEBP"), ...body]);
}
const vp8 = (width = 9, height = 9, start = 0x9d): number[] => [
  ...little(start << 24, 4),
  1,
  0x2a,
  ...little(width, 2),
  ...little(height, 2),
  0,
  0,
];
const vp8l = (width = 9, height = 9, signature = 0x2f): number[] => [
  signature,
  ...little((width - 1) | ((height - 1) << 14), 4),
  0,
];
const canvas = (width: number, height: number): number[] => [
  2,
  0,
  0,
  0,
  ...little(width - 1, 3),
  ...little(height - 1, 3),
];
const framed = (content: readonly number[]): number[] => [
  ...new Uint8Array(16),
  ...ascii("VP8L"),
  ...little(content.length, 4),
  ...content,
];

const HOLLOW: Readonly<Record<string, readonly [Clean, Uint8Array, boolean]>> = {
  "a small JPEG": [cleanJpeg, tinyJpeg(), true],
  "a JPEG without a frame": [cleanJpeg, tinyJpeg({ frame: false }), false],
  "a JPEG without a scan": [cleanJpeg, tinyJpeg({ scan: false }), false],
  "a JPEG with an empty scan": [cleanJpeg, tinyJpeg({ data: [] }), false],
  "a JPEG of no width": [cleanJpeg, tinyJpeg({ width: 0 }), false],
  "a JPEG that is too high": [cleanJpeg, tinyJpeg({ height: 20_001 }), false],
  "a JPEG of too many pixels": [cleanJpeg, tinyJpeg({ width: 12_000, height: 9_000 }), false],
  "a small PNG": [cleanPng, tinyPng(), true],
  "a PNG with a longer header": [cleanPng, tinyPng({ more: 1 }), false],
  "a PNG with a wrong checksum": [cleanPng, tinyPng({ sum: 1 }), false],
  "a PNG without pixels": [cleanPng, tinyPng({ data: null }), false],
  "a PNG of empty pixels": [cleanPng, tinyPng({ data: [] }), false],
  "a PNG of no height": [cleanPng, tinyPng({ height: 0 }), false],
  "a PNG that is too wide": [cleanPng, tinyPng({ width: 2 ** 31 - 1 }), false],
  "a small lossy WebP": [cleanWebp, riff(["VP8 ", vp8()]), true],
  "a lossy WebP without its mark": [cleanWebp, riff(["VP8 ", vp8(9, 9, 0)]), false],
  "a lossy WebP of no width": [cleanWebp, riff(["VP8 ", vp8(0)]), false],
  "a lossy WebP of a header": [cleanWebp, riff(["VP8 ", vp8().slice(0, 10)]), false],
  "a small lossless WebP": [cleanWebp, riff(["VP8L", vp8l()]), true],
  "a lossless WebP without its mark": [cleanWebp, riff(["VP8L", vp8l(9, 9, 0)]), false],
  "a lossless WebP of too many pixels": [cleanWebp, riff(["VP8L", vp8l(16_000, 16_000)]), false],
  "an animated WebP": [cleanWebp, riff(["VP8X", canvas(9, 9)], ["ANMF", framed(vp8l())]), true],
  "an animated WebP of lies": [cleanWebp, riff(["VP8X", canvas(9, 9)], ["ANMF", framed(vp8l(9, 9, 0))]), false],
  "a WebP of a canvas alone": [cleanWebp, riff(["VP8X", canvas(9, 9)]), false],
  "a WebP of a huge canvas": [cleanWebp, riff(["VP8X", canvas(2 ** 24, 9)], ["VP8L", vp8l()]), false],
};

it.each(Object.entries(HOLLOW))(
  "asks of %s that there is a picture of sane size",
  async (_, [clean, bytes, isGood]) => {
    expect(await refusal(clean, bytes)).toBe(isGood ? "accepted" : "unsupported_media_type");
  },
);

it("leaves the picture itself and which way is up", async () => {
  const bytes = bytesOf(JPEG);
  const after = await cleaned(cleanJpeg, bytes);
  const scan = latin(bytes).indexOf("\u00ff\u00c2");
  expect(after.slice(scan)).toEqual(bytes.slice(scan));
  const exif = latin(after).indexOf("Exif\0\0II*\0");
  expect(exif).toBeGreaterThan(0);
  expect(after.slice(exif + 16, exif + 26)).toEqual(Uint8Array.of(0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0));
});

it("wastes no time on what is made of countless blocks", async () => {
  const fill = joined(Uint8Array.of(0xff, 0xd8), new Uint8Array(200_000).fill(0xff));
  expect(await refusal(cleanJpeg, fill)).toBe("unsupported_media_type");
  const extents = heic();
  // No bytes for an offset, none for a length, and 65,535 extents of the first item.
  const iloc = latin(extents).indexOf("iloc");
  extents.set([0, 0], iloc + 8);
  extents.set([0xff, 0xff], iloc + 18);
  expect(await refusal(cleanHeic, extents)).toBe("unsupported_media_type");
});

it("refuses a HEIC whose description lies before the table that tells of it", async () => {
  expect(await refusal(cleanHeic, heic({ dataFirst: true }))).toBe("unsupported_media_type");
});
