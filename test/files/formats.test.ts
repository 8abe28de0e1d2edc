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
