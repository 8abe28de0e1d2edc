import { crc32, deflateSync } from "node:zlib";

const WIDTH = 480;
const HEIGHT = 360;
const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Eight bits each of red, green and blue; no palette, no interlacing. */
const HEADER_END = [8, 2, 0, 0, 0];
/** Each row says how it differs from the one above, which packs slow gradients well. */
const FILTER_UP = 2;

type Colour = readonly [red: number, green: number, blue: number];

/** The colour of a point; both coordinates from 0 (left, top) to 1. */
type Painting = (x: number, y: number) => Colour;

/** An evening by the water: the sun just above the horizon, and its track. */
export function sunsetOverRiver(): Uint8Array {
  const horizon = 0.62;
  return png((x, y) => {
    const sun = Math.hypot((x - 0.58) * 1.33, y - 0.54);
    const glow = Math.max(0, 1 - sun * 1.9);
    if (y < horizon) {
      if (sun < 0.075) return [255, 236, 196];
      return mixed(mixed([58, 46, 96], [244, 150, 98], y / horizon), [255, 214, 150], glow * glow);
    }
    const depth = (y - horizon) / (1 - horizon);
    const wave = Math.sin(y * 190 + Math.sin(x * 23) * 2.2) * 0.5 + 0.5;
    const track = Math.max(0, 1 - Math.abs(x - 0.58) * (9 - 5 * depth)) * wave;
    return mixed(mixed([196, 112, 92], [34, 34, 72], Math.sqrt(depth)), [255, 222, 168], track * 0.8);
  });
}

/** A dark house with one lit window. */
export function lampInWindow(): Uint8Array {
  return png((x, y) => {
    const inWindow = x > 0.36 && x < 0.64 && y > 0.24 && y < 0.72;
    const bar = Math.abs(x - 0.5) < 0.008 || Math.abs(y - 0.47) < 0.01;
    if (inWindow && !bar) {
      const near = Math.max(0, 1 - Math.hypot((x - 0.56) * 1.33, y - 0.58) * 2.4);
      return mixed([196, 118, 52], [255, 240, 190], near);
    }
    const light = Math.max(0, 1 - Math.hypot((x - 0.5) * 1.33, y - 0.48) * 1.5);
    return mixed(mixed([16, 18, 38], [36, 32, 60], y), [150, 92, 60], light * light * 0.55);
  });
}

function mixed(from: Colour, to: Colour, share: number): Colour {
  const at = (index: 0 | 1 | 2): number => from[index] + (to[index] - from[index]) * share;
  return [at(0), at(1), at(2)];
}

function png(painting: Painting): Uint8Array {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(WIDTH, 0);
  header.writeUInt32BE(HEIGHT, 4);
  const rows = deflateSync(rowsOf(painting));
  return Buffer.concat([
    Buffer.from(SIGNATURE),
    chunk("IHDR", Buffer.concat([header, Buffer.from(HEADER_END)])),
    chunk("IDAT", rows),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function rowsOf(painting: Painting): Uint8Array {
  const stride = WIDTH * 3;
  const rows = new Uint8Array((stride + 1) * HEIGHT);
  let above = new Uint8Array(stride);
  for (let y = 0; y < HEIGHT; y++) {
    const row = new Uint8Array(stride);
    for (let x = 0; x < WIDTH; x++) row.set(painting(x / WIDTH, y / HEIGHT).map(Math.round), x * 3);
    const start = y * (stride + 1);
    rows[start] = FILTER_UP;
    for (let index = 0; index < stride; index++) rows[start + 1 + index] = (row[index] ?? 0) - (above[index] ?? 0);
    above = row;
  }
  return rows;
}

/** PNG, third edition: length, type, data, and the checksum of type and data. */
function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}
