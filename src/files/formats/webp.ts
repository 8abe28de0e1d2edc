import { NotThatImage, viewOf, type ImageBytes } from "../image-bytes.ts";

const SHOWING = new Set(["VP8 ", "VP8L", "ALPH", "ANIM", "ANMF", "ICCP"]);
/** In the extended header: whether Exif, 8, and XMP, 4, follow. */
const SAYS_DESCRIBED = 0b1100;

/** WebP container (RIFF): chunks of type, length and data, padded to an even length. */
export async function cleanWebp(image: ImageBytes): Promise<void> {
  const head = await image.take(12);
  const view = viewOf(head);
  const end = view.at(4, 4, true) + 8;
  if (view.text(0, 4) !== "RIFF" || view.text(8, 4) !== "WEBP" || end > image.left + 12) throw new NotThatImage();
  await image.give(head);
  for (let isFirst = true; image.position < end; isFirst = false) {
    const chunk = await image.take(8);
    const type = viewOf(chunk).text(0, 4);
    const length = viewOf(chunk).at(4, 4, true);
    if (isFirst && !["VP8 ", "VP8L", "VP8X"].includes(type)) throw new NotThatImage();
    await image.give(chunk);
    if (type === "VP8X") await extendedHeader(image, length);
    else if (SHOWING.has(type)) await image.pass(length);
    else await image.blank(length);
    if (length % 2 === 1) await image.pass(1);
  }
  await image.blank(image.left);
}

async function extendedHeader(image: ImageBytes, length: number): Promise<void> {
  const header = (await image.take(length)).slice();
  header[0] = (header[0] ?? 0) & ~SAYS_DESCRIBED;
  await image.give(header);
}
