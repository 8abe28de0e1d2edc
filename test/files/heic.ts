type Part = Uint8Array | string | number[];

function bytes(...parts: Part[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) => (typeof part === "string" ? Array.from(part, (char) => char.charCodeAt(0)) : [...part])),
  );
}

const u16 = (value: number): number[] => [value >>> 8, value & 255];
const u32 = (value: number): number[] => [...u16(value >>> 16), ...u16(value & 0xffff)];
const box = (type: string, ...parts: Part[]): Uint8Array => {
  const content = bytes(...parts);
  return bytes(u32(content.length + 8), type, content);
};
const item = (id: number, type: string): Uint8Array => box("infe", [2, 0, 0, 0], u16(id), u16(0), type, "\0");

const PIXELS = "pixels of the picture";
const EXIF = "Exif CANARY-PLACE";
const XMP = "<x CANARY-XMP/>";

/**
 * A file with the boxes of ISO/IEC 23008-12: a coded picture, its Exif beside it in `mdat`, its XMP inside `meta`.
 * @param dataFirst puts `mdat` before `meta`
 */
export function heic({ dataFirst = false }: { dataFirst?: boolean } = {}): Uint8Array {
  const ftyp = box("ftyp", "heic", u32(0), "mif1heic");
  const mdat = box("mdat", PIXELS, EXIF);
  const meta = (dataAt: number): Uint8Array => {
    const location = (id: number, method: number, at: number, length: number): number[] => [
      ...u16(id),
      ...u16(method),
      ...u16(0),
      ...u16(1),
      ...u32(at),
      ...u32(length),
    ];
    return box(
      "meta",
      u32(0),
      box("hdlr", u32(0), u32(0), "pict", new Uint8Array(13)),
      box("pitm", u32(0), u16(1)),
      box("iinf", u32(0), u16(3), item(1, "hvc1"), item(2, "Exif"), item(3, "mime")),
      box(
        "iloc",
        [1, 0, 0, 0],
        [0x44, 0x00],
        u16(3),
        location(1, 0, dataAt, PIXELS.length),
        location(2, 0, dataAt + PIXELS.length, EXIF.length),
        location(3, 1, 0, XMP.length),
      ),
      box("idat", XMP),
    );
  };
  if (dataFirst) return bytes(ftyp, mdat, meta(ftyp.length + 8));
  return bytes(ftyp, meta(ftyp.length + meta(0).length + 8), mdat);
}
