import { NotThatImage } from "../image-bytes.ts";

/** Of either side, in pixels; the widest panoramas of phones stay below. */
const SIDE_MAX = 20_000;
const PIXELS_MAX = 100_000_000;

/** @throws NotThatImage for a picture of nothing, and for one that whoever opens it could not hold in memory */
export function requireSize(width: number, height: number): void {
  const isSane = width >= 1 && height >= 1 && width <= SIDE_MAX && height <= SIDE_MAX;
  if (!isSane || width * height > PIXELS_MAX) throw new NotThatImage();
}
